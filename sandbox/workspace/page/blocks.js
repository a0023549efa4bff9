// Draws Block Kit: every block of a message, a form or a Home as DOM.
import { el, freshId } from "./dom.js";
import { askConfirm } from "./dialogs.js";
import { control, initialState, isControl, isGroup } from "./controls.js";
import { menuButton } from "./menu.js";
import { link, textLine, textObject } from "./mrkdwn.js";
import { markdownBlock, richText } from "./richtext.js";
import { withMarks } from "./marks.js";

/** ctx: {reader, people, channels, values, errors, about, act(blockId, element, choice)}. */
export function renderBlocks(blocks, ctx) {
  return blocks.map((block, index) => {
    const make = BLOCKS[block.type] ?? unknown;
    const node = make({ ...block, block_id: block.block_id ?? `b${index}` }, ctx);
    node.dataset.block = block.block_id ?? "";
    return node;
  });
}

const unknown = (block) => el("p", { class: "ctx" }, `A block of type ${block.type} is not drawn here.`);

async function run(event, block, e, ctx, choice = {}) {
  const node = event.currentTarget ?? event;
  if (node.getAttribute("aria-busy")) return;
  if (e.confirm && !(await askConfirm(e.confirm, ctx.reader))) return;
  node.setAttribute("aria-busy", "true");
  try { await ctx.act(block.block_id, e, choice); } finally { node.removeAttribute("aria-busy"); }
}

const keyFor = (block, e) => `${block.block_id}/${e.action_id}`;

function button(block, e, ctx) {
  const style = { primary: "go", danger: "danger" }[e.style] ?? "";
  const outside = e.url && link(e.url, [withMarks(e.text.text)]);
  if (outside) {
    outside.className = "btn";
    outside.dataset.key = keyFor(block, e);
    outside.addEventListener("click", () => ctx.act(block.block_id, e, {}));
    return outside;
  }
  return el("button", { type: "button", class: `btn ${style}`.trim(), "aria-label": e.accessibility_label, "data-key": keyFor(block, e), "data-action": e.action_id,
    on: { click: (event) => run(event, block, e, ctx) } }, withMarks(e.text.text));
}

function overflow(block, e, ctx) {
  const items = e.options.map((option) => ({
    label: textLine(option.text, ctx.reader), note: option.description?.text,
    on: () => run(node, block, e, ctx, { selected_option: option }),
  }));
  const node = menuButton("⋮", items, { label: ctx.about ? `More actions for ${ctx.about}` : "More actions", "data-key": keyFor(block, e), "data-action": e.action_id });
  node.classList.add("dots");
  return node;
}

