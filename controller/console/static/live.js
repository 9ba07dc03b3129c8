// The parts of the page as they change. A page that hears nothing for two seconds says so, and gives no orders.
const LOST_MS = 2000;
// Two clocks: one stands still while a machine sleeps, the other may be set.
const clocks = () => ({ wall: Date.now(), steady: performance.now() });
const elapsed = (then) => Math.max(Date.now() - then.wall, performance.now() - then.steady);
let heard = clocks(), known = heard.wall;
// A connection that is silent for so long is given up, whatever the browser takes it for.
const DEAD_MS = 5000;
let beat, stream, again, tried = heard;
// The least that this clock was ahead of the console's at a pulse: a pulse that comes later than that was kept on its way.
let least = Infinity, late = false;
// How far two clocks may run apart, of the time that passes.
const DRIFT = 0.0007;
// A browser has few connections to one host: of the pages that nobody looks at one keeps its stream, to sound.
let leading = !navigator.locks;

const SETTLE_MS = 400;

export const lost = () => document.body.hasAttribute("data-lost");

// When it is now by the clock of the console, as far as its last pulse tells: an order that is long under way is not taken.
export const now = () => beat && (beat.at + (beat.kept + elapsed(beat)) / 1000).toFixed(3);

export function follow() {
  listen();
  navigator.locks?.request("rempart-stream", () => {
    leading = true;
    if (stream.readyState === EventSource.CLOSED) listen();
    return new Promise(() => {});
  });
  document.addEventListener("visibilitychange", () => {
    if (resting()) stream.close();
    else if (stream.readyState === EventSource.CLOSED) listen();
  });
  setInterval(() => {
    if (!lost() && elapsed(heard) > LOST_MS) show("stream");
    if (Math.min(elapsed(heard), elapsed(tried)) > DEAD_MS) stream.close();
    if (stream.readyState === EventSource.CLOSED && !resting()) again ??= setTimeout(resume, 1000);
  }, 200);
}

const resting = () => document.hidden && !leading;

function listen() {
  tried = clocks();
  const { view, of } = document.body.dataset;
  stream = new EventSource(`/events?${new URLSearchParams({ view, of })}`);
  stream.addEventListener("part", (event) => take(event, part));
  stream.addEventListener("mark", (event) => take(event, mark));
  stream.addEventListener("pulse", (event) => take(event, pulse));
  stream.addEventListener("ended", login);
  stream.addEventListener("lost", () => { heard = clocks(); show("controller"); });
}

async function resume() {
  try {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" });
    // Its clock may have stood still or begun anew; an answer is not kept on its way as a stream may be.
    const at = Number(answer.headers.get("X-Rempart-At"));
    if (at) least = performance.now() - at * 1000;
    if (answer.type === "opaqueredirect") login();
    if (answer.status === 503) show("controller");
  } catch { /* still lost, as the page says */ }
  again = undefined;
  listen();
}

function login() { location.assign(`/login?why=ended&next=${encodeURIComponent(location.pathname + location.search)}`); }

function take(event, use) {
  use(JSON.parse(event.data));
  if (late) { show("stream"); return; }
  heard = clocks();
  known = heard.wall;
  show("");
}

function pulse({ at }) {
  const ahead = performance.now() - at * 1000;
  least = Math.min(least + (beat ? elapsed(beat) * DRIFT : 0), ahead);
  beat = { at, kept: ahead - least, ...clocks() };
  late = beat.kept > LOST_MS;
}

const name = (one) => [one.id, one.getAttribute("href"), one.getAttribute("formaction"), one.dataset.opens].join("|");

function part({ id, text }) {
  const element = document.getElementById(id);
  if (!element) return;
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused && name(focused);
  const open = [...element.querySelectorAll("details[open]")].map((one) => one.id), before = places(element);
  element.innerHTML = text;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (key) [...element.querySelectorAll("a, button, summary")].find((one) => name(one) === key)?.focus();
  for (const { dataset } of element.querySelectorAll(".version[data-device]")) {
    for (const form of document.querySelectorAll(`form.act[data-device="${CSS.escape(dataset.device)}"]`)) {
      if (form.elements.seen.value && !form.closest("dialog[open], #custody-act")) form.elements.seen.value = dataset.version;
    }
  }
  for (const note of document.querySelectorAll("#unanswered [data-order]")) {
    if (document.getElementById(`order-${note.dataset.order}`)) note.remove();
  }
  if (id === "passage-list") for (const told of document.querySelectorAll("#asked article")) follows(told, document.getElementById(told.id.replace("asked-", "passage-")));
  personal(element);
  if (before !== places(element)) settle(element);
  document.dispatchEvent(new CustomEvent("rempart:part", { detail: id }));
}

