"""SIGKILL of a real `release-bot serve` at named points of a whole release: it comes to the same end all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.kills.around import SETTINGS, around
from tests.kills.beside import beside
from tests.kills.conftest import Quiet
from tests.kills.names import ELSEWHERE, all_names
from tests.kills.plays import ABOUT_PEOPLE, Campaign, Walk, Worlds, assert_same, whole_play
from tests.kills.walks import bad_day, eventful
from tests.plugins.databases import BOTH
from tests.torture.fleet import fleet
from tests.torture.outcome import check_sound
from tests.torture.processes import Serving
from tests.torture.walk import minor, play
from tests.torture.world import World

Tells = Callable[..., None]
TELLING = (
    "commit.after:start",  # recorded, and nobody was told
    "outbox.before_send",  # claimed, not sent
    "call.after:slack.post",  # sent, not recorded
    "call.after:git.push",  # the remote has moved, nobody knows
    "living.rendered",
    "commit.after:approve",
)
MINOR = Walk(minor)
EVENTFUL = Walk(eventful)
BAD_DAY = Walk(bad_day, {"SIMULATED_FAULT": "production:1.3.0=2 of 12 smoke tests failed"})
WALKS = (MINOR, EVENTFUL, BAD_DAY, Walk(beside), Walk(around, SETTINGS))


async def test_killed_at_the_most_telling_points(worlds: Worlds, quiet: Quiet, tells: Tells) -> None:
    """One process on SQLite, killed and started again in the middle of one release."""
    async with worlds("sqlite") as world:
        played = await whole_play(world, minor(), size=1, armed=TELLING)
    tells(database="sqlite", processes=1, kills=played.deaths)
    assert sorted(played.fired) == sorted(TELLING)
    assert_same(played, await quiet.of(MINOR))


async def test_killed_while_it_stops(worlds: Worlds) -> None:
    """SIGTERM with a message under way, then the kill: the next process finds everything."""
    async with worlds("sqlite") as world:
        one = await world.nursery.serve(world.env, fail="outbox.before_send=sleep:0.5;stop.draining=kill")
        world.slack.bot_url = one.url
        await _starts(world)
        await one.stop()
        assert one.reached()[-1] == "stop.draining=kill"
        async with fleet(world, 1):
            await play(world, minor()[1:3])
        await check_sound(world)


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_killed_while_slack_is_asked_about_people(kind: str, worlds: Worlds) -> None:
    """Once a day each; whoever starts some minutes after the kill asks again, and then everybody is known."""
    async with worlds(kind) as world:
        async with fleet(world, 1, armed=list(ABOUT_PEOPLE)) as bots:
            await play(world, minor()[:5])
            today = world.slack.clock.now() - timedelta(hours=1)
            bots.kill(0)
            async with asyncio.timeout(60):
                while not await world.asked_about_people(since=today):
                    await world.minutes_later()
                    await asyncio.sleep(1.5)
        assert sorted(bots.fired) == sorted(ABOUT_PEOPLE) and bots.unexpected == []
        await check_sound(world)


async def test_stopped_cleanly_in_the_middle(worlds: Worlds) -> None:
    """SIGTERM with a message under way: it is sent and recorded first, and the next process has nothing to look for."""
    async with worlds("sqlite") as world:
        one: Serving = await world.nursery.serve(world.env, fail="outbox.before_send=sleep:0.3")
        world.slack.bot_url = one.url
        await _starts(world)
        await one.stop()
        assert [row for row in await world.open_rows() if row.state == "sending" or row.doubt] == []
        assert world.complaints() == []
        async with fleet(world, 1):
            await play(world, minor()[1:3])
        await check_sound(world)


async def _starts(world: World) -> None:
    answer = await world.slack.person("Priya").types("/release start minor")
    assert answer is not None
    assert answer.ok


def test_every_name_is_known() -> None:
    """The list comes from the code; what is said of names that are proven elsewhere is about names that exist."""
    assert set(ELSEWHERE) <= all_names()


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_killed_at_every_point(kind: str, worlds: Worlds, quiet: Quiet, tells: Tells) -> None:
    """Every failpoint that five whole walks come to kills a process once; with the few that are proven elsewhere
    these are all the names there are."""
    campaign = Campaign(worlds, kind)
    for walk in WALKS:
        await campaign.through(walk, await quiet.of(walk))
    await campaign.until_all_have_fired(WALKS, quiet.of)
    tells(database=kind, processes=2, plays=campaign.plays, names=len(campaign.fired), kills=campaign.deaths)
    assert campaign.left == []
    assert all_names() - campaign.known == set(ELSEWHERE) - campaign.known


@pytest.mark.torture
async def test_killed_at_the_second_visit(worlds: Worlds, quiet: Quiet, tells: Tells) -> None:
    """The names that a process comes to twice in one life."""
    campaign = Campaign(worlds, "sqlite", visit=2)
    await campaign.through(MINOR, await quiet.of(MINOR))
    tells(database="sqlite", visit=2, processes=2, plays=campaign.plays, names=len(campaign.fired))
    assert len(campaign.fired) >= len(TELLING)
