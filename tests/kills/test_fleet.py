"""A fleet leaves nothing behind: a process that outlives its play would work on the database of the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.kills.plays import Worlds
from tests.torture.fleet import fleet


async def test_a_process_that_is_just_being_started_ends_with_the_others(worlds: Worlds) -> None:
    async with worlds("sqlite") as world:
        pids = world.nursery.pids
        async with fleet(world, 1) as bots:
            bots.kill(0)
            await _until(lambda: len(pids) > 1)  # the keeper has asked for the next one, which does not listen yet
            assert bots.living == []
        await _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("not in two seconds")
