// Files below a message: pictures are shown, all else is a line from which it can be saved.
import { el } from "./dom.js";
import { safePicture } from "./blocks.js";

const SIZES = [[1024 * 1024, "MB"], [1024, "KB"], [1, "bytes"]];

function sized(bytes) {
  const [unit, name] = SIZES.find(([least]) => bytes >= least) ?? SIZES.at(-1);
  return `${unit === 1 ? bytes : (bytes / unit).toFixed(1)} ${name}`;
}

function card(file) {
  const address = safePicture(file.url_private);
  const link = el("a", { href: address, download: file.name, "data-key": `file-${file.id}` }, file.title);
  const line = el("div", { class: "file" }, link, el("span", { class: "ctx" }, ` ${file.name} · ${sized(file.size)}`));
  if (!file.mimetype?.startsWith("image/")) return line;
  return el("figure", { class: "file-pic" }, el("img", { class: "chart", src: address, alt: file.alt_txt ?? file.title }), line);
}

export const fileCards = (files) => (files?.length ? el("div", { class: "files" }, files.map(card)) : null);
