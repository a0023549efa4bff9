// A small menu under a button: arrow keys, Home, End, Escape; focus goes back to the button.
import { el } from "./dom.js";

let shut = null;
export const closeMenu = () => { if (shut) shut(); };

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const [wide, tall] = [menu.offsetWidth, menu.offsetHeight];
  const below = at.bottom + 4 + tall <= window.innerHeight;
  menu.style.left = `${Math.max(6, Math.min(at.left, window.innerWidth - wide - 6))}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(6, at.top - tall - 4)}px`;
}

function walk(event, menu) {
  const all = [...menu.querySelectorAll("[role=menuitem]")];
  const at = all.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  all[next % all.length].focus();
}

/** Opens a menu; items are {label (string or nodes), on(), note}. */
export function openMenu(button, items, label) {
  const again = button.getAttribute("aria-expanded") === "true";
  closeMenu();
  if (again) return;
  const pick = (item) => { closeMenu(); item.on(); };
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label },
    items.map((item) => el("button", { type: "button", role: "menuitem", tabindex: -1, on: { click: () => pick(item) } },
      el("span", {}, item.label), item.note && el("span", { class: "note-line" }, item.note))));
  const outside = (event) => { if (!menu.contains(event.target) && !button.contains(event.target)) closeMenu(); };
  shut = () => {
    shut = null;
    const inside = menu.contains(document.activeElement);
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (inside) button.focus();
  };
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); event.stopPropagation(); closeMenu(); } else walk(event, menu);
  });
  (button.closest("dialog") ?? document.body).append(menu);
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  place(menu, button);
  menu.querySelector("[role=menuitem]").focus();
}

/** A button that opens a menu. */
export function menuButton(text, items, props = {}) {
  const { label, ...rest } = props;
  return el("button", { type: "button", class: "btn", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label, ...rest,
    on: { click: (event) => openMenu(event.currentTarget, typeof items === "function" ? items() : items, label ?? text) } }, text);
}
