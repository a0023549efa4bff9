"""What people read of a drill: every header and every notification says first that nothing ships."""

from __future__ import annotations

from typing import Any

from handlers import ids
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK, WAITS
from handlers.views.writing import Data, Facts, between, date_token, lasted, listed, mention, quoted, said, spoken, who

HEAD = "Drill, nothing ships"
GATES = {
    "performance": "performance tests that failed",
    "window": "the departure window",
    "freeze": "a freeze",
}
CHOICES = {"roll back": "roll back", "fix forward": "fix forward with a hotfix", "wait": "wait and watch"}


def gate_of(data: Data) -> str:
    """What is passed in the drill, as people call it."""
    return said(GATES.get(str(data.get("gate")), data.get("gate") or "a gate"))


def _message(line: str, facts: Facts, *blocks: Any) -> Message:
    return b.message(f"{HEAD}: {spoken(line, facts)}", b.header(HEAD), b.section(line, "what"), *blocks)


def done(result: Data, known: Facts) -> Message:
    """The private answer to who asked, and to who confirmed."""
    if result.get("by"):
        return _message(f"{DONE} Your review is kept; both of them read it.", known)
    if result.get("second"):
        return _message(f"{DONE} Break-glass is proven, by both of you. The team reads it.", known)
    people = listed([mention(known, str(p)) for p in result.get("people") or ()], "or", 3)
    second = f"{people or 'A second person'} has to confirm it."
    return _message(f"{WAITS} You asked to pass {gate_of(result)}. {second}", known)


def _asked(data: Data, facts: Facts, person: str) -> Message:
    first = who(facts, str(data.get("first") or ""))
    line = f"{first} wants to break the glass and pass *{gate_of(data)}*: {quoted(data.get('why') or '', 400)}"
    button = b.button("Confirm it…", "drill", ids.value(None, str(data.get("drill") or "")), about="Confirm the drill")
    return _message(
        f"{line} It takes a second person.",
        facts,
        b.context("It is practised like the real thing: no release, no branch and no host is touched."),
        b.actions(button, block_id="do"),
    )


def _pair_did(data: Data, facts: Facts) -> str:
    """Who did it, how fast, and what they decided."""
    pair = listed([who(facts, str(data.get(key) or "")) for key in ("first", "second")])
    spent = between(data.get("at"), data.get("second_at"))
    took = f" within {lasted(spent.total_seconds())}" if spent and spent.total_seconds() > 0 else ""
    choice = said(CHOICES.get(str(data.get("choice")), data.get("choice") or "wait"))
    why, because = (quoted(data.get(key) or "", 300) for key in ("why", "because"))
    return (
        f"{DONE} {pair} practised break-glass for *{gate_of(data)}*{took}: {why} Then, as if production failed, they "
        f"chose to {choice}: {because}"
    )


def drilled(data: Data, facts: Facts) -> Message:
    """To the team, when both have done it."""
    line = _pair_did(data, facts)
    people = listed([mention(facts, str(p)) for p in data.get("reviewers") or ()], "or", 3)
    return _message(f"{line} {people} reviews it." if people else line, facts)


def _review_asked(data: Data, facts: Facts, person: str) -> Message:
    """To each who may review it."""
    value = ids.value(None, str(data.get("drill") or ""), "review")
    button = b.button("Review…", "drill", value, about="Review the drill")
    return _message(
        _pair_did(data, facts),
        facts,
        b.context("You are the third person: was it right, and what follows from it?"),
        b.actions(button, block_id="do"),
    )


def _reviewed(data: Data, facts: Facts, person: str) -> Message:
    """To both who did it."""
    right = f"{DONE} it was right" if data.get("right") else f"{LOOK} it was not right"
    by = who(facts, str(data.get("by") or ""))
    follows = quoted(data.get("follows") or "", 400)
    return _message(f"{by} reviewed your drill of *{gate_of(data)}*: {right}. {follows}", facts)


def proven_line(found: tuple[str, str] | None, facts: Facts) -> str:
    """`Break-glass last proven: 2 Nov, drill`."""
    if found is None:
        return "Break-glass last proven: never. `/release drill` practises it."
    return f"Break-glass last proven: {date_token(facts, found[0], '{date_short_pretty}')}, {said(found[1])}"


MOMENTS = {"drill_asked": _asked, "drill_review_asked": _review_asked, "drill_reviewed": _reviewed}
