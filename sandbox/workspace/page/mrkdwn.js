// Slack's mrkdwn as DOM nodes: what it does not know stays text.
import { el } from "./dom.js";
import { dateTokens } from "./dates.js";
import { startsWithMark, withMarks } from "./marks.js";

const INLINE = new RegExp([
  "`([^`\\n]+)`",
  "<([^<>\\n]+)>",
  "(?<![\\p{L}\\p{N}*])\\*(?=\\S)([^*\\n]*?[^\\s*])\\*(?![\\p{L}\\p{N}*])",
  "(?<![\\p{L}\\p{N}_])_(?=\\S)([^_\\n]*?[^\\s_])_(?![\\p{L}\\p{N}_])",
  "(?<![\\p{L}\\p{N}~])~(?=\\S)([^~\\n]*?[^\\s~])~(?![\\p{L}\\p{N}~])",
].join("|"), "gu");

export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
const plainNodes = (text) => withMarks(unescape(text));

/** A link is followed only inside the sandbox; the page decides that at the click. Other schemes stay text. */
export function link(address, children) {
  let url = null;
  try { url = new URL(address); } catch { /* not an address: text below */ }
  if (!url || !["http:", "https:", "mailto:"].includes(url.protocol)) return null;
  return el("a", { href: url.href, rel: "noopener noreferrer", "data-out": "yes" }, children);
}

export function mention(label, kind = "") {
  return el("span", { class: `men ${kind}`.trim() }, label);
}

export const nameOf = (id, reader) => reader.names?.[id] ?? id;

function special(body, reader, raw) {
  const [head, label] = splitOnce(body, "|");
  if (head.startsWith("!date^")) {
    const [, at, format, address] = head.split("^");
    const words = /^\d+$/.test(at) ? dateTokens(Number(at), unescape(format ?? ""), reader) : unescape(label ?? "");
    const time = el("time", { datetime: new Date(Number(at) * 1000 || 0).toISOString() }, words);
    return (address && link(address, time)) || time;
  }
  if (head.startsWith("!subteam^")) return mention(label ? unescape(label) : `@${nameOf(head.split("^")[1], reader)}`);
  if (["!channel", "!here", "!everyone"].includes(head)) return mention(`@${head.slice(1)}`, "loud");
  return unescape(raw);
}

function angle(body, reader) {
  const raw = `<${body}>`;
  if (body.startsWith("@")) {
    const id = body.slice(1).split("|")[0];
    return mention(`@${nameOf(id, reader)}`, id === reader.id ? "me" : "");
  }
  if (body.startsWith("#")) return mention(`#${nameOf(body.slice(1).split("|")[0], reader)}`);
  if (body.startsWith("!")) return special(body, reader, raw);
  const [address, label] = splitOnce(body, "|");
  return link(unescape(address), label ? inline(label, reader) : unescape(address)) ?? unescape(raw);
}

function splitOnce(text, sign) {
  const at = text.indexOf(sign);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** One line of mrkdwn. */
export function inline(text, reader) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, token, bold, italic, strike] = found;
    nodes.push(...plainNodes(text.slice(from, found.index)));
    if (code !== undefined) nodes.push(el("code", {}, unescape(code)));
    else if (token !== undefined) nodes.push(angle(token, reader));
    else if (bold !== undefined) nodes.push(el("b", {}, inline(bold, reader)));
    else if (italic !== undefined) nodes.push(el("i", {}, inline(italic, reader)));
    else nodes.push(el("s", {}, inline(strike, reader)));
    from = found.index + whole.length;
  }
  nodes.push(...plainNodes(text.slice(from)));
  return nodes;
}

function lines(text, reader) {
  const nodes = [];
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const row = quoted ? quoted[1] : line;
    const hang = startsWithMark(row) ? " hang" : "";
    const node = el("span", { class: row.trim() ? `line${hang}` : "line gap" }, inline(row, reader));
    if (!quoted) { quote = null; nodes.push(node); continue; }
    if (!quote) nodes.push(quote = el("blockquote"));
    quote.append(node);
  }
  return nodes;
}

/** A whole mrkdwn text: code blocks, quotes, lines. */
export function mrkdwn(text, reader) {
  const nodes = [];
  text.split("```").forEach((piece, index, all) => {
    if (index % 2 === 1 && index < all.length - 1) nodes.push(el("pre", { tabindex: 0 }, unescape(piece.replace(/^\n|\n$/g, ""))));
    else {
      const rest = index % 2 === 1 ? "```" + piece : piece;
      const trimmed = index ? rest.replace(/^\n/, "") : rest;
      if (trimmed || all.length === 1) nodes.push(...lines(index < all.length - 1 ? trimmed.replace(/\n$/, "") : trimmed, reader));
    }
  });
  return nodes;
}

/** A text object of either kind. */
export function textObject(object, reader) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, reader);
  return object.text.split("\n").map((line) => el("span", { class: "line" }, withMarks(line)));
}

/** The same on one line, for labels of choices. */
export function textLine(object, reader) {
  if (!object) return [];
  return object.type === "mrkdwn" ? inline(object.text, reader) : withMarks(object.text);
}
