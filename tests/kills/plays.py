"""A play with kills, and what it must have in common with the same play without any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.torture.fleet import fleet
from tests.torture.outcome import Outcome, check_sound, differences, outcome_of
from tests.torture.walk import Step, play
from tests.torture.world import World

Worlds = Callable[..., AbstractAsyncContextManager[World]]


@dataclass(frozen=True, slots=True)
class Played:
    """What a play left behind: its outcome, the failpoints reached in any process, and those that killed."""

    outcome: Outcome
    reached: tuple[str, ...]
    fired: tuple[str, ...]
    deaths: int


async def whole_play(world: World, steps: list[Step], size: int, armed: Sequence[str] = (), visit: int = 1) -> Played:
    """Play to the end, wait until all is quiet, stop cleanly, and check what must hold after any play."""
    async with fleet(world, size, armed=list(armed), visit=visit) as bots:
        await play(world, steps)
    await check_sound(world)
    assert bots.unexpected == []
    return Played(await outcome_of(world), reached_in(world.nursery.folder), tuple(bots.fired), bots.deaths)


def reached_in(folder: Path) -> tuple[str, ...]:
    """In the order in which they were reached first."""
    lines = [line for trace in sorted(folder.glob("*.trace"), key=_number) for line in trace.read_text().split("\n")]
    return tuple(dict.fromkeys(line for line in lines if line and "=" not in line))


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def assert_same(played: Played, quiet: Played) -> None:
    found = differences(quiet.outcome, played.outcome)
    assert not found, f"killed at {', '.join(played.fired)}, the play came to another end: {found}"


def spread(names: Sequence[str], groups: int) -> list[list[str]]:
    """Names in the order in which a play reaches them, dealt out so that each group is spread over the play."""
    return [list(names[n::groups]) for n in range(groups)]
