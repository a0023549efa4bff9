// Small makers of DOM nodes; all text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element: attributes, `class`, `on: {event: f}`, boolean attributes; children are nodes or strings. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (name === "value" || name === "checked" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** Makes an inline picture from path data; always decoration, so hidden from readers of the screen. */
export function picture(box, paths, props = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of Object.entries(props)) svg.setAttribute(name, value);
  for (const d of [paths].flat()) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** Replaces the children of a node. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** Text that only a screen reader speaks. */
export const hidden = (text) => el("span", { class: "vh" }, text);

/** Where the reader is, so that focus can come back to the same control after a redraw. */
export function focusKey(root) {
  const at = document.activeElement;
  if (!at || !root.contains(at)) return null;
  const keyed = at.closest("[data-key]");
  return keyed && root.contains(keyed) ? keyed.dataset.key : "";
}

export function focusAgain(root, key) {
  if (key === null) return;
  const target = key ? root.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  (target ?? root).focus({ preventScroll: true });
}

let counter = 0;
export const freshId = (stem) => `${stem}-${(counter += 1)}`;

/** Says something to the screen reader without moving the focus. */
export function say(text) {
  const region = document.getElementById("say");
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 30);
}
