// A page that asks for one act offers it for as long as the list above does, and does not lead to itself.
export function custody() {
  const form = document.getElementById("custody-act"), over = document.getElementById("custody-over");
  if (!form) return;
  const look = () => {
    const ways = [...document.querySelectorAll(".custody .acts a")];
    for (const way of ways) way.hidden = way.pathname === location.pathname;
    const possible = ways.some((way) => way.pathname.endsWith(`/${form.elements.action.value}`));
    const inside = form.contains(document.activeElement);
    form.hidden = !possible;
    over.hidden = possible;
    if (inside && !possible) over.focus();
  };
  document.addEventListener("rempart:part", look);
  look();
}
