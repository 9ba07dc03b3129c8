// The chain of the journal, checked part by part: each request is a second's work for the controller, and the next waits for it.
const PART = "application/vnd.rempart.part";
const AGAIN_MS = 1000;

export function verifying() {
  const form = document.getElementById("verify");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const place = document.getElementById("verdict");
    button.disabled = true;
    place.setAttribute("aria-busy", "true");
    try { await walk(form.getAttribute("action"), place); } finally {
      button.disabled = false;
      place.setAttribute("aria-busy", "false");
    }
  });
}

async function walk(address, place) {
  for (let onward = ""; ;) {
    const answer = await fetch(onward ? `${address}?${onward}` : address, { headers: { Accept: PART } });
    if (answer.status === 503) { await new Promise((go) => setTimeout(go, AGAIN_MS)); continue; }
    const text = await answer.text();
    if (!answer.ok || answer.redirected) { place.textContent = new DOMParser().parseFromString(text, "text/html").querySelector("main")?.textContent ?? text; return; }
    place.innerHTML = text;
    onward = place.querySelector("[data-onward]").dataset.onward;
    if (!onward) return;
  }
}
