// The boxes at the bottom: a command or a message, and a reply in the thread. Tab completes the words of a command.
import { el, fill } from "./dom.js";
import { openMenu } from "./menu.js";
import { act, currentChannel, me, store, threadRoot } from "./store.js";

const said = [];
let at = 0;
let cycle = null;

const box = () => document.getElementById("box");

function candidates(text) {
  const [command, ...rest] = text.split(" ");
  const commands = store.data.commands ?? [];
  if (!rest.length) return commands.filter((c) => c.command.startsWith(command)).map((c) => ({ value: `${c.command} `, note: c.description }));
  const known = commands.find((c) => c.command === command);
  if (!known || rest.length > 1) return [];
  return known.words.filter((w) => w.word.startsWith(rest[0])).map((w) => ({ value: `${command} ${w.word} `, note: w.note ?? "" }));
}

function showWords(found, chosen = -1) {
  const list = document.getElementById("words");
  list.hidden = !found.length;
  fill(list, found.slice(0, 12).map((c, i) => el("li", { class: i === chosen ? "on" : "" }, el("button", { type: "button", tabindex: -1,
    on: { click: () => { box().value = c.value; box().focus(); showWords([]); } } }, el("b", {}, c.value.trim().split(" ").pop()), c.note && el("span", {}, c.note)))));
}

function tab(event) {
  const input = event.target;
  if (!input.value.startsWith("/") || event.shiftKey) return;
  if (!cycle || cycle.shown !== input.value) {
    const found = candidates(input.value);
    if (!found.length || (found.length === 1 && found[0].value === input.value)) { cycle = null; return; }
    cycle = { found, index: -1 };
  }
  event.preventDefault();
  cycle.index = (cycle.index + 1) % cycle.found.length;
  input.value = cycle.shown = cycle.found[cycle.index].value;
  showWords(cycle.found.length > 1 ? cycle.found : [], cycle.index);
}

function keydown(event) {
  if (event.key === "Tab") tab(event);
  else if (event.key === "ArrowUp" && said.length) { event.preventDefault(); at = Math.max(0, at - 1); event.target.value = said[at]; }
  else if (event.key === "ArrowDown" && said.length) { event.preventDefault(); at = Math.min(said.length, at + 1); event.target.value = said[at] ?? ""; }
  else if (event.key === "Escape") { showWords([]); event.target.blur(); document.getElementById("log").focus(); event.stopPropagation(); }
}

async function send(event) {
  event.preventDefault();
  const input = box();
  const text = input.value.trim();
  const channel = currentChannel();
  if (!text || !channel) return;
  said.push(text);
  at = said.length;
  input.value = "";
  cycle = null;
  showWords([]);
  if (text.startsWith("/")) await act("command", { channel: channel.id, text });
  else await act("message", { channel: channel.id, text });
  toEnd("log");
}

const toEnd = (id) => setTimeout(() => { const log = document.getElementById(id); log.scrollTop = log.scrollHeight; }, 120);

async function reply(event) {
  event.preventDefault();
  const input = document.getElementById("reply");
  const root = threadRoot();
  const text = input.value.trim();
  if (!text || !root) return;
  input.value = "";
  await act("reply", { channel: root.channel, thread_ts: root.ts, text });
  toEnd("thread-log");
}

export function startComposer() {
  document.getElementById("compose").addEventListener("submit", send);
  document.getElementById("compose-reply").addEventListener("submit", reply);
  document.getElementById("shortcuts").addEventListener("click", shortcuts);
  box().addEventListener("keydown", keydown);
  box().addEventListener("input", () => { cycle = null; const v = box().value; showWords(v.startsWith("/") && v.includes(" ") ? candidates(v) : []); });
  box().addEventListener("blur", () => setTimeout(() => { if (!document.getElementById("words").contains(document.activeElement)) showWords([]); }, 150));
}

/** The shortcuts that the app offers everywhere. */
function shortcuts(event) {
  const items = store.data.shortcuts.filter((s) => s.type === "global").map((s) => ({ label: s.name, on: () => act("shortcut", { callback_id: s.callback_id }) }));
  openMenu(event.currentTarget, items, "Shortcuts");
}

export function drawComposer() {
  document.getElementById("shortcuts").hidden = !store.data.shortcuts.some((s) => s.type === "global");
  const channel = currentChannel();
  const where = store.place.pane === "dm" ? store.data.bot : `#${channel?.name}`;
  document.querySelector("label[for=box]").textContent = `Message or command in ${where}, as ${me().name}`;
  box().placeholder = `Message ${where} as ${me().name}, or type / for a command`;
  document.getElementById("reply").placeholder = `Reply as ${me().name}`;
  document.querySelector("label[for=reply]").textContent = `Reply in the thread, as ${me().name}`;
}
