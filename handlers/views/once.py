"""What somebody is asked once by message: with its button while the question is open, then with what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views import overrides, voices
from handlers.views.marks import DONE, LOOK
from handlers.views.pressing import show
from handlers.views.writing import Data, Facts, listed, said, spoken, who

Told = dict[str, Any]
# Moment -> what its data call the number of the thing that it is about.
NUMBERS = {
    "override_asked": "override",
    "review_asked": "override",
    "concern": "concern",
    "concern_came": "concern",
    "carry_asked": "concern",
    "reported": "report",
}


def kind_of(moment: str, data: Data) -> str:
    """`carry_asked.1`; "" for a message that asks nothing of its reader."""
    number = data.get(NUMBERS.get(moment, ""))
    return f"{moment}.{number}" if number else ""


def asks(kind: str, facts: Facts) -> bool:
    """Whether its question is still open."""
    return bool(_found(kind, facts)[0])


def drawn(kind: str, facts: Facts, person: str) -> Message:
    """The message as it should stand now."""
    moment = kind.partition(".")[0]
    told, over = _found(kind, facts)
    if told:
        return {**overrides.MOMENTS, **voices.MOMENTS}[moment](told, facts, person)
    return b.message(spoken(over, facts), b.section(over), b.actions(show(facts, "status", "Open"), block_id="do"))


def _found(kind: str, facts: Facts) -> tuple[Told, str]:
    """What is asked while it is open, else what came of it in a line."""
    moment, _, number = kind.partition(".")
    rows, open_ = _OF[moment]
    row = next((r for r in facts.get(rows) or () if str(r["id"]) == number), None)
    return (open_(row), "") if row and open_(row) else ({}, _over(rows, row, facts))


def _over(rows: str, row: Data | None, facts: Facts) -> str:
    tag = f"*{said(facts.get('tag'))}*"
    if rows == "overrides" and row:
        return _of_override(row, facts, tag)
    if rows == "reports" and row:
        found = voices.FOUND.get(str(row["found"]), said(row["found"]))
        return f"{DONE} {who(facts, row['triaged_by'])} looked at the report about {tag}: it is {found}."
    return f"{DONE} The concern about {tag} is decided. The thread says how."


def _of_override(row: Data, facts: Facts, tag: str) -> str:
    gate = f"*{overrides.title_of(row)}* of {tag}"
    if row["reviewed_by"]:
        return f"{DONE} {who(facts, row['reviewed_by'])} reviewed the override of {gate}."
    if row["void"]:
        return f"{LOOK} The override of {gate} is void: {overrides.VOID.get(row['void'], 'something has changed')}."
    return f"{DONE} {listed([who(facts, row[key]) for key in ('first', 'second')])} passed {gate}."


def _to_confirm(o: Mapping[str, Any]) -> Told:
    return _override(o) if o["state"] == "waits" else {}


def _to_review(o: Mapping[str, Any]) -> Told:
    return _override(o) if o["reviewers"] else {}


def _override(o: Mapping[str, Any]) -> Told:
    told = {key: o[key] for key in ("code", "title", "first", "second", "candidate")}
    return told | {"override": o["id"], "why": o["reason"], "due": o["review_by"] or ""}


def _concern(c: Mapping[str, Any]) -> Told:
    return {"concern": c["id"], "actor": c["by"], "reason": c["text"], "wants": c["wants"], "link": c["link"]}


def _came(c: Mapping[str, Any]) -> Told:
    pair = c["carry"] or {}
    told = {"concern": c["id"], "text": c["text"], "author": c["by"], "origin": c["origin"], "report": c.get("report")}
    return told | {"first": pair.get("by"), "second": pair.get("second"), "why": pair.get("reason")}


def _to_carry(c: Mapping[str, Any]) -> Told:
    pair = c["carry"] or {}
    if not pair or pair["second"]:
        return {}
    return {"concern": c["id"], "text": c["text"], "author": c["by"], "actor": pair["by"], "reason": pair["reason"]}


def _to_triage(r: Mapping[str, Any]) -> Told:
    told = {"report": r["id"], "kind": r["kind"], "link": r["link"], "actor": r["by"], "reason": r["text"]}
    return {} if r["found"] else told


_OF: dict[str, tuple[str, Callable[[Mapping[str, Any]], Told]]] = {
    "override_asked": ("overrides", _to_confirm),
    "review_asked": ("overrides", _to_review),
    "concern": ("concerns", _concern),
    "concern_came": ("concerns", _came),
    "carry_asked": ("concerns", _to_carry),
    "reported": ("reports", _to_triage),
}
