import { night } from "./night.js";

night();
// In the language that the console was last read in here, else in that of the browser; in all of them where it is none of these.
const sections = [...document.querySelectorAll("section[lang]")];
const own = [localStorage.getItem("language"), navigator.language].map((tag) => sections.find((one) => tag?.startsWith(one.lang))).find(Boolean);
for (const one of sections) one.hidden = Boolean(own) && one !== own;
if (own) document.documentElement.lang = own.lang;
document.title = `${(own ?? sections[0]).querySelector("h1").textContent} – rempart`;
for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => location.reload());
