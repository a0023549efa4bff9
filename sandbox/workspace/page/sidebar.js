// The left side: who you are, where you can go, what the product runs. And the tabs that replace it on a narrow page.
import { el, fill, focusAgain, focusKey, hidden } from "./dom.js";
import { ask, showLink } from "./dialogs.js";
import { clockTime } from "./dates.js";
import { cast, go, me, messagesIn, nextToAct, personKey, repliesTo, store, threadRoot, waiting } from "./store.js";

const badge = (count, words) => count > 0 && el("span", { class: "n" }, el("span", { "aria-hidden": "true" }, String(count)), hidden(words));
const newWords = (count) => `${count} new ${count === 1 ? "message" : "messages"}`;

export function become(person, change = {}) {
  go({ as: personKey(person), ...change });
}

/** The chooser of the person; the same in the side and in the narrow bar. */
export function personSelect(id) {
  const current = me();
  const list = cast().some((p) => p.id === current.id) ? cast() : [current, ...cast()];
  return el("select", { id, "data-key": id, on: { change: (event) => become(store.data.people.find((p) => p.id === event.target.value)) } },
    list.map((p) => el("option", { value: p.id, selected: p.id === current.id }, id === "me" ? `${p.name} · ${p.title.toLowerCase()}` : p.name)));
}

function who() {
  const person = me();
  const next = nextToAct();
  const place = person.zone.split("/").pop().replace("_", " ");
  return el("div", { class: "who" }, el("label", { for: "me" }, "You are"), personSelect("me"),
    el("p", {}, `${place}, ${clockTime(store.data.now, person.zone)}`),
    next && el("p", {}, "Next to act: ", next.id === person.id ? "you"
      : el("a", { href: "#", "data-key": "next", on: { click: (event) => { event.preventDefault(); become(next, { pane: "dm", thread: "" }); } } }, next.name)));
}

function entry(pane, sign, name, extra) {
  const here = store.place.pane === pane;
  return el("li", {}, el("a", { href: "#", "data-key": `to-${pane}`, "aria-current": here ? "page" : null, on: { click: (event) => { event.preventDefault(); go({ pane, thread: "" }); } } },
    el("span", { class: "sig", "aria-hidden": "true" }, sign), name, extra));
}

function unread(channel) {
  const here = store.place.pane === (channel.id === store.data.dm?.id ? "dm" : channel.name);
  return here ? 0 : channel.unread;
}

function product() {
  const p = store.data.product;
  if (!p) return null;
  const row = (name, env) => env && el("li", {}, el(env.url ? "a" : "span", { class: "row", href: env.url, target: "_blank", rel: "noopener", "data-key": name },
    el("span", { class: "sig", "aria-hidden": "true" }, "●"), name, el("span", { class: "what" }, env.version || "nothing yet")));
  return el("section", { "aria-label": "The product" }, el("h2", {}, "The product"), el("ul", {}, row("Production", p.production), row("Its frontend", p.production?.frontend), row("Staging", p.staging), row("Its frontend", p.staging?.frontend),
    p.history !== undefined && el("li", {}, el("a", { href: "#", "data-key": "history", on: { click: (event) => { event.preventDefault(); history(); } } },
      el("span", { class: "sig", "aria-hidden": "true" }, "⎇"), "Git history"))), p.note && el("p", { class: "note" }, p.note));
}

let seenRefs = new Set();

/** The git graph as text; names of branches and tags that came since the last look are marked. */
export function history() {
  const refs = new Set(store.data.product?.refs ?? []);
  const fresh = seenRefs.size ? [...refs].filter((r) => !seenRefs.has(r)) : [];
  seenRefs = refs;
  const text = store.data.product?.history || "No commits yet.";
  return ask({ title: "Git history", wide: true, body: [fresh.length > 0 && el("p", { class: "alert info" }, `New since you last looked: ${fresh.join(", ")}`),
    el("pre", { class: "graph", tabindex: 0, "aria-label": "Git history as a graph" }, marked(text, fresh))], buttons: [{ text: "Close", value: true, first: true }] });
}

