// The sound of alarms that nobody has acknowledged (R23), and of a page that is lost: its alarms would not be heard. A browser
// lets a page sound only after somebody has pressed something in it; until then, and while it is muted, the strip says so. What
// is to be heard is in the strip, which is live.
import { lost } from "./live.js";

const VOLUME = 0.2;
const TONE_HZ = 660;
const PULSES_HZ = 2;
let context, playing, pattern = "";

const strip = () => document.querySelector("#strip [data-sounding]")?.dataset;
const wanted = () => (lost() ? "pulsing" : strip()?.sounding ?? "");

// Somebody mutes what there is to be heard; what is to be heard besides was not muted (ISA-18.2: alarms are silenced, not the horn).
const MUTED = "muted-of";
const heard = () => ({ alarms: (strip()?.heard ?? "").split(" ").filter(Boolean), lost: lost() });
const kept = () => JSON.parse(sessionStorage.getItem(MUTED));
const keep = (what) => sessionStorage.setItem(MUTED, JSON.stringify(what));
function muted() {
  const of = kept(), now = heard();
  return of !== null && now.alarms.every((one) => of.alarms.includes(one)) && (of.lost || !now.lost);
}

export function sound() {
  if (!("AudioContext" in window)) return;
  const button = document.querySelector("#sound button");
  context = new AudioContext();
  context.addEventListener("statechange", () => update(button));
  document.addEventListener("rempart:part", (event) => { if (event.detail === "strip") update(button); });
  document.addEventListener("rempart:lost", () => {
    found();
    update(button);
  });
  for (const gesture of ["pointerdown", "keydown"]) {
    document.addEventListener(gesture, (event) => { if (!button.contains(event.target)) enable(); }, { capture: true });
  }
  button.addEventListener("click", () => {
    if (context.state !== "running") { sessionStorage.removeItem(MUTED); enable(); }
    else if (muted()) sessionStorage.removeItem(MUTED);
    else keep(heard());
    update(button);
  });
  found();
  update(button);
}

// What is not lost any more has to be muted anew when it is again.
function found() {
  const of = kept();
  if (of?.lost && !lost()) keep({ ...of, lost: false });
}

function enable() {
  if (context.state !== "running") context.resume().catch(() => {});
}

function update(button) {
  const running = context.state === "running";
  if (!muted()) sessionStorage.removeItem(MUTED);
  const state = muted() ? "muted" : running ? "on" : "off";
  button.textContent = button.dataset[state];
  button.parentElement.dataset.state = state;
  button.parentElement.hidden = false;
  play(state === "on" ? wanted() : "");
  document.body.dataset.audio = context.state;
  document.body.dataset.sounding = state === "on" || wanted() === "" ? wanted() : state;
}

function play(now) {
  if (now === pattern) return;
  pattern = now;
  playing?.forEach((one) => one.stop());
  playing = undefined;
  if (!now) return;
  const tone = new OscillatorNode(context, { frequency: TONE_HZ });
  const level = new GainNode(context, { gain: now === "pulsing" ? VOLUME / 2 : VOLUME });
  tone.connect(level).connect(context.destination);
  playing = [tone];
  if (now === "pulsing") {
    const beat = new OscillatorNode(context, { type: "square", frequency: PULSES_HZ });
    beat.connect(new GainNode(context, { gain: VOLUME / 2 })).connect(level.gain);
    playing.push(beat);
  }
  playing.forEach((one) => one.start());
}
