"""kill -9 at random moments while Slack is unreliable: whatever happens, the release comes to the same end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

import pytest

from sandbox.workspace.faults import Kind
from tests.kills.conftest import Quiet
from tests.kills.plays import Played, Walk, Worlds, assert_same, reached_in
from tests.plugins.databases import BOTH
from tests.torture.fleet import Fleet, fleet
from tests.torture.outcome import check_sound, outcome_of
from tests.torture.walk import minor, play
from tests.torture.world import World

Tells = Callable[..., None]
FAULTS: tuple[Kind, ...] = ("drop", "store_late", "answer_late", "error_before", "error_after", "rate_limited", "reset")
METHODS = ("chat.postMessage", "chat.update", "views.open", "conversations.open", "usergroups.users.list")
LATE = 0.3  # seconds; shorter than the pause before a second look
MOST_CALLS = 600


def make_unreliable(world: World, dice: Random, every: float) -> None:
    """About one call in `every` goes wrong, each time in another way."""
    for method in METHODS:
        for number in range(2, MOST_CALLS):
            if dice.random() < 1 / every:
                kind = dice.choice(FAULTS)
                world.slack.faults.add(method, kind, nth=number, seconds=1.0 if kind == "rate_limited" else LATE)


@dataclass(slots=True)
class Reaper:
    """Kills one process after another; `least` to `most` seconds lie between two."""

    bots: Fleet
    dice: Random
    least: float
    most: float
    kills: int = 0

    async def run(self, at_most: int) -> None:
        while self.kills < at_most:
            await asyncio.sleep(self.dice.uniform(self.least, self.most))
            self.kills += self.bots.kill(self.dice.randrange(self.bots.size))


@asynccontextmanager
async def reaper(bots: Fleet, dice: Random, at_most: int) -> AsyncIterator[Reaper]:
    """For as long as the block runs."""
    one = Reaper(bots, dice, least=0.1, most=1.5)
    task = asyncio.create_task(one.run(at_most))
    yield one
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _one_play(world: World, dice: Random, size: int, at_most: int) -> tuple[Played, int]:
    make_unreliable(world, dice, every=9.0)
    async with fleet(world, size) as bots:
        async with reaper(bots, dice, at_most) as death:
            await play(world, minor())
        await world.settles()
    assert bots.unexpected == []
    await check_sound(world)
    return Played(await outcome_of(world), reached_in(world.nursery.folder), (), bots.deaths), death.kills


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_a_hundred_random_kills(
    kind: str, worlds: Worlds, quiet: Quiet, dice: int, tells: Tells
) -> None:
    """A hundred on each database, over as many releases as it takes."""
    random, kills, plays, faults = Random(dice), 0, 0, 0
    while kills < 100:
        async with worlds(kind) as world:
            played, more = await _one_play(world, random, size=2, at_most=100 - kills)
            faults += sum(world.slack.faults.happened.values())
        assert_same(played, await quiet.of(Walk(minor)))
        kills, plays = kills + more, plays + 1
    tells(seed=dice, database=kind, processes=2, plays=plays, kills=kills, faults=faults)
