// Rich text blocks and the markdown block, as DOM.
import { el } from "./dom.js";
import { dateTokens } from "./dates.js";
import { link, mention, nameOf } from "./mrkdwn.js";
import { withMarks } from "./marks.js";

export function richText(block, reader) {
  return (block.elements ?? []).map((part) => (PARTS[part.type] ?? paragraph)(part, reader));
}

const paragraph = (part, reader) => el("p", {}, spans(part.elements, reader));
const spans = (elements, reader) => (elements ?? []).map((e) => span(e, reader));

function list(part, reader) {
  const node = el(part.style === "ordered" ? "ol" : "ul", { class: `list in-${part.indent ?? 0}`, start: part.offset ? part.offset + 1 : null },
    (part.elements ?? []).map((item) => el("li", {}, spans(item.elements, reader))));
  return node;
}

const PARTS = {
  rich_text_section: paragraph,
  rich_text_list: list,
  rich_text_quote: (part, reader) => el("blockquote", {}, spans(part.elements, reader)),
  rich_text_preformatted: (part, reader) => el("pre", { tabindex: 0 }, spans(part.elements, reader)),
};

function span(e, reader) {
  if (e.type === "text") return styled(withMarks(e.text), e.style);
  if (e.type === "link") return link(e.url, styled([e.text ?? e.url], e.style)) ?? document.createTextNode(e.text ?? e.url);
  if (e.type === "user") return mention(`@${nameOf(e.user_id, reader)}`);
  if (e.type === "usergroup") return mention(`@${nameOf(e.usergroup_id, reader)}`);
  if (e.type === "channel") return mention(`#${nameOf(e.channel_id, reader)}`);
  if (e.type === "broadcast") return mention(`@${e.range}`, "loud");
  if (e.type === "date") return el("time", {}, dateTokens(e.timestamp, e.format ?? "{date_short_pretty} {time}", reader));
  if (e.type === "emoji") return document.createTextNode(e.unicode ? String.fromCodePoint(...e.unicode.split("-").map((c) => parseInt(c, 16))) : `:${e.name}:`);
  return document.createTextNode(e.text ?? "");
}

function styled(nodes, style = {}) {
  const tags = [["code", "code"], ["strike", "s"], ["italic", "i"], ["bold", "b"]];
  const inner = el("span", {}, nodes);
  return tags.reduce((node, [key, tag]) => (style[key] ? el(tag, {}, node) : node), inner);
}

const INLINE = /`([^`\n]+)`|\*\*(.+?)\*\*|(?<!\w)[*_](?=\S)(.+?)[*_](?!\w)|~~(.+?)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/g;

function markdownInline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, bold, italic, strike, label, address] = found;
    nodes.push(...withMarks(text.slice(from, found.index)));
    if (code !== undefined) nodes.push(el("code", {}, code));
    else if (bold !== undefined) nodes.push(el("b", {}, markdownInline(bold)));
    else if (italic !== undefined) nodes.push(el("i", {}, markdownInline(italic)));
    else if (strike !== undefined) nodes.push(el("s", {}, markdownInline(strike)));
    else nodes.push(link(address, markdownInline(label)) ?? whole);
    from = found.index + whole.length;
  }
  return [...nodes, ...withMarks(text.slice(from))];
}

/** Markdown as far as release notes need it: headings, lists, quotes, code, tables stay as text. */
export function markdownBlock(text) {
  const nodes = [];
  const pieces = text.split(/^```.*$/m);
  pieces.forEach((piece, index) => {
    if (index % 2) nodes.push(el("pre", { tabindex: 0 }, piece.replace(/^\n|\n$/g, "")));
    else markdownLines(piece, nodes);
  });
  return nodes;
}

function markdownLines(piece, nodes) {
  let open = null;
  for (const line of piece.split("\n")) {
    const [, heading] = /^#{1,6}\s+(.*)$/.exec(line) ?? [];
    const [, sign, item] = /^\s*([-*+]|\d+[.)])\s+(.*)$/.exec(line) ?? [];
    const [, quote] = /^>\s?(.*)$/.exec(line) ?? [];
    const tag = item === undefined ? (quote === undefined ? null : "blockquote") : /\d/.test(sign) ? "ol" : "ul";
    if (!tag) open = null;
    else if (open?.localName !== tag) nodes.push(open = el(tag, { class: "list" }));
    if (item !== undefined) open.append(el("li", {}, markdownInline(item)));
    else if (quote !== undefined) open.append(el("span", { class: "line" }, markdownInline(quote)));
    else if (heading !== undefined) nodes.push(el("h4", {}, markdownInline(heading)));
    else if (line.trim()) nodes.push(el("p", {}, markdownInline(line)));
  }
}
