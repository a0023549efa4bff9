"""A release brought to a phase by the words of people, and what they read."""

from __future__ import annotations

from handlers.request import Answer
from tests.handlers.desk import Desk
from tests.handlers.story import MIRA, PRIYA

NOTHING = "Nothing was changed."


def said(answer: Answer) -> str:
    assert answer.private is not None, answer
    return answer.private.text


async def started(desk: Desk) -> None:
    await desk.types(PRIYA, "start minor")
    await desk.reads_scope()


async def frozen(desk: Desk) -> None:
    """A minor with its first candidate."""
    await started(desk)
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "begin")
    await desk.types(PRIYA, "freeze early: office move")
    await desk.git_has("1.3.0")


async def prepared(desk: Desk) -> None:
    await frozen(desk)
    await desk.ci_reports()
    await desk.types(PRIYA, "tick notes.final")
    await desk.types(PRIYA, "ready")
