// Messages in a log: drawn once, mended in place, so that reading, focus and the screen reader are not disturbed.
import { el, fill, focusAgain, focusKey, picture, say } from "./dom.js";
import { clockTime, dayName, sameDay } from "./dates.js";
import { mrkdwn } from "./mrkdwn.js";
import { renderBlocks } from "./blocks.js";
import { fileCards } from "./files.js";
import { menuButton } from "./menu.js";
import { act, go, reader, repliesTo, store, threadKey, versionOf } from "./store.js";

const HUES = ["#7a5195", "#2f6690", "#8d3b2f", "#6b5b1e", "#3b6b46", "#8a3d6b", "#4a5a8f", "#5c5470"];
const values = new Map();

export function avatar(message) {
  if (message.is_bot) {
    return el("div", { class: "av bot", "aria-hidden": "true" },
      picture("0 0 24 24", ["M3 17h18M6 17V7h8l4 5v5", "M10 7v5h8"], { fill: "none", stroke: "currentColor", "stroke-width": 2 }));
  }
  const hue = HUES[[...message.user].reduce((sum, c) => sum + c.charCodeAt(0), 0) % HUES.length];
  const node = el("div", { class: "av", "aria-hidden": "true" }, message.name[0]);
  node.style.background = hue;
  return node;
}

/** What the renderer of blocks needs to know about the place where blocks stand. */
export function context(where, about, key) {
  if (!values.has(key)) values.set(key, {});
  return { reader: reader(), people: store.data.people, channels: store.data.channels, values: values.get(key), errors: {}, about,
    act: (block_id, e, choice) => act("click", { ...where, block_id, action_id: e.action_id, choice, values: values.get(key) }) };
}

function byline(message, now) {
  const time = clockTime(message.at, now.zone);
  const notes = [message.edited && "edited", message.private && "only visible to you"].filter(Boolean);
  return el("div", { class: "byline" }, el("span", { class: "by" }, message.name), message.is_bot && el("span", { class: "app" }, "APP"),
    el("time", { class: "at", datetime: new Date(message.at * 1000).toISOString() }, [time, ...notes].join(" · ")));
}

function inside(message, now, inThread) {
  const about = versionOf(message) ? `v${versionOf(message)}` : "";
  const where = { message: { channel: message.channel, ts: message.ts } };
  const ctx = context(where, about, `${message.channel}/${message.ts}/${now.id}`);
  const body = message.blocks?.length ? renderBlocks(message.blocks, ctx) : el("div", { class: "text" }, mrkdwn(message.text, now));
  return [avatar(message), el("div", { class: "blk" }, byline(message, now), body, fileCards(message.files), foot(message, now, inThread)), tools(message, inThread)];
}

function foot(message, now, inThread) {
  const parts = [];
  const replies = inThread || message.private ? [] : repliesTo(message).filter((m) => !m.private);
  const open = store.place.thread && threadKey(message) === store.place.thread;
  if (replies.length) {
    const last = clockTime(replies.at(-1).at, now.zone);
    const day = dayName(replies.at(-1).at, now.zone, now.now);
    parts.push(el("button", { type: "button", class: "replies", "aria-expanded": String(Boolean(open)), "data-key": "replies", on: { click: () => go({ thread: open ? "" : threadKey(message) }) } },
      `${replies.length} ${replies.length === 1 ? "reply" : "replies"} · last one ${day === "Today" ? last : `${day}, ${last}`}`));
  }
  if (message.private) {
    parts.push(el("button", { type: "button", class: "replies quiet", "data-key": "dismiss", on: { click: () => dismiss(message) } }, "Dismiss"));
  }
  return parts.length ? el("div", { class: "foot-row" }, parts) : null;
}

/** What can be done with any message; shown when the pointer or the focus is on it. */
function tools(message, inThread) {
  if (message.private) return null;
  const tool = (key, text, click) => el("button", { type: "button", class: "btn small", "data-key": key, on: { click } }, text);
  const parts = inThread ? [] : [tool("thread", "Reply in a thread", () => { go({ thread: threadKey(message) }); document.getElementById("reply").focus(); })];
  const use = (s) => act("shortcut", { callback_id: s.callback_id, message: { channel: message.channel, ts: message.ts } });
  const items = store.data.shortcuts.filter((x) => x.type === "message").map((s) => ({ label: `${s.name}…`, on: () => use(s) }));
  if (items.length) parts.push(menuButton("⋮", items, { label: "More actions for this message", class: "btn small", "data-key": "more-tools" }));
  return parts.length ? el("div", { class: "tools" }, parts) : null;
}

