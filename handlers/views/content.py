"""What people read of a release: the texts for each audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import LOOK
from handlers.views.notes import audience_buttons
from handlers.views.pressing import press
from handlers.views.writing import (
    Facts,
    counted,
    date_token,
    listed,
    mention,
    plain,
    said,
)

# --- notes -----------------------------------------------------------------------------------------------------------


def notes(facts: Facts, audience: str = "") -> Message:
    """The texts for each audience, gaps first, as they will be posted."""
    tag, texts = plain(facts.get("tag", "")), facts.get("texts") or {}
    gaps = gaps_in(texts)
    edited = (
        f"Mended by {mention(facts, texts.get('edited_by', ''))} {date_token(facts, texts['edited_at'])}"
        if texts.get("edited_at")
        else "Drafted from the scope; nobody has mended it"
    )
    parts: list[Block | None] = []
    if audience in ("", "stakeholders"):
        parts += _stakeholders(texts.get("stakeholders") or {})
    if audience in ("", "support"):
        parts += _support(texts.get("support") or {})
    ended = facts.get("phase") in ("closed", "cancelled")
    buttons = [None if ended else press(facts, "words", item=audience), *audience_buttons(facts, audience)]
    return b.message(
        f"The notes of {tag}{f' for {audience}' if audience else ''}: "
        + (f"{counted(len(gaps), 'gap')}, {listed(gaps)}." if gaps else "no gaps."),
        b.header(f"Notes of {tag}" + (f" · {audience}" if audience else "")),
        b.section("*Needs you*\n" + "\n".join(f"{LOOK} {g}" for g in gaps), "gaps") if gaps and not ended else None,
        *parts,
        b.context(edited),
        b.actions(*buttons, block_id="do"),
    )


def gaps_in(texts: Mapping[str, Any]) -> list[str]:
    """What nobody has written yet."""
    stakeholders, support = texts.get("stakeholders") or {}, texts.get("support") or {}
    found = []
    if not stakeholders.get("gets") and not stakeholders.get("better"):
        found.append("what customers get")
    if not support.get("new") and not support.get("solved"):
        found.append("what changes for support")
    if not support.get("say"):
        found.append("what to say to customers")
    if not support.get("contact"):
        found.append("whom support asks")
    return found


def _items(title: str, lines: Sequence[str]) -> Block | None:
    return b.section(f"*{title}*\n" + "\n".join(f"• {said(x, 200)}" for x in lines[:10])) if lines else None


def _stakeholders(t: Mapping[str, Any]) -> list[Block | None]:
    rest = [
        f"*{title}*\n{said(t.get(key), 600)}"
        for key, title in (("better", "Also better"), ("good_to_know", "Good to know"))
        if t.get(key)
    ]
    return [
        b.section("_Stakeholders read_"),
        _items("What customers get", t.get("gets") or ()),
        b.section("\n".join(rest)) if rest else None,
    ]


def _support(t: Mapping[str, Any]) -> list[Block | None]:
    rest = [
        f"*{title}*\n{said(t.get(key), 600)}"
        for key, title in (("workaround", "What helps"), ("downtime", "Downtime"), ("contact", "Contact"))
        if t.get(key)
    ]
    say = f"*If a customer asks*\n> “{said(t.get('say'), 600)}”" if t.get("say") else ""
    return [
        b.section("_Support reads_"),
        _items("New for customers", t.get("new") or ()),
        _items("Solved", t.get("solved") or ()),
        _items("May still come up", t.get("known_issues") or ()),
        b.section("\n".join(rest)) if rest else None,
        b.section(say) if say else None,
    ]