// What was answered goes on as the list below it does.
function follows(told, latest) {
  if (!latest) return;
  told.className = latest.className;
  told.dataset.stage = latest.dataset.stage;
  told.innerHTML = latest.innerHTML;
  told.querySelector(".acts")?.remove();
}

// Where what can be pressed lies, one above the other.
const place = (one) => [name(one), one.value, one.form?.elements.target?.value, one.form?.elements.action?.value].join("|");
const places = (element) => [...element.querySelectorAll("a, button, summary")].map(place).join("\n");

// A finger on its way was meant for what lay there before: what has moved takes nothing for a moment, but from the keyboard.
export function settle(element) {
  // Not longer because it moves again: a list in a flood has to be pressed, too.
  if (element.classList.contains("settling")) return;
  element.classList.add("settling");
  setTimeout(() => element.classList.remove("settling"), SETTLE_MS);
}

// A part is the same for everybody: what is not for whoever asked is hidden here.
export function personal(element) {
  for (const one of element.querySelectorAll("[data-not-for]")) one.hidden = one.dataset.notFor === document.body.dataset.user;
}

const SIGNS = { unknown: "?", fault: "▲", alert: "▲", moving: "↕" };

function mark({ text }) {
  const { device, look, old, label } = JSON.parse(text);
  const group = document.querySelector(`.plan [data-device="${CSS.escape(device)}"]`);
  if (!group) return;
  group.dataset.look = look;
  group.classList.toggle("old", old);
  group.setAttribute("aria-label", label);
  const title = group.querySelector("title");
  if (title) title.textContent = label;
  badge(group, old ? "?" : SIGNS[look]);
}

// What is abnormal carries a sign beside its colour, in the middle of what is drawn.
function badge(group, sign) {
  group.querySelector(".badge")?.remove();
  const drawn = sign && [...group.querySelectorAll(".body, .loop")].map((one) => one.getBBox()).filter((box) => box.width);
  if (!drawn?.length) return;
  const left = Math.min(...drawn.map((box) => box.x)), right = Math.max(...drawn.map((box) => box.x + box.width));
  const top = Math.min(...drawn.map((box) => box.y)), bottom = Math.max(...drawn.map((box) => box.y + box.height));
  const text = document.createElementNS(group.namespaceURI, "text");
  text.classList.add("badge");
  text.setAttribute("aria-hidden", "true");
  text.setAttribute("x", (left + right) / 2);
  text.setAttribute("y", (top + bottom) / 2 + 7);
  text.textContent = sign;
  group.append(text);
}

export function badges() {
  for (const group of document.querySelectorAll(".plan [data-device]")) badge(group, SIGNS[group.dataset.look]);
}

// `why` is "stream" where this page hears nothing, "controller" where the console says that it does not, and "" where all is well.
function show(why) {
  const before = document.body.dataset.lost ?? "";
  if (why === before) return;
  if (why) document.body.dataset.lost = why;
  else delete document.body.dataset.lost;
  const bar = document.getElementById("lost");
  bar.hidden = !why;
  if (why) for (const one of bar.querySelectorAll("[data-why]")) one.hidden = one.dataset.why !== why;
  const since = document.getElementById("lost-since");
  const { lang, dataset: { zone } } = document.documentElement;
  const clock = new Date(known).toLocaleTimeString(lang, { timeStyle: "medium", hourCycle: "h23", timeZone: zone });
  since.textContent = `${since.dataset.since} ${clock}`;
  document.dispatchEvent(new CustomEvent("rempart:lost"));
  if (why && before) return;
  // An emergency needs no view of the site, and may get through where the stream does not.
  for (const button of document.querySelectorAll("form.act button:not(#lockdown *), button[data-opens], button[form]")) {
    if (why) { button.dataset.was = button.disabled ? "disabled" : ""; button.disabled = true; }
    else if (button.dataset.was !== undefined) { button.disabled = button.dataset.was === "disabled"; delete button.dataset.was; }
  }
}
