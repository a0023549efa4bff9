"""Runs of pipelines from the outbox: one begins when its environment is free, and hears what people decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.drawing import first_post
from bot.pace import NoSlot
from core.store.unit import Unit, release_chain
from core.usecases import launching
from core.usecases.context import Context

AGAIN = 0.5  # seconds until it is looked again whether an environment is free


async def begun(ctx: Context, release_id: int | None, body: Mapping[str, Any]) -> Callable[[Unit], Awaitable[None]]:
    """What stores the run in the unit that finishes its row, with the first post of its progress. Raises NoSlot while
    another run is at work there."""

    async def store(unit: Unit) -> None:
        begun = await launching.begin(ctx, unit, release_id, body)
        if begun == "busy":
            raise NoSlot(AGAIN)
        if begun == "begun" and release_id is not None:
            lane, kind, told = first_post(f"run.{body['run']}", release_id, "")
            await unit.outbox(lane, kind, told, cause=release_chain(release_id))

    if not await launching.way_is_clear(ctx, release_id, body):
        raise NoSlot(AGAIN)
    return store


def heard(ctx: Context, release_id: int, body: Mapping[str, Any]) -> Callable[[Unit], Awaitable[None]]:
    """What tells a run, in the unit that finishes its row, what somebody decided about it."""

    async def tell(unit: Unit) -> None:
        if await launching.said(ctx, unit, release_id, body) == "busy":
            raise NoSlot(AGAIN)

    return tell
