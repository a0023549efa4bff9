// Begins the page and draws it whenever the state, the place or the line to the server changes.
import { el, fill, focusAgain, focusKey } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { closeMenu } from "./menu.js";
import { drawClock } from "./clockbar.js";
import { drawComposer, startComposer } from "./composer.js";
import { drawForm } from "./forms.js";
import { drawGuide } from "./guide.js";
import { showKeys, startKeys } from "./keys.js";
import { Log, context } from "./messages.js";
import { drawSide, drawTabs, followLinks } from "./sidebar.js";
import { act, currentChannel, go, me, messagesIn, onChange, personKey, repliesTo, start, store, threadRoot, versionOf, waiting } from "./store.js";

const $ = (id) => document.getElementById(id);
const main = new Log($("log"), { empty: () => emptyWords() });
const thread = new Log($("thread-log"), { inThread: true });
let homeOf = "";
let homeSign = "";
let readSign = "";

function emptyWords() {
  const words = store.place.pane === "dm" ? `Nothing was sent to ${me().name} yet.` : "Nothing was said here yet.";
  return [el("p", {}, words), store.place.pane === "releases" && el("p", {}, "Type ", el("code", {}, "/release"), " to see what waits for you.")];
}

function drawMain() {
  const { pane } = store.place;
  const channel = currentChannel();
  const inHome = pane === "home";
  document.body.dataset.pane = inHome ? "home" : pane === "channels" ? "side" : "log";
  const title = inHome ? "Home" : pane === "dm" ? `${store.data.bot} and ${me().name}` : `# ${channel?.name ?? ""}`;
  $("main").setAttribute("aria-label", inHome ? "Home" : title.replace("# ", "#"));
  $("title").textContent = title;
  $("topic").textContent = inHome ? `As ${me().name} sees it.` : pane === "dm" ? "Only the two of you see this." : channel?.topic ?? "";
  $("log").setAttribute("aria-label", `Messages in ${title.replace("# ", "#")}`);
  const count = waiting();
  $("waits").textContent = count ? `What waits for me · ${count}` : "What waits for me";
  $("waits").hidden = inHome;
  document.title = `${inHome ? "Home" : title.replace("# ", "#")} · Release sandbox`;
  if (inHome) drawHome();
  else { homeOf = ""; main.draw(messagesIn(channel).filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.broadcast), channel?.id ?? ""); }
  drawComposer();
}

function drawHome() {
  const home = store.data.home;
  if (!home && homeOf === `${store.data.me} drawn`) homeOf = "";
  if (!homeOf.startsWith(store.data.me)) { homeOf = store.data.me; act("home"); }
  if (home) homeOf = `${store.data.me} drawn`;
  const sign = JSON.stringify([home, store.data.me, Math.floor(store.data.now / 86400)]);
  if (sign === homeSign) return;
  homeSign = sign;
  const node = $("home");
  const focus = focusKey(node);
  fill(node, home ? renderBlocks(home.blocks, context({ view: home.id }, "", `home/${home.id}`))
    : el("p", { class: "empty" }, "The bot has not drawn this Home yet."));
  focusAgain(node, focus);
}

function drawThread() {
  const root = threadRoot();
  document.body.dataset.thread = root ? "open" : "closed";
  $("thread").hidden = !root;
  if (!root) return;
  $("thread-of").textContent = versionOf(root) ? `v${versionOf(root)}` : root.text.slice(0, 60);
  thread.draw([root, ...repliesTo(root)], `${root.channel}/${root.ts}`);
}

function markRead() {
  const channel = currentChannel();
  const sign = `${store.data.me}/${channel?.id}/${store.data.seq}`;
  if (!channel?.unread || sign === readSign) return;
  readSign = sign;
  act("read", { channel: channel.id });
}

function draw() {
  if (!store.data) return;
  if (!store.place.as) { go({ as: personKey(me()) }, true); return; }
  document.body.dataset.ready = "yes";
  if (document.querySelector(".menu") === null) drawClock($("clock"));
  drawSide($("side"), () => showKeys(draw));
  drawTabs($("tabs"));
  drawMain();
  drawGuide($("guide"));
  drawThread();
  drawForm(store.data.form);
  markRead();
}

function trouble(text) {
  const bar = $("trouble");
  bar.hidden = !text;
  fill(bar, text && el("span", {}, text), text && el("button", { type: "button", class: "btn plain", "aria-label": "Dismiss", on: { click: () => trouble("") } }, "✕"));
}

function line() {
  $("offline").hidden = store.online;
}

onChange((what) => {
  if (what === "line") line();
  else if (what.trouble) trouble(what.trouble);
  else { if (what === "place") { closeMenu(); trouble(""); } draw(); }
});

document.addEventListener("click", followLinks);
$("waits").addEventListener("click", () => go({ pane: "home" }));
for (const id of ["thread-close", "thread-back"]) $(id).addEventListener("click", () => { go({ thread: "" }); $("box").focus(); });
$("skip").addEventListener("click", (event) => { event.preventDefault(); $("box").focus(); });
startComposer();
startKeys();
start();
