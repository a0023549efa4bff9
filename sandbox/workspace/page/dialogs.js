// Dialogs over the page: the question before an act, a link that leaves, the list of keys. The browser keeps the focus inside.
import { el, freshId } from "./dom.js";
import { textObject } from "./mrkdwn.js";

/** Where focus goes when a dialog closes: the same control, also when it was drawn anew meanwhile. */
export function opener() {
  const node = document.activeElement;
  const key = node?.closest?.("[data-key]")?.dataset.key;
  const inside = node?.closest?.("article, .home, dialog, main, aside, header, nav");
  return () => {
    const again = node?.isConnected ? node : key && (inside?.isConnected ? inside : document).querySelector(`[data-key="${CSS.escape(key)}"]`);
    (again || document.getElementById("box"))?.focus({ preventScroll: true });
  };
}

/** Shows a dialog with a title, a body and buttons; resolves with the value of the button, or null. */
export function ask({ title, body, buttons, wide = false }) {
  const back = opener();
  const id = freshId("dialog");
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: wide ? "form wide" : "form", "aria-labelledby": id });
    const close = (value) => { dialog.close(); dialog.remove(); back(); resolve(value); };
    dialog.append(el("header", {}, el("h2", { id }, title)), el("div", { class: "body" }, body),
      el("footer", {}, buttons.map((b) => el("button", { type: "button", class: `btn ${b.style ?? ""}`, autofocus: b.first,
        on: { click: () => close(b.value) } }, b.text))));
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(null); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The confirm object of Block Kit. */
export function askConfirm(confirm, reader) {
  const danger = confirm.style === "danger";
  return ask({
    title: confirm.title.text,
    body: textObject(confirm.text, reader),
    buttons: [{ text: confirm.deny.text, value: false, first: danger },
      { text: confirm.confirm.text, value: true, style: danger ? "danger" : "go", first: !danger }],
  });
}

/** Links that leave the sandbox are shown, not followed. */
export function showLink(address) {
  return ask({
    title: "This link leaves the sandbox",
    body: [el("p", {}, "It is shown, not followed, because nothing here is real outside:"), el("p", { class: "address" }, address)],
    buttons: [{ text: "Close", value: true, first: true }],
  });
}
