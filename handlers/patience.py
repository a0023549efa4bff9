"""Reads that may take longer than Slack waits: the person hears at once that it is looked for, the answer follows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.middleware import Route, answered
from handlers.request import Answer, Message, Request

if TYPE_CHECKING:
    from core.usecases.context import Context

PATIENCE = 1.6  # seconds; the edge gives up at 2.4 and Slack at 3


async def patient(request: Request, ctx: Context, read: Route, meanwhile: Message) -> Answer:
    """The answer of `read` when it is there in time, else `meanwhile` with the answer as what comes `later`.

    It goes on when the person has had an answer, and ends with the process: `read` changes nothing, or what people
    can end and begin again.
    """
    reading = asyncio.ensure_future(answered(request, ctx, read))
    try:
        done, _ = await asyncio.wait({reading}, timeout=PATIENCE)
    except asyncio.CancelledError:
        reading.cancel()
        raise
    return reading.result() if done else Answer(private=meanwhile, later=reading)


def for_all(answer: Answer) -> Answer:
    """What was answered to one person, said in the thread; also what comes later."""
    later = _said_to_all(answer) if answer.later else None
    return replace(answer, private=None, in_thread=answer.private or answer.in_thread, later=later)


async def _said_to_all(answer: Answer) -> Answer:
    assert answer.later is not None
    return for_all(await answer.later)
