// Orders: each press is one order with an id of its own; a dangerous one is held for a second.
import { lost, now } from "./live.js";

const PART = "application/vnd.rempart.part";
const PATIENCE_MS = 12000;
const TWICE_MS = 400;
let pressed = -Infinity;

export function acts() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.act")) return;
    event.preventDefault();
    if (form.querySelector("[data-hold]") && !form.dataset.held) return;
    delete form.dataset.held;
    // The second half of a double click may land on another button: what was pressed has moved the page.
    const twice = performance.now() - pressed < TWICE_MS;
    pressed = performance.now();
    if (!twice || form.elements.action?.value === "lockdown") send(form);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) open(document.getElementById(opener.dataset.opens));
    const folder = event.target.closest("[data-unfolds]");
    if (folder) folder.setAttribute("aria-expanded", String(document.getElementById(folder.dataset.unfolds).classList.toggle("unfolded")));
    if (event.target.closest("#lockdown-open")) openLockdown();
    visitDevice(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") visitDevice(event.target, event);
    if (event.key === "F9" && !event.repeat) { event.preventDefault(); openLockdown(); }
  });
  document.querySelectorAll("[data-hold]").forEach(hold);
}

function visitDevice(target, event) {
  const device = target.closest(".plan [data-device]");
  if (!device) return;
  event?.preventDefault();
  location.assign(`/devices/${encodeURIComponent(device.dataset.device)}`);
}

function openLockdown() {
  const dialog = document.getElementById("lockdown");
  if (dialog.open) dialog.querySelector("button").focus();
  else if (!document.getElementById("lockdown-open").disabled) dialog.showModal();
}

// What is decided in a dialog is decided on what was seen as it opened.
function open(dialog) {
  for (const form of dialog?.querySelectorAll("form.act[data-device]") ?? []) {
    const seen = document.querySelector(`.version[data-device="${CSS.escape(form.dataset.device)}"]`);
    if (seen && form.elements.seen.value) form.elements.seen.value = seen.dataset.version;
    // Who confirms what another one has asked for reads who that was.
    const wish = document.querySelector(`.wish[data-action="${CSS.escape(form.elements.action.value)}"] p`);
    for (const note of dialog.querySelectorAll("[data-wish]")) note.textContent = wish?.textContent ?? "";
  }
  dialog?.showModal();
}

// An id that nobody else has made, also where there is no TLS and therefore no crypto.randomUUID.
function fresh() {
  const [...bytes] = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function send(form) {
  const body = new FormData(form);
  if (lost() && body.get("action") !== "lockdown") return;
  body.set("id", fresh());
  body.set("sent", now() ?? "");
  form.closest("dialog")?.close();
  const place = document.getElementById(form.dataset.answers ?? "orders");
  const waiting = document.createElement("article");
  waiting.className = "order";
  waiting.textContent = "…";
  place.prepend(waiting);
  try {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST", body: new URLSearchParams(body), headers: { Accept: PART }, redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    if (answer.ok) {
      // The stream may have told of it before, and have made this place anew.
      if (document.getElementById(`order-${body.get("id")}`)) waiting.remove();
      else if (waiting.isConnected) waiting.outerHTML = text;
      else place.insertAdjacentHTML("afterbegin", text);
    } else tell(waiting, body.get("id"), new DOMParser().parseFromString(text, "text/html").querySelector("main")?.textContent ?? text);
  } catch { tell(waiting, body.get("id"), document.getElementById("orders").dataset.unanswered); }
}

// What became of an order that has no place among the orders stays until the stream tells of that order.
function tell(waiting, id, text) {
  const note = document.createElement("article");
  note.className = "order unknown";
  note.dataset.order = id;
  const said = document.createElement("span"), seen = document.createElement("button");
  said.textContent = text;
  seen.type = "button";
  seen.textContent = document.getElementById("unanswered").dataset.seen;
  seen.addEventListener("click", () => note.remove());
  note.append(said, seen);
  document.getElementById("unanswered").prepend(note);
  waiting.remove();
}

function hold(button) {
  let began, frame;
  const form = button.form;
  const step = () => {
    if (button.disabled) { stop(); return; }
    const share = Math.min(1, (performance.now() - began) / Number(button.dataset.hold));
    button.style.setProperty("--held", `${share * 100}%`);
    if (share < 1) { frame = requestAnimationFrame(step); return; }
    stop();
    form.dataset.held = "yes";
    form.requestSubmit();
  };
  const start = () => { if (began === undefined && !button.disabled) { began = performance.now(); frame = requestAnimationFrame(step); } };
  const stop = () => { cancelAnimationFrame(frame); began = undefined; button.style.setProperty("--held", "0%"); };
  button.addEventListener("pointerdown", (event) => {
    // A finger that slides off lets go, as a mouse does.
    button.releasePointerCapture?.(event.pointerId);
    if (event.button === 0) start();
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(name, stop);
  button.addEventListener("keydown", (event) => { if (event.key === " " || event.key === "Enter") { event.preventDefault(); if (!event.repeat) start(); } });
  button.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") { event.preventDefault(); stop(); } });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  // Without this script it could not be held, and would be a button like any other.
  button.disabled = false;
}