async function dismiss(message) {
  await act("dismiss", { message: { channel: message.channel, ts: message.ts } });
  document.getElementById("box")?.focus();
}

const keyOf = (message) => `${message.channel}/${message.ts}/${message.private ? "p" : ""}`;
const blockText = (message, id) => JSON.stringify(message?.blocks?.find((b) => b.block_id === id) ?? "");

function announce(before, message) {
  if (["phases", "waits"].some((id) => blockText(before, id) !== blockText(message, id))) say(message.text);
}

/** Keeps one log in step with the messages. */
export class Log {
  constructor(node, { inThread = false, empty } = {}) {
    Object.assign(this, { node, inThread, empty, drawn: new Map(), days: new Map(), of: "", atEnd: true, top: 0 });
    node.addEventListener("scroll", () => this.scrolled());
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(node);
  }

  /** Only a reader who scrolls up leaves the end; a pane that shrinks does not. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.node;
    if (scrollHeight - scrollTop - clientHeight < 60) this.atEnd = true;
    else if (scrollTop < this.top) this.atEnd = false;
    this.top = scrollTop;
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.top = this.node.scrollTop;
    this.atEnd = true;
  }

  draw(messages, of) {
    const now = reader();
    const end = this.atEnd;
    const moved = this.of !== of;
    if (moved) this.begin(of);
    const grew = messages.length > this.drawn.size;
    const answered = !moved && messages.at(-1)?.private && !this.drawn.has(keyOf(messages.at(-1)));
    const keep = [];
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      if (!before || !sameDay(before.at, message.at, now.zone)) keep.push(this.day(message, now));
      keep.push(this.article(message, now));
    });
    if (!messages.length && this.empty) keep.push(this.emptyNode ??= el("div", { class: "empty" }, this.empty()));
    this.settle(keep);
    if (moved || answered || (end && grew)) this.toEnd();
  }

  /** Another channel: what stands there is not news, so it is not read out. */
  begin(of) {
    this.drawn.clear();
    this.days.clear();
    fill(this.node);
    this.of = of;
    this.node.setAttribute("aria-live", "off");
    setTimeout(() => this.node.setAttribute("aria-live", "polite"), 400);
  }

  settle(keep) {
    const wanted = new Set(keep);
    for (const child of [...this.node.children]) if (!wanted.has(child)) child.remove();
    keep.forEach((node, index) => { if (this.node.children[index] !== node) this.node.insertBefore(node, this.node.children[index] ?? null); });
    for (const [key, { node }] of this.drawn) if (!wanted.has(node)) this.drawn.delete(key);
  }

  day(message, now) {
    const name = dayName(message.at, now.zone, now.now);
    const key = `${name}/${message.ts}`;
    if (!this.days.has(key)) this.days.set(key, el("div", { class: "day" }, name));
    return this.days.get(key);
  }

  article(message, now) {
    const key = keyOf(message);
    const replies = this.inThread ? 0 : repliesTo(message).length;
    const sign = JSON.stringify([message, replies, now.id, dayName(now.now, "UTC", 0), store.place.thread]);
    const known = this.drawn.get(key);
    if (known?.sign === sign) return known.node;
    const label = `${message.name}, ${clockTime(message.at, now.zone)}${message.private ? ", only visible to you" : ""}`;
    const node = known?.node ?? el("article", { class: message.private ? "msg only" : "msg", tabindex: -1, "data-ts": message.ts });
    node.setAttribute("aria-label", label);
    const focus = known ? focusKey(node) : null;
    fill(node, inside(message, now, this.inThread));
    focusAgain(node, focus);
    if (known) announce(known.message, message);
    else setTimeout(() => node.setAttribute("aria-live", "off"), 500);
    this.drawn.set(key, { node, sign, message });
    return node;
  }
}
