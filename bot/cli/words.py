"""Slack messages as plain text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from core.errors import Refused
from core.usecases.context import Context
from handlers.ground import ground
from handlers.request import Message
from handlers.views.refusals import refusal

_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]*)>")
_PERSON = re.compile(r"<@([A-Z0-9]+)>")
_MARKS = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")


def plain(message: Message, names: Mapping[str, str] | None = None) -> str:
    """What stands in a message, block by block; buttons as [Label]."""
    lines = [line for block in message.blocks for line in _lines(block)]
    return "\n".join(in_text(line, names or {}) for line in lines) or in_text(message.text, names or {})


def in_text(text: str, names: Mapping[str, str]) -> str:
    """mrkdwn without its signs: dates and people in words."""
    text = _DATE.sub(r"\1", text)
    text = _LINK.sub(r"\2 (\1)", text)
    text = _PERSON.sub(lambda found: names.get(found[1], found[1]), text)
    return unescape(_MARKS.sub(r"\1", text))


async def in_words(ctx: Context, refused: Refused, actor: str) -> str:
    """A refusal that is about no release, as Slack would show it."""
    known = await ground(ctx)
    return plain(refusal(refused.asked, refused.blockers, known, actor), known["names"])


def _lines(block: Mapping[str, Any]) -> Iterable[str]:
    match block.get("type"):
        case "header":
            return [block["text"]["text"], ""]
        case "section":
            texts = [block["text"]["text"]] if "text" in block else []
            texts += [field["text"] for field in block.get("fields", ())]
            button = _labels([block["accessory"]]) if "accessory" in block else ""
            return [*texts, *([button] if button else [])]
        case "context":
            return ["  ".join(str(e.get("text", "")) for e in block.get("elements", ()))]
        case "actions":
            return [_labels(block.get("elements", ()))]
        case "divider":
            return [""]
        case _:
            return []


def _labels(elements: Iterable[Mapping[str, Any]]) -> str:
    labels = [str(e["text"]["text"]) for e in elements if isinstance(e.get("text"), Mapping)]
    return " ".join(f"[{label}]" for label in labels)
