"""SIGKILL of a real `release-bot serve` at named points of a whole release: it comes to the same end all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kills.plays import Played, Worlds, assert_same, spread, whole_play
from tests.plugins.databases import BOTH
from tests.torture.walk import minor

TELLING = (
    "commit.after:start",  # recorded, and nobody was told
    "outbox.before_send",  # claimed, not sent
    "call.after:slack.post",  # sent, not recorded
    "call.after:git.push",  # the remote has moved, nobody knows
    "living.rendered",
    "commit.after:approve",
)
AT_THE_END = ("stop.draining",)  # reached when all is done
GROUPS = 7  # plays; about ten names in each
LATER = 8  # more plays for what only the other process met, or what happens once in five minutes

Tells = Callable[..., None]


async def test_killed_at_the_most_telling_points(worlds: Worlds, quiet_minor: Played) -> None:
    """One process on SQLite, killed and started again in the middle of one release."""
    async with worlds("sqlite") as world:
        played = await whole_play(world, minor(), size=1, armed=TELLING)
    assert sorted(played.fired) == sorted(TELLING)
    assert_same(played, quiet_minor)


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("visit", [1, 2])
async def test_killed_at_every_point(kind: str, visit: int, worlds: Worlds, quiet_minor: Played, tells: Tells) -> None:
    """Two processes, one armed with about ten names a play; what only the other one met comes up in plays with one.

    Every name that a quiet play reaches kills once at its first visit. A second visit within one life of a process
    comes up for the busy names only.
    """
    wanted = [name for name in quiet_minor.reached if name not in AT_THE_END]
    fired: set[str] = set()
    deaths = plays = 0
    for armed in spread(wanted, GROUPS) + [[]] * (LATER if visit == 1 else 0):
        left = armed or [name for name in wanted if name not in fired]
        if not left:
            break
        async with worlds(kind) as world:
            played = await whole_play(world, minor(), size=2 if armed else 1, armed=left, visit=visit)
        assert_same(played, quiet_minor)
        fired.update(played.fired)
        deaths, plays = deaths + played.deaths, plays + 1
    tells(database=kind, visit=visit, processes=2, plays=plays, names=len(wanted), fired=len(fired), kills=deaths)
    if visit == 1:
        assert set(wanted) - fired == set()
