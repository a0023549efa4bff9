// The bar on top: release time, what is due next, the jump, and starting over.
import { el, fill, focusAgain, focusKey, picture } from "./dom.js";
import { ask } from "./dialogs.js";
import { clockTime, dayWithYear, howLong, nearDay } from "./dates.js";
import { menuButton } from "./menu.js";
import { personSelect } from "./sidebar.js";
import { cast, departure, me, moveClock, startOver, store } from "./store.js";

let trail = "";
let moving = false;

function when(seconds, zone) {
  const near = nearDay(seconds, zone, store.data.now);
  return `${near || dayWithYear(seconds, zone)} ${clockTime(seconds, zone)}`;
}

function next(zone) {
  const due = store.data.next;
  if (moving) return ["Moving the clock…"];
  const words = due ? ["Next: ", el("b", {}, due.label), `, ${when(due.at, zone)} · in ${howLong(due.at - store.data.now)}`] : [idle()];
  return trail ? [el("span", { class: "trail" }, trail), " ", words] : words;
}

const idle = () => (Object.values(store.data.messages).flat().some((m) => m.blocks?.some((b) => b.block_id === "phases")) ? "Nothing is due." : "Nothing is due. Start a release.");

const newest = () => Math.max(0, ...Object.values(store.data.messages).flat().map((m) => Number(m.ts)));

/** Moves release time, then shows the trail and goes to the first new message. */
export async function jump(body) {
  if (moving) return;
  moving = true;
  const before = newest();
  trail = "";
  drawClock(document.getElementById("clock"));
  const answer = await moveClock(body);
  moving = false;
  if (answer.ok) trail = `Jumped to ${dayWithYear(answer.now, me().zone)}, ${clockTime(answer.now, me().zone)}${answer.trail ? ` · ${answer.trail}` : ""}.`;
  drawClock(document.getElementById("clock"));
  setTimeout(() => firstNew(before), 250);
}

function firstNew(before) {
  const fresh = [...document.querySelectorAll("#log article, #thread-log article")].find((a) => Number(a.dataset.ts) > before);
  if (!fresh || document.querySelector("dialog[open]")) return;
  fresh.focus({ preventScroll: true });
  fresh.scrollIntoView({ block: "nearest" });
}

async function over() {
  const yes = await ask({ title: "Start over?", body: el("p", {}, "Every release, message and tag of this sandbox is removed, and the story begins anew."),
    buttons: [{ text: "Keep everything", value: false, first: true }, { text: "Start over", value: true, style: "danger" }] });
  if (yes) { trail = ""; await startOver(); }
}

function waits() {
  const leaves = departure();
  return [{ label: "+1 h", on: () => jump({ hours: 1 }) }, { label: "+1 day", on: () => jump({ hours: 24 }) },
    leaves && { label: "To the departure", note: when(leaves, me().zone), on: () => jump({ to: leaves }) }].filter(Boolean);
}

export function drawClock(node) {
  const zone = me().zone;
  const focus = focusKey(node);
  const plain = [el("button", { type: "button", class: "btn plain wide", "data-key": "over", on: { click: over } }, "Start over")];
  fill(node,
    el("span", { class: "brand wide", title: "Release sandbox" }, picture("0 0 24 24", ["M3 17h18M6 17V7h8l4 5v5", "M10 7v5h8"], { fill: "none", stroke: "currentColor", "stroke-width": 2 })),
    el("time", { class: "now", datetime: new Date(store.data.now * 1000).toISOString() }, dayWithYear(store.data.now, zone).slice(0, -5), el("span", { class: "long" }, dayWithYear(store.data.now, zone).slice(-5)), `, ${clockTime(store.data.now, zone)}`),
    el("span", { class: "next", role: "status" }, next(zone)),
    cast().length > 0 && el("span", { class: "as" }, el("label", { class: "vh", for: "me-narrow" }, "You are"), personSelect("me-narrow")),
    el("button", { type: "button", class: "btn jump", "data-key": "jump", "aria-keyshortcuts": "J", "aria-disabled": store.data.next && !moving ? null : "true",
      on: { click: () => store.data.next && jump({ to: "next" }) } }, "Jump", el("span", { class: "long" }, " there"), " ▸"),
    menuButton("+1 h ▾", waits, { label: "Move the clock: one hour, one day, to the departure", class: "btn wide", "data-key": "wait" }), plain,
    menuButton("⋮", () => [...waits(), { label: "Start over…", on: over }], { label: "More: move the clock, start over", class: "btn narrow dots", "data-key": "more" }));
  focusAgain(node, focus);
}
