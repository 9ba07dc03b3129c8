// What on this page was never given to a catalogue: text and attributes that people read, with a letter outside ⟦⟧.
() => {
  const ATTRIBUTES = ["title", "aria-label", "aria-description", "placeholder", "alt", "label"];
  const found = [];
  const foreign = (element) => element.closest('[translate="no"], script, style');
  const outside = (text, depth = 0) => {
    let plain = "";
    for (const letter of text) {
      if (letter === "⟦") depth += 1;
      else if (letter === "⟧") depth -= 1;
      else if (depth === 0) plain += letter;
    }
    return [plain, depth];
  };
  const words = (plain) => /\p{L}{2,}/u.test(plain.replace(/\bR\d\d\b|\bP\d\b/g, ""));
  let depth = 0;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (foreign(node.parentElement)) continue;
    let plain;
    [plain, depth] = outside(node.data, depth);
    if (words(plain)) found.push(`${node.parentElement.outerHTML.slice(0, 160)}: ${plain.trim()}`);
  }
  for (const element of document.querySelectorAll("*")) {
    if (foreign(element)) continue;
    const read = [...element.attributes].filter(({ name, value }) =>
      ATTRIBUTES.includes(name) || (name.startsWith("data-") && /\p{L}{2,} /u.test(value)));
    for (const { name, value } of read) if (words(outside(value)[0])) found.push(`${element.outerHTML.slice(0, 160)}: ${name}="${value}"`);
  }
  return found;
}
