import { badges, follow, personal } from "./live.js";
import { acts } from "./act.js";
import { custody } from "./custody.js";
import { night } from "./night.js";
import { sound } from "./sound.js";
import { verifying } from "./journal.js";

night();
if (document.body.dataset.proof) {
  acts();
  custody();
  personal(document);
  badges();
  follow();
  measured("--head", document.querySelector(".head"));
  measured("--orders", document.querySelector(".orders"), uncover);
  sound();
  verifying();
}

// What stays in view must not lie over what has the focus.
function measured(name, element, then = () => {}) {
  new ResizeObserver(() => {
    document.documentElement.style.setProperty(name, `${element.offsetHeight}px`);
    then(element);
  }).observe(element);
}

function uncover(bar) {
  if (bar.scrollHeight > bar.clientHeight) bar.tabIndex = 0;
  else bar.removeAttribute("tabindex");
  // Under a finger or a mouse nothing moves by itself.
  const focused = document.activeElement;
  if (focused?.matches("main :focus-visible")) focused.scrollIntoView({ block: "nearest" });
}

// For the page that is shown without a connection.
localStorage.setItem("language", document.documentElement.lang);
document.documentElement.dataset.ready = "";
if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
}
