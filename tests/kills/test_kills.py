"""SIGKILL of a real `release-bot serve` at named points of a whole release: it comes to the same end all the same."""

from __future__ import annotations

import pytest

from tests.kills.plays import Played, Worlds, assert_same, whole_play
from tests.torture.walk import minor

TELLING = (
    "commit.after:start",  # recorded, and nobody was told
    "outbox.before_send",  # claimed, not sent
    "call.after:slack.post",  # sent, not recorded
    "call.after:git.push",  # the remote has moved, nobody knows
    "living.rendered",
    "commit.after:approve",
)


async def test_killed_at_the_most_telling_points(worlds: Worlds, quiet_minor: Played) -> None:
    """One process on SQLite, killed and started again in the middle of one release."""
    async with worlds("sqlite") as world:
        played = await whole_play(world, minor(), size=1, armed=TELLING)
    assert sorted(played.fired) == sorted(TELLING)
    assert_same(played, quiet_minor)
