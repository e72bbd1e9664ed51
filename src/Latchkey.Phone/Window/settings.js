// @ts-check
// One page of the settings, as the phone lists it.

/** @param {HTMLElement} place @param {any} view */
export function draw(place, view) {
  if (!view.page) return;
  const focused = place.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
  const title = document.createElement("h1");
  title.textContent = view.page.title;
  place.replaceChildren(...(view.back ? [back(view.back)] : []), title, ...view.page.lines.map(line));
  if (focused) /** @type {HTMLElement | null} */ (place.querySelector(`[data-key="${focused}"]`))?.focus();
}

/** @param {string} to */
function back(to) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "back";
  button.textContent = "‹ Back";
  button.addEventListener("click", () => fetch(`settings/${to}`, { method: "POST" }));
  return button;
}

/** @param {any} one @returns {HTMLElement} */
function line(one) {
  if (one.kind === "heading" || one.kind === "note") {
    const element = document.createElement(one.kind === "heading" ? "h2" : "p");
    element.textContent = one.text;
    return element;
  }

  const button = document.createElement("button");
  button.type = "button";
  button.className = `line ${one.kind}`;
  button.textContent = one.text;
  button.dataset.key = one.to ?? one.key;
  if (one.kind === "link") {
    button.addEventListener("click", () => fetch(`settings/${one.to}`, { method: "POST" }));
  } else {
    button.setAttribute("role", one.kind === "switch" ? "switch" : "radio");
    button.setAttribute("aria-checked", String(one.on));
    button.addEventListener("click", () => fetch(`switch/${encodeURIComponent(one.key)}/${one.kind === "choice" || !one.on}`, { method: "POST" }));
  }
  return button;
}
