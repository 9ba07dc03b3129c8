import { night } from "./night.js";

night();
// What the reader's own language says comes first.
const own = document.querySelector(`p[lang="${navigator.language.slice(0, 2)}"]`);
if (own) {
  own.style.fontWeight = "700";
  document.querySelector("h1").after(own);
}
document.getElementById("again").addEventListener("click", () => location.reload());
