// The form over the page: drawn from the view, values kept through updates, errors at their fields.
import { el, fill, focusAgain, focusKey } from "./dom.js";
import { opener } from "./dialogs.js";
import { renderBlocks } from "./blocks.js";
import { stateKey } from "./controls.js";
import { context } from "./messages.js";
import { act, store } from "./store.js";

let shown = null; // {dialog, root, key, back, ctx, view, local}

/** Brings the form on the screen in step with the view that is open for this person. */
export function drawForm(view) {
  if (!view) return hide();
  if (shown && shown.root !== view.root) hide();
  if (!shown) shown = open(view);
  const key = JSON.stringify([view, shown.local]);
  if (shown.key === key) return undefined;
  shown.key = key;
  shown.other = shown.view?.id !== view.id;
  shown.view = view;
  return redraw();
}

function open(view) {
  const dialog = el("dialog", { class: "form", id: "form", "aria-labelledby": "form-title" });
  const back = opener();
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  document.body.append(dialog);
  return { dialog, back, root: view.root, local: {}, touched: new Set(), key: "" };
}

function hide() {
  if (!shown) return;
  const { dialog, back } = shown;
  shown = null;
  dialog.close();
  dialog.remove();
  back();
}

const close = () => act("close", { view: shown?.view.id });

function redraw() {
  const { dialog, view } = shown;
  const focus = dialog.open && !shown.other ? focusKey(dialog) : null;
  const ctx = context({ view: view.id }, "", `view/${view.id}/${store.data.me}`);
  ctx.errors = { ...view.errors, ...shown.local };
  for (const id of shown.touched) delete ctx.errors[id];
  ctx.touched = (id) => touch(id);
  shown.ctx = ctx;
  const form = el("form", { novalidate: true, on: { submit: send } },
    el("header", {}, el("h2", { id: "form-title" }, view.body.title?.text ?? ""),
      el("button", { type: "button", class: "btn plain", "aria-label": "Close", on: { click: close } }, "✕")),
    el("div", { class: "body" }, view.trouble && el("p", { class: "alert error", role: "alert" }, view.trouble), renderBlocks(view.body.blocks, ctx)),
    el("footer", {}, el("button", { type: "button", class: "btn", on: { click: close } }, view.body.close?.text ?? "Close"),
      view.body.submit && el("button", { type: "submit", class: "btn go", "data-key": "submit" }, view.body.submit.text)));
  fill(dialog, form);
  if (!dialog.open) dialog.showModal();
  settleFocus(dialog, focus, Object.keys(ctx.errors).length > 0 && shown.sent);
  shown.sent = false;
}

function settleFocus(dialog, focus, wrong) {
  const first = wrong ? dialog.querySelector("[aria-invalid=true]") : null;
  if (first) (first.matches("div") ? first.querySelector("input") : first).focus();
  else if (focus) focusAgain(dialog, focus);
  else (dialog.querySelector(".body [autofocus]") ?? firstField(dialog) ?? dialog.querySelector("footer button:last-child")).focus();
}

/** The first field; of a group of round buttons the one that is chosen. */
function firstField(dialog) {
  const first = dialog.querySelector(".body :is(input, select, textarea, button)");
  return first?.closest("[role=radiogroup]")?.querySelector("input:checked") ?? first;
}

/** An error goes when its field is changed; the field itself is not drawn anew, so typing is not disturbed. */
function touch(blockId) {
  if (!shown || shown.touched.has(blockId)) return;
  shown.touched.add(blockId);
  const place = shown.dialog.querySelector(`[data-block="${CSS.escape(blockId)}"].wrong`);
  place?.classList.remove("wrong");
  place?.querySelector(".error")?.remove();
  place?.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

const isEmpty = (state) => { const v = state?.[stateKey(state.type)]; return v === null || v === undefined || v === "" || (Array.isArray(v) && !v.length); };

/** What Slack checks before it asks the app. */
function missing(view, values) {
  const wrong = {};
  for (const block of view.body.blocks.filter((b) => b.type === "input")) {
    const state = values[block.block_id]?.[block.element.action_id];
    const least = block.element.min_length ?? 0;
    if (isEmpty(state)) { if (!block.optional) wrong[block.block_id] = "Please fill in this field."; }
    else if (least && String(state.value).length < least) wrong[block.block_id] = `Please write at least ${least} characters.`;
  }
  return wrong;
}

async function send(event) {
  event.preventDefault();
  const { view, ctx, dialog } = shown;
  if (!view.body.submit || dialog.getAttribute("aria-busy")) return;
  shown.local = missing(view, ctx.values);
  shown.touched.clear();
  shown.sent = true;
  if (Object.keys(shown.local).length) { drawForm(view); return; }
  dialog.setAttribute("aria-busy", "true");
  const mine = shown;
  const answer = await act("submit", { view: view.id, values: ctx.values });
  dialog.removeAttribute("aria-busy");
  if (shown === mine && answer.errors) { mine.sent = true; mine.local = answer.errors; mine.key = ""; drawForm(mine.view); }
}
