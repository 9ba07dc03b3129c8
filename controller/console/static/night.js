// Night: chosen by hand, kept in this browser, else as the system has it.
export function night() {
  const button = document.getElementById("night");
  const kept = localStorage.getItem("night");
  set(kept === null ? matchMedia("(prefers-color-scheme: dark)").matches : kept === "yes");
  button?.addEventListener("click", () => {
    const now = !document.documentElement.hasAttribute("data-night");
    localStorage.setItem("night", now ? "yes" : "no");
    set(now);
  });
  function set(now) {
    document.documentElement.toggleAttribute("data-night", now);
    button?.setAttribute("aria-pressed", String(now));
  }
}
