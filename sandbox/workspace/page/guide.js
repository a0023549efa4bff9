// The guide of the first run: its steps and their ticks come from the server, which reads them from facts.
import { el, fill, focusAgain, focusKey } from "./dom.js";
import { jump } from "./clockbar.js";
import { become } from "./sidebar.js";
import { go, guideStep, nextToAct, store } from "./store.js";

const HIDDEN = "release-sandbox.guide";
let busy = false;
let trouble = "";
const PLACES = { dm: "Open the messages" };

export const hideGuide = (yes) => localStorage.setItem(HIDDEN, yes ? "hidden" : "shown");
const isHidden = () => localStorage.getItem(HIDDEN) === "hidden";

async function doIt(step) {
  busy = true;
  trouble = "";
  drawGuide(document.getElementById("guide"));
  const answer = await guideStep(step.id);
  busy = false;
  trouble = answer.ok ? "" : answer.error ?? "That did not work.";
  drawGuide(document.getElementById("guide"));
}

function putInBox(text) {
  const box = document.getElementById("box");
  box.value = text;
  box.focus();
}

/** Who should be on screen for this step: the one it names, else whoever the cards wait for. */
function wanted(step) {
  if (step.as) return { person: store.data.people.find((p) => p.id === step.as), pane: step.pane };
  return { person: step.follow ? nextToAct() : null, pane: "dm" };
}

/** Puts the text into the box, as the right person in the right channel. */
function offer(step) {
  const { person, pane } = wanted(step);
  const other = person && person.id !== store.data.me;
  const button = (text, key, on, style = "") => el("button", { type: "button", class: `btn ${style}`, "data-key": key, "aria-busy": busy ? "true" : null, on: { click: on } }, text);
  return [
    other && button(`Become ${person.name}`, "become", () => become(person, { pane, thread: "" }), "go"),
    person && !other && pane !== store.place.pane && button(PLACES[pane] ?? `Open #${pane}`, "place", () => go({ pane, thread: "" }), "go"),
    !other && step.text && button("Put it in the box", "put", () => { go({ pane: step.pane, thread: "" }); setTimeout(() => putInBox(step.text), 60); }, step.follow || step.jump ? "" : "go"),
    !other && step.jump && store.data.next && button("Jump there ▸", "jump", () => jump({ to: "next" }), "go"),
    step.can && button(busy ? "Doing it…" : "Do it for me", "do", () => busy || doIt(step), "plain"),
  ];
}

export function drawGuide(node) {
  const guide = store.data.guide;
  const show = guide?.steps?.length && !isHidden() && store.place.pane !== "channels";
  node.hidden = !show;
  if (!show) { fill(node); return; }
  const at = guide.steps.find((s) => !s.done);
  const focus = focusKey(node);
  fill(node,
    el("h2", {}, guide.title, el("button", { type: "button", class: "btn plain small", "data-key": "hide", on: { click: () => { hideGuide(true); drawGuide(node); document.getElementById("box")?.focus(); } } }, "Hide")),
    el("ol", {}, guide.steps.map((s) => el("li", { class: s.done ? "done" : s === at ? "on" : "", "aria-current": s === at ? "step" : null },
      el("span", { class: "step" }, s.name), el("span", { class: "vh" }, s.done ? ", done" : "")))),
    el("div", { class: "try", role: "status" }, el("span", {}, at ? words(at.words) : words(guide.end)), at && el("span", { class: "offers" }, offer(at))),
    trouble && el("p", { class: "error", role: "alert" }, trouble));
  focusAgain(node, focus);
}

/** Text between backquotes is code, between stars bold. */
const words = (text) => text.split(/(`[^`]+`|\*[^*]+\*)/).map((piece) => (piece.length < 3 ? piece : { "`": el("code", {}, piece.slice(1, -1)), "*": el("b", {}, piece.slice(1, -1)) }[piece[0]] ?? piece));
