// The eight marks and the bar, drawn by the page: they look the same without an emoji font, and the sign stays in the text.
import { el, picture } from "./dom.js";

const SHAPES = {
  "✅": ["done", "M4.2 8.4l2.6 2.6 5-5.6"],
  "⏳": ["waits", "M5 3.2h6M5 12.8h6M5.6 3.4c0 3 4.8 3.4 4.8 4.6S5.6 9.6 5.6 12.6M10.4 3.4c0 3-4.8 3.4-4.8 4.6s4.8 1.6 4.8 4.6"],
  "⛔": ["blocked", "M4.4 8h7.2"],
  "⚠": ["look", "M8 5.6v3.600M8 11.3v.4"],
  "🔵": ["running", ""],
  "⚪": ["not-yet", ""],
  "⏸": ["hold", "M6.3 5v6M9.7 5v6"],
  "↩": ["back", "M6.6 4.6L4 7.200l2.6 2.6M4.2 7.2h5a2.6 2.6 0 010 5.200H8"],
};
const SIGN = /(✅|⏳|⛔|⚠|🔵|⚪|⏸|↩)\uFE0F?|[▰▱]{4,}/gu;

function mark(sign, whole) {
  const [name, path] = SHAPES[sign];
  return el("span", { class: `mark mark-${name}`, "aria-hidden": "true" },
    el("span", { class: "vh" }, whole), picture("0 0 16 16", path));
}

function bar(signs) {
  const done = [...signs].filter((c) => c === "▰").length;
  const of = [...signs].length;
  const inner = el("i");
  inner.style.width = `${(100 * done) / of}%`;
  return el("span", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": of, "aria-valuenow": done,
    "aria-valuetext": `${done} of ${of}`, "aria-label": "Progress" }, el("span", { class: "vh" }, signs), inner);
}

/** Text with its marks drawn. */
export function withMarks(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(SIGN)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    nodes.push(found[1] ? mark(found[1], found[0]) : bar(found[0]));
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

export const startsWithMark = (text) => /^(✅|⏳|⛔|⚠|🔵|⚪|⏸|↩|•|□|☐)/u.test(text);
