"""Draws what is told of a run: its progress in the thread, and the message that asks how to go on from a failure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.usecases import run_seen
from core.usecases.context import Context
from core.usecases.run_seen import Moment
from handlers.request import Message
from handlers.views.decision import decision
from handlers.views.progress import progress

RUN, DECIDE = "run.", "decide."  # what their kinds begin with
ASKS = ("decision", "failure", "rollback_failed")  # moments that ask how to go on
SHOWN, KNOWN = "shown_run", "known"  # what is read for the drawing, laid beside the facts
AGAIN = 4.0  # seconds between two edits of a run that goes on


def of_a_run(kind: str) -> bool:
    return kind.startswith((RUN, DECIDE))


async def beside(ctx: Context, kind: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts with what lies beside them for this kind of message."""
    if kind.startswith(RUN):
        run = await run_seen.seen(ctx, facts, int(kind.removeprefix(RUN)))
        return {**facts, SHOWN: run, "live": run.get("live")}
    if kind.startswith(DECIDE):
        run, known = await run_seen.failure(ctx, facts, Moment.of(kind.removeprefix(DECIDE)))
        return {**facts, SHOWN: run, KNOWN: known}
    return facts


def drawn(kind: str, facts: Mapping[str, Any], now: datetime) -> Message:
    if kind.startswith(DECIDE):
        return decision(facts, facts[SHOWN], facts[KNOWN], now)
    return progress(facts, facts[SHOWN], now)


def goes_on(kind: str, facts: Mapping[str, Any]) -> bool:
    """Whether it is to be drawn again although nobody has written anything: a step is at work."""
    return kind.startswith(RUN) and bool(facts.get("live")) and facts[SHOWN]["state"] == "running"


def has_ended(kind: str, facts: Mapping[str, Any]) -> bool:
    """Whether this edit is the last one."""
    if kind.startswith(DECIDE):
        return bool(facts[SHOWN].get("decided"))
    run = facts[SHOWN]
    signed = all(s["state"] in ("done", "skipped") for s in run.get("steps") or ())
    return kind.startswith(RUN) and ((run["state"] == "done" and signed) or bool(run.get("replaced")))


async def kind_of(ctx: Context, moment: str, data: Mapping[str, Any], seq: int) -> str:
    """The kind of the living message that a post about a failed run is; "" where no pipeline did it."""
    again = data.get("again")
    if isinstance(again, str) and again:  # somebody has deleted it; what only says "once more" is no kind
        return again
    facts: Mapping[str, Any] = data.get("facts") or {}
    run: Mapping[str, Any] = facts.get("run") or {}
    if moment not in ASKS or data.get("incident") or not run.get("steps"):
        return ""
    return DECIDE + (await run_seen.moment_of(ctx, facts, int(run["id"]), seq)).text
