import { settle } from "./live.js";

// A page that asks for one act offers it for as long as the list above does, and does not lead to itself. What is decided on what
// was seen is offered for as long as that is what there is: else the controller would refuse it, or the page ask for something else.
export function custody() {
  const form = document.getElementById("custody-act");
  if (!form) return;
  const { action, seen } = form.elements;
  const shown = [form, document.getElementById("custody-changed"), document.getElementById("custody-over")];
  const look = () => {
    const ways = [...document.querySelectorAll(".custody .acts a")];
    for (const way of ways) way.hidden = way.pathname === location.pathname;
    const version = document.querySelector(`.custody .version[data-device="${CSS.escape(form.dataset.device)}"]`)?.dataset.version;
    const possible = ways.some((way) => way.pathname.endsWith(`/${action.value}`));
    const now = shown[!possible ? 2 : seen.value && version !== seen.value ? 1 : 0];
    if (!now.hidden) return;
    const inside = shown.some((one) => one.contains(document.activeElement));
    for (const one of shown) one.hidden = one !== now;
    settle(now);
    if (inside) (now === form ? form.querySelector("input:not([type=hidden])") : now).focus();
  };
  // Who still holds the key that has done it scrolls nothing away.
  for (const one of shown.slice(1)) one.addEventListener("keydown", (event) => { if (event.repeat) event.preventDefault(); });
  document.addEventListener("rempart:part", look);
  look();
}
