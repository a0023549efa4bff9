"""How long evidence is kept, in words: what will be deleted, what was, what a legal hold keeps; a period's changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from core.domain.retention import Month
from core.usecases.retention import Held
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK
from handlers.views.writing import Data, Facts, counted, day_token, listed, said, spoken, who

MOST_NAMED = 8  # versions in a line


def _counted(things: Sequence[Sequence[str]]) -> str:
    """`3 deployment logs and 1 package`."""
    logs = sum(what == "logs" for _, what, _ in things)
    packages = len(things) - logs
    told = [counted(logs, "deployment log")] if logs else []
    return listed(told + ([counted(packages, "package")] if packages else [])) or "nothing"


def _held(held: Mapping[str, str], facts: Facts) -> str:
    told = [f"v{said(version)}, by {who(facts, by)}" for version, by in held.items()]
    return f" Kept on hold: {listed(told, 'and', MOST_NAMED)}." if told else ""


def _reach(things: Sequence[Sequence[str]]) -> str:
    return "reaches its age and is deleted" if len(things) == 1 else "reach their age and are deleted"


def coming(data: Data, facts: Facts, person: str) -> Message:
    """Before a month: what is deleted then, and what is not."""
    things = data.get("expiring") or ()
    line = f"On {_first(data)} {_counted(things)} {_reach(things)}.{_held(data.get('held') or {}, facts)}"
    return b.message(spoken(line, facts), b.section(f"{LOOK} {line}"), _buttons())


def over(data: Data, facts: Facts, person: str) -> Message:
    """After a month: what was deleted."""
    things = data.get("expiring") or ()
    named = dict.fromkeys(f"v{said(version)}" for version, _, _ in things)
    was, held = "was" if len(things) == 1 else "were", _held(data.get("held") or {}, facts)
    line = (
        f"{_counted(things)} reached the age that the policy gives and {was} deleted: "
        f"{listed(list(named), 'and', MOST_NAMED)}. What is left proves itself as before.{held}"
    )
    return b.message(spoken(line, facts), b.section(f"{DONE} {line}"))


def _first(data: Data) -> str:
    """The day on which it happens; the stored text where that is no day."""
    text = str(data.get("first") or "")
    try:
        return _day(date.fromisoformat(text))
    except ValueError:
        return said(text) or "the first of the month"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _buttons() -> Block:
    return b.actions(b.button("Look at the list", "retention", ids.value(None)), block_id="do")


def listing(month: Month, holds: Sequence[Held], facts: Facts, months: tuple[int, int]) -> Message:
    """What is deleted next and what is held; `months` are the ages of packages and logs."""
    day = _day(month.first)
    rows = [f"*v{said(one.version)}* · {_WHAT[one.what]} · counted from {_day(one.since)}" for one in month.things]
    held = [
        f"*v{said(one.version)}* · by {who(facts, one.hold.by)} since {_day(one.hold.at.date())}: "
        f"{said(one.hold.reason, 200)}"
        for one in holds
    ]
    rule = f"Packages are kept {months[0]} months, deployment logs {months[1]}; approvals stay with their package."
    head = f"On {day} {len(month.things) or 'nothing'} {'are' if len(month.things) > 1 else 'is'} deleted."
    return b.message(
        head,
        b.header("How long evidence is kept"),
        b.section(f"*On {day}*\n{b.lines(rows, 2400) or 'Nothing reaches its age.'}", "things"),
        b.section(f"*On legal hold*\n{b.lines(held, 2400) or 'No release.'}", "held"),
        b.context(f"{rule} Hold one: `/release audit hold 0.9.0 why`; end that: `/release audit lift 0.9.0 why`."),
    )


_WHAT = {"logs": "its deployment logs", "package": "its whole package"}


def held(version: str) -> Message:
    line = f"Everything of v{said(version)} is kept until somebody lifts this."
    return b.message(line, b.section(f"{DONE} {line}"))


def lifted(version: str) -> Message:
    line = f"v{said(version)} is not on hold any more. What is past its age goes on the next first of a month."
    return b.message(line, b.section(f"{DONE} {line}"))


def period(
    words: str, name: str, counts: Mapping[str, int], gaps: Sequence[Mapping[str, Any]], facts: Facts, *, may: bool
) -> Message:
    """All changes of a period in a line, the gaps by name, and the package of them."""
    rest = f"{LOOK} {counted(len(gaps), 'gap')}: without a record, or beside me." if gaps else "No gaps."
    named = [
        f"• {day_token(facts, gap['at'])}: {said(gap['kind'])}, {said(gap['what'], 120)}"
        + (f", {who(facts, gap['who'])}" if gap["who"] else "")
        for gap in gaps[:MOST_NAMED]
    ]
    named += [f"and {len(gaps) - MOST_NAMED} more in the package"] if len(gaps) > MOST_NAMED else []
    line = (
        f"*{said(words)}*: {counted(counts['changes'], 'change')} of production, "
        f"{counted(counts['commits'], 'commit')} went live. {rest}"
    )
    send = b.button("Send me the package", "package", ids.value(None, name)) if may else None
    return b.message(
        spoken(line, facts),
        b.header(f"Changes of {words}"),
        b.section(line, "summary"),
        b.section("\n".join(named), "gaps") if named else None,
        b.actions(send, block_id="do") if send else b.context("A release manager or an auditor can have the package."),
    )


def no_period(why: str) -> Message:
    line = f"{said(why, 300)}. A version works too: `/release audit 1.3.0`."
    return b.message(spoken(line, {}), b.section(line))


def which(word: str) -> Message:
    line = f"Which release? For example `/release audit {word} 1.2.0 a court asks for it`."
    return b.message(spoken(line, {}), b.section(line))


def sent(about: str) -> Message:
    line = f"The evidence of {said(about)} comes by direct message."
    return b.message(line, b.section(f"{DONE} {line}"))


MOMENTS: dict[str, Callable[[Data, Facts, str], Message]] = {"retention_coming": coming, "retention_done": over}
