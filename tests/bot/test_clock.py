"""The sandbox's clock: one long poll, a jump ends when everything due is done here, forward only."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Due, HandClock, SandboxClock, SystemClock
from bot.integrations.slack import make_session
from sandbox.workspace.workspace import Settings, Workspace


def test_the_machine_s_clock_is_aware() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_clock_set_by_hand_goes_forward_only() -> None:
    clock = HandClock(datetime(2026, 12, 1, tzinfo=UTC))
    clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))
    with pytest.raises(ValueError, match="forward"):
        clock.move_to(datetime(2026, 12, 1, tzinfo=UTC))


async def test_a_jump_waits_until_this_process_has_settled() -> None:
    async with Workspace(Settings(rate_scale=0)) as slack, make_session() as session:
        clock = SandboxClock(slack.clock_url, "p1", session)
        with pytest.raises(RuntimeError):
            clock.now()
        await clock.read()
        start = clock.now()
        seen: list[datetime] = []

        async def settle() -> None:
            await asyncio.sleep(0.05)
            seen.append(clock.now())

        following = asyncio.create_task(clock.follow(settle))
        await asyncio.sleep(0.2)
        await clock.announce([Due(start + timedelta(hours=2), "freeze v1.3.0", "Priya")])
        jump = await slack.clock.jump(start + timedelta(hours=5))
        assert jump.late == []
        assert seen[-2:] == [start + timedelta(hours=2), start + timedelta(hours=5)]
        assert jump.trail[0].label == "Priya: freeze v1.3.0"
        assert clock.now() == start + timedelta(hours=5)
        following.cancel()
        await clock.leave()
        assert slack.clock.processes == {}


async def test_a_sandbox_that_is_away_is_asked_again() -> None:
    async with make_session() as session:
        async with Workspace(Settings(rate_scale=0)) as slack:
            clock = SandboxClock(slack.clock_url, "p1", session)
            await clock.read()
            before = clock.now()
        following = asyncio.create_task(clock.follow(lambda: asyncio.sleep(0)))
        await asyncio.sleep(0.1)
        assert not following.done()
        assert clock.now() == before
        following.cancel()
        await clock.leave()
