import { badges, follow, personal } from "./live.js";
import { acts } from "./act.js";
import { night } from "./night.js";
import { sound } from "./sound.js";
import { verifying } from "./journal.js";

night();
if (document.body.dataset.proof) {
  acts();
  personal(document);
  badges();
  follow();
  const head = document.querySelector(".head");
  new ResizeObserver(() => document.documentElement.style.setProperty("--head", `${head.offsetHeight}px`)).observe(head);
  sound();
  verifying();
}
document.documentElement.dataset.ready = "";
if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
}
