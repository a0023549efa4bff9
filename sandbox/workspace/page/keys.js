// The keys of the page: single letters work only outside fields and can be switched off.
import { el } from "./dom.js";
import { ask } from "./dialogs.js";
import { become } from "./sidebar.js";
import { jump } from "./clockbar.js";
import { hideGuide } from "./guide.js";
import { cast, go, messagesIn, currentChannel, store, threadKey } from "./store.js";

const OFF = "release-sandbox.keys";
const single = () => localStorage.getItem(OFF) !== "off";
let going = 0;

const LIST = [["/", "Message box, with a slash"], ["↑", "The last command again (in the box)"], ["Tab", "Complete a word of the command (in the box)"],
  ["J", "Jump to what is due next"], ["P", "Be somebody else; 1 to 8 choose"], ["G then R, S, H, D", "Releases, support, Home, direct messages"],
  ["T", "Open or close the thread"], ["[ and ]", "Previous and next message; Enter goes into its buttons"], ["?", "This list"], ["Esc", "Back"]];

export async function showKeys(redraw) {
  const toggle = el("input", { type: "checkbox", checked: single(), on: { change: (event) => localStorage.setItem(OFF, event.target.checked ? "on" : "off") } });
  const guide = el("button", { type: "button", class: "btn", on: { click: () => { hideGuide(false); redraw?.(); } } }, "Show the guide again");
  await ask({ title: "Keys", body: [el("dl", { class: "keys" }, LIST.map(([key, what]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)))),
    el("label", { class: "choice" }, toggle, el("span", {}, "Single letters work outside of fields")), guide], buttons: [{ text: "Close", value: true, first: true }] });
}

const articles = () => [...document.querySelectorAll("#log article, #thread-log article")].filter((a) => a.offsetParent);

function step(by) {
  const all = articles();
  const at = all.indexOf(document.activeElement?.closest?.("article"));
  const next = all[at < 0 ? (by < 0 ? all.length - 1 : 0) : Math.min(all.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function thread() {
  if (store.place.thread) return go({ thread: "" });
  const here = document.activeElement?.closest?.("#log article")?.dataset.ts;
  const all = messagesIn(currentChannel()).filter((m) => !m.private);
  const root = all.find((m) => m.ts === here) ?? all.findLast((m) => threadKey(m) !== m.ts) ?? all.at(-1);
  if (!root) return undefined;
  go({ thread: threadKey(root) });
  return setTimeout(() => document.getElementById("reply").focus(), 30);
}

function person() {
  const select = [...document.querySelectorAll("#me, #me-narrow")].find((s) => s.offsetParent);
  select?.focus();
}

function toBox() {
  const box = document.getElementById("box");
  if (store.place.pane === "home" || store.place.pane === "channels") go({ pane: "releases" });
  box.value ||= "/";
  box.focus();
}

const PLACES = { r: "releases", s: "support", h: "home", d: "dm" };

function letter(key) {
  if (performance.now() - going < 1500 && PLACES[key]) { going = 0; go({ pane: PLACES[key], thread: "" }); return true; }
  const acts = { "/": toBox, j: () => store.data.next && jump({ to: "next" }), p: person, g: () => { going = performance.now(); }, t: thread,
    "[": () => step(-1), "]": () => step(1), "?": () => showKeys() };
  if (/^[1-8]$/.test(key) && cast()[Number(key) - 1]) { become(cast()[Number(key) - 1]); return true; }
  if (!acts[key]) return false;
  acts[key]();
  return true;
}

function escape() {
  if (store.place.thread) go({ thread: "" });
  else document.getElementById("box").focus();
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !store.data || document.querySelector("dialog[open], .menu")) return;
    const at = event.target;
    if (event.key === "Escape") { if (at.id !== "box") escape(); return; }
    const digit = /^[1-8]$/.test(event.key) && (at.id === "me" || at.id === "me-narrow");
    if (at.matches?.("input, textarea, select, [contenteditable]") && !digit) return;
    if (event.key === "Enter" && at.matches?.("article")) { event.preventDefault(); (at.querySelector("button, select, input") ?? at.querySelector("a[href]"))?.focus(); return; }
    if (single() && letter(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
  });
}
