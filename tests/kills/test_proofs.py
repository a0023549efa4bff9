"""The kill tests can fail: with a protection taken away the same checks find what it had kept off."""

from __future__ import annotations

import asyncio

import pytest

from tests.kills.plays import Worlds
from tests.torture.fleet import fleet
from tests.torture.outcome import check_sound, said_twice
from tests.torture.walk import minor, play
from tests.torture.world import World

FIRST_STEPS = 3  # up to the beginning of development: a card, four lines, messages to two people, one announcement
VERY_LATE, LATE = 1.5, 0.35  # seconds after which Slack stores a message although the line was cut at once


@pytest.mark.proof
async def test_without_the_claim_two_processes_post_everything_twice(worlds: Worlds) -> None:
    async with worlds("sqlite") as world:
        async with fleet(world, 2, everywhere="outbox.before_send=sleep:0.2", without=["claim"]):
            await play(world, minor()[:FIRST_STEPS])
        with pytest.raises(AssertionError, match="posted twice"):
            await check_sound(world)


async def _with_late_stores(world: World, *, settle: float, late: float) -> list[str]:
    """Every third message is stored late: the bot's line is cut, and only then it stands."""
    world.settings["SETTLE_SECONDS"] = str(settle)
    for number in range(2, 60, 3):
        world.slack.faults.add("chat.postMessage", "store_late", nth=number, seconds=late)
    async with fleet(world, 1) as bots:
        await play(world, minor()[:FIRST_STEPS])
    assert bots.unexpected == []
    await asyncio.sleep(late)  # until the last of them stands
    return said_twice(world)


@pytest.mark.proof
async def test_without_the_pause_a_late_message_is_sent_again(worlds: Worlds) -> None:
    """The look lies while the lost request is still landing."""
    async with worlds("sqlite") as world:
        assert await _with_late_stores(world, settle=0.0, late=VERY_LATE)


@pytest.mark.torture
async def test_with_the_pause_it_is_found(worlds: Worlds) -> None:
    async with worlds("sqlite") as world:
        assert await _with_late_stores(world, settle=2 * LATE, late=LATE) == []
        await check_sound(world)