/** Any element of an actions block, or an accessory. */
function element(block, e, ctx) {
  if (e.type === "button" || e.type === "workflow_button") return button(block, e, ctx);
  if (e.type === "overflow") return overflow(block, e, ctx);
  if (e.type === "image") return image(e);
  if (!isControl(e.type)) return unknown(e);
  const state = stateOf(block, e, ctx);
  const label = e.placeholder?.text ?? block.text?.text.replace(/[*_~`<>]/g, "") ?? e.action_id;
  const node = control(e, state, ctx, { id: freshId("c"), "aria-label": label, "data-key": keyFor(block, e) }, (now, how) => {
    if (how !== "input") run(node, block, e, ctx, now);
  });
  return node;
}

function stateOf(block, e, ctx) {
  const inBlock = (ctx.values[block.block_id] ??= {});
  return (inBlock[e.action_id] ??= initialState(e));
}

function image(e) {
  return el("img", { class: "pic", src: safePicture(e.image_url), alt: e.alt_text ?? "" });
}

/** Only pictures that the sandbox itself serves: the page loads nothing from outside. */
export function safePicture(address) {
  try {
    const url = new URL(address, location.href);
    return url.origin === location.origin ? url.href : null;
  } catch { return null; }
}

function section(block, ctx) {
  const left = el("div", { class: "grow" });
  if (block.text) left.append(el("div", { class: "text" }, textObject(block.text, ctx.reader)));
  if (block.fields) {
    left.append(el("div", { class: "fields" }, block.fields.map((f) => el("div", { class: "text" }, textObject(f, ctx.reader)))));
  }
  const node = el("div", { class: "section" }, left);
  if (block.accessory) node.append(el("div", { class: "accessory" }, element(block, block.accessory, ctx)));
  return node;
}

function actions(block, ctx) {
  return el("div", { class: "acts", role: "group", "aria-label": ctx.about ? `Actions for ${ctx.about}` : "Actions" },
    block.elements.map((e) => element(block, e, ctx)));
}

function context(block, ctx) {
  return el("div", { class: "ctx" }, block.elements.map((e) => (e.type === "image" ? image(e) : el("div", { class: "text" }, textObject(e, ctx.reader)))));
}

function input(block, ctx) {
  const e = block.element;
  const id = freshId("field");
  const error = ctx.errors?.[block.block_id];
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const label = [block.label.text, block.optional && el("span", { class: "optional" }, " optional")];
  const group = isGroup(e.type);
  const props = { id, "aria-describedby": described, "aria-invalid": error ? "true" : null, "aria-required": block.optional ? null : "true",
    "aria-labelledby": group ? `${id}-label` : null, "data-key": keyFor(block, e) };
  const node = isControl(e.type) ? control(e, stateOf(block, e, ctx), ctx, props, (now, how) => dispatch(node, block, e, ctx, now, how)) : unknown(e);
  return el("div", { class: error ? "input wrong" : "input" },
    el(group ? "div" : "label", { id: `${id}-label`, class: "label", for: group ? null : id }, label), node,
    block.hint && el("p", { class: "ctx", id: `${id}-hint` }, block.hint.text),
    error && el("p", { class: "error", id: `${id}-error`, role: "alert" }, error));
}

function dispatch(node, block, e, ctx, state, how) {
  ctx.touched?.(block.block_id);
  if (!block.dispatch_action) return;
  const when = e.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const text = "value" in state;
  if (!text || (how === "enter" && when.includes("on_enter_pressed")) || (how === "input" && when.includes("on_character_entered"))) run(node, block, e, ctx, state);
}

const STATUS = { pending: ["⚪", "to come"], in_progress: ["⏳", "in progress"], complete: ["✅", "done"], error: ["⛔", "blocked"] };

function task(block, ctx) {
  const [sign, word] = STATUS[block.status] ?? ["⚪", block.status];
  const more = [block.details, block.output].filter(Boolean).flatMap((r) => richText(r, ctx.reader));
  return el("li", { class: "task" }, withMarks(sign), el("span", { class: "vh" }, `${word}: `), " ", withMarks(block.title), more);
}

function alert(block, ctx) {
  const level = block.level ?? block.severity ?? "info";
  return el("div", { class: `alert ${["warning", "error", "success"].includes(level) ? level : "info"}`, role: "note" }, textObject(block.text, ctx.reader));
}

const BLOCKS = {
  section, actions, context, input, alert,
  header: (b) => el("h3", {}, withMarks(b.text.text)),
  divider: () => el("hr"),
  image: (b) => el("figure", {}, image(b), b.title && el("figcaption", { class: "ctx" }, b.title.text)),
  rich_text: (b, ctx) => el("div", { class: "rich" }, richText(b, ctx.reader)),
  markdown: (b, ctx) => el("div", { class: "rich" }, markdownBlock(b.text, ctx.reader)),
  plan: (b, ctx) => el("div", { class: "plan" }, el("p", {}, el("b", {}, withMarks(b.title))), el("ul", {}, (b.tasks ?? []).map((t) => task(t, ctx)))),
  task_card: (b, ctx) => el("ul", { class: "plan" }, task(b, ctx)),
};
