// Copies what is shown once. Without a clipboard the text is selected, to be copied by hand.
const token = document.getElementById("token");
const button = document.getElementById("copy");
if (token) {
  token.addEventListener("focus", () => token.select());
  token.select();
  button.hidden = false;
  button.addEventListener("click", async () => {
    token.select();
    try {
      await navigator.clipboard.writeText(token.value);
      document.getElementById("copied").textContent = button.dataset.copied;
    } catch { token.focus(); }
  });
}
