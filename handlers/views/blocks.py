"""The one builder of blocks: no layout can pass our limits, which are stricter than Slack's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from handlers.request import Block, Message
from handlers.views.writing import cut, harmless

MOST_BLOCKS, MOST_TEXT, MOST_HOME = 20, 6000, 100
HEADER, SECTION, FIELD, FIELDS = 60, 1500, 400, 6
BUTTON, OPTION, IN_A_ROW = 30, 60, 5
MENU, TITLE, FALLBACK = 5, 24, 600
_OPEN_END = re.compile(r"<[^<>]*$|&[a-z]{0,3}$")


def fit(text: str, limit: int) -> str:
    """At most `limit` characters of markup: whole lines with "and 4 more", a single long line cut at a word."""
    if len(text) <= limit:
        return text
    lines, kept, room = text.split("\n"), [], limit - 20
    while lines and len(lines[0]) + 1 <= room:
        room -= len(lines[0]) + 1
        kept.append(lines.pop(0))
    if not kept:
        kept.append(_OPEN_END.sub("", cut(lines.pop(0), limit - 20)).rstrip() + "…")
    return "\n".join([*kept, f"and {len(lines)} more"]) if lines else "\n".join(kept)


def lines(found: Sequence[str], limit: int, of: int = 0) -> str:
    """As many whole lines as fit, then how many more there are of all `of` (of the given ones by default)."""
    kept: list[str] = []
    room, whole = limit - 24, max(of, len(found))
    for line in found:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    if not kept and found:
        kept.append(fit(found[0], limit - 24))
    rest = whole - len(kept)
    return "\n".join([*kept, f"and {rest:,} more"] if rest > 0 else kept)


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(text.strip() or "–", limit), "emoji": True}


def markup(text: str, limit: int = SECTION) -> Block:
    """Markup whose plain parts Slack leaves alone: no address or channel name in it becomes a link by itself."""
    return {"type": "mrkdwn", "text": fit(text, limit), "verbatim": True}


# --- blocks ---------------------------------------------------------------------------------------------------------


def header(text: str, block_id: str = "") -> Block:
    return _named({"type": "header", "text": _plain(text, HEADER)}, block_id)


def section(text: str, block_id: str = "", accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": markup(text)}
    if accessory:
        block["accessory"] = accessory
    return _named(block, block_id)


def fields(pairs: Iterable[tuple[str, str]], block_id: str = "") -> Block:
    """Up to six facts, each a bold name and its value; what is empty is left out."""
    shown = [markup(f"*{title}*\n{text}", FIELD) for title, text in pairs if text]
    return _named({"type": "section", "fields": shown[:FIELDS]}, block_id)


def context(*texts: str, block_id: str = "") -> Block:
    return _named({"type": "context", "elements": [markup(t) for t in texts if t][:10]}, block_id)


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block | None, block_id: str = "") -> Block:
    """At most four buttons and one menu in a row; action ids are made unique in the block."""
    shown, seen = [dict(e) for e in elements if e][:IN_A_ROW], set[str]()
    for number, element in enumerate(shown):
        if element["action_id"] in seen:
            element["action_id"] = f"{element['action_id']}.{number}"
        seen.add(element["action_id"])
    return _named({"type": "actions", "elements": shown}, block_id)


def button(
    label: str, verb: str, value: str = "-", *, primary: bool = False, confirm: Block | None = None, about: str = ""
) -> Block:
    """A button; `about` is read out instead of the label, so that "Open" says what it opens."""
    block: Block = {"type": "button", "text": _plain(label, BUTTON), "action_id": verb, "value": value[:1900] or "-"}
    if primary:
        block["style"] = "primary"
    if confirm:
        block["confirm"] = confirm
    if about:
        block["accessibility_label"] = cut(about, 75)
    return block


def link(label: str, verb: str, url: str) -> Block:
    """A button that only opens an address."""
    return {"type": "button", "text": _plain(label, BUTTON), "action_id": verb, "url": url}


def confirm(title: str, text: str, yes: str, no: str, *, danger: bool = False) -> Block:
    block: Block = {
        "title": _plain(title, 100),
        "text": _plain(text, 300),
        "confirm": _plain(yes, 30),
        "deny": _plain(no, 30),
    }
    if danger:
        block["style"] = "danger"
    return block


def menu(options: Sequence[tuple[str, str]]) -> Block | None:
    """The ⋮ menu: at most five (label, value)."""
    if not options:
        return None
    return {"type": "overflow", "action_id": "more", "options": [option(*o) for o in options[:MENU]]}


def option(label: str, value: str) -> Block:
    return {"text": _plain(label, OPTION), "value": value[:150] or "-"}


def _named(block: Block, block_id: str) -> Block:
    if block_id:
        block["block_id"] = block_id[:120]
    return block


# --- whole messages -------------------------------------------------------------------------------------------------


def message(text: str, *blocks: Block | None) -> Message:
    """A message within the limits, with the full sentence `text` as its fallback."""
    return Message(harmless(cut(" ".join(text.split()), FALLBACK)), _held(blocks, MOST_BLOCKS, MOST_TEXT))


def surface(*blocks: Block | None) -> list[Block]:
    """The blocks of a form or of Home, within their limit."""
    return _held(blocks, MOST_HOME, 4 * MOST_TEXT)


def size(block: Any) -> int:
    """Visible characters of a block."""
    if isinstance(block, list):
        return sum(map(size, block))
    if isinstance(block, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else size(v) for k, v in block.items())
    return 0


def _held(blocks: Iterable[Block | None], most: int, letters: int) -> list[Block]:
    kept = [b for b in blocks if b and not _empty(b)]
    dropped = 0
    if len(kept) <= most and len(repr(kept)) <= letters - 20:  # surely within; counting each sign costs
        return _one_primary(_unique(kept))
    while len(kept) + bool(dropped) > most or size(kept) > letters - 20:
        rest = [i for i, b in enumerate(kept) if b["type"] != "actions" and i > 1] or [len(kept) - 1]
        kept.pop(rest[-1])
        dropped += 1
    if dropped:
        tail = 1 if kept and kept[-1]["type"] == "actions" else 0
        kept.insert(len(kept) - tail, context(f"and {dropped} more"))
    return _one_primary(_unique(kept))


def _empty(block: Block) -> bool:
    if block["type"] == "context" or block["type"] == "actions":
        return not block["elements"]
    if block["type"] == "section":
        return not block.get("fields") if "text" not in block else not block["text"]["text"].strip()
    return False


def _unique(blocks: list[Block]) -> list[Block]:
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        if block.get("block_id") in seen:
            block["block_id"] = f"{block['block_id']}.{number}"
        seen.add(block.get("block_id", ""))
    return blocks


def _one_primary(blocks: list[Block]) -> list[Block]:
    found = False
    for block in blocks:
        for element in [*(block.get("elements") or ()), block.get("accessory") or {}]:
            if element.get("style") == "primary":
                if found:
                    del element["style"]
                found = True
    return blocks