function marked(text, names) {
  if (!names.length) return text;
  const pattern = new RegExp(`(${names.map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(?=[,)\\s])`, "g");
  return text.split(pattern).map((piece) => (names.includes(piece) ? el("mark", {}, piece) : piece));
}

export function drawSide(node, showKeys) {
  const focus = focusKey(node);
  const dm = store.data.dm;
  fill(node, who(),
    el("section", { "aria-label": "Channels" }, el("h2", {}, "Channels"), el("ul", {}, store.data.channels.map((c) => entry(c.name, "#", c.name, badge(unread(c), newWords(unread(c))))))),
    el("section", { "aria-label": "Release Bot" }, el("h2", {}, store.data.bot), el("ul", {}, entry("home", "⌂", "Home", badge(waiting(), `${waiting()} wait for you`)),
      entry("dm", "✉", `Messages to ${me().name}`, dm && badge(unread(dm), newWords(unread(dm)))))),
    product(),
    el("p", { class: "side-end" }, "A practice workspace on this machine. Nothing leaves it. ",
      el("button", { type: "button", class: "linkish", "data-key": "keys", on: { click: showKeys } }, "Keys")));
  focusAgain(node, focus);
}

export function drawTabs(node) {
  const focus = focusKey(node);
  const channel = store.data.channels.find((c) => c.name === store.place.pane) ?? store.data.channels[0];
  const root = threadRoot();
  const last = root ?? messagesIn(channel).findLast((m) => repliesTo(m).length);
  const count = (n) => (n ? ` · ${n}` : "");
  const tab = (name, change, here, key) => el("a", { href: "#", "data-key": key, "aria-current": here ? "page" : null,
    on: { click: (event) => { event.preventDefault(); go(change); } } }, name);
  const inThread = Boolean(store.place.thread);
  const { pane } = store.place;
  fill(node, tab("Channels", { pane: "channels" }, pane === "channels", "t1"),
    tab(`#${channel?.name ?? "releases"}`, { pane: channel?.name ?? "releases", thread: "" }, !inThread && pane === channel?.name, "t2"),
    tab(`Thread${last ? count(repliesTo(last).length) : ""}`, last ? { pane: root ? pane : channel.name, thread: threadOf(last) } : {}, inThread, "t3"),
    tab(`Home${count(waiting())}`, { pane: "home" }, pane === "home", "t4"),
    tab(`DMs${count(store.data.dm ? unread(store.data.dm) : 0)}`, { pane: "dm", thread: "" }, pane === "dm" && !inThread, "t5"));
  focusAgain(node, focus);
}

const threadOf = (message) => message.ts;

/** Links: inside the sandbox they are followed, outside they are shown. */
export function followLinks(event) {
  const a = event.target.closest?.("a[data-out]");
  if (!a) return;
  event.preventDefault();
  const found = /\/archives\/(\w+)\/p(\d{10})(\d{6})/.exec(a.href);
  const channel = found && [...store.data.channels, store.data.dm].find((c) => c?.id === found[1]);
  if (channel) { showMessage(channel, `${found[2]}.${found[3]}`, new URL(a.href).searchParams.get("thread_ts")); return; }
  const host = new URL(a.href).hostname;
  if (["127.0.0.1", "localhost", "[::1]"].includes(host)) window.open(a.href, "_blank", "noopener");
  else showLink(a.href);
}

function showMessage(channel, ts, thread) {
  go({ pane: channel.id === store.data.dm?.id ? "dm" : channel.name, thread: thread ?? "" });
  const find = () => document.querySelector(`article[data-ts="${ts}"]`);
  setTimeout(() => { find()?.scrollIntoView({ block: "center" }); find()?.focus(); }, 50);
}
