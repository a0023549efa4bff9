"""A play with kills, and what it must have in common with the same play without any."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.fleet import fleet
from tests.torture.outcome import Outcome, check_sound, differences, outcome_of
from tests.torture.walk import Step, play
from tests.torture.world import World

AT_A_TIME = 22  # names that one play is armed with; each kill costs a second, each play ten
MOST_LATER = 12  # more plays with one process
OPENER = "call.after:slack.post"  # sent and not recorded: whoever comes next has to look
ABOUT_PEOPLE = (
    "call.before:slack.profile",
    "call.after:slack.profile",
    "commit.before:zones",
    "commit.after:zones",
)
ON_THEIR_OWN = frozenset({"stop.draining", *ABOUT_PEOPLE})  # once at the end, once a day: have tests of their own

Worlds = Callable[..., AbstractAsyncContextManager[World]]


@dataclass(frozen=True, slots=True)
class Walk:
    """A release from its beginning to its end, and the settings that it needs."""

    steps: Callable[[], list[Step]]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.steps.__name__


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
    assert world.complaints() == []
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


@dataclass(slots=True)
class Campaign:
    """Plays of several walks, until each failpoint that they come to has killed a process."""

    worlds: Worlds
    kind: str
    visit: int = 1
    known: set[str] = field(default_factory=lambda: set(ON_THEIR_OWN))
    reached: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by the name of the walk
    fired: list[str] = field(default_factory=list)
    plays: int = 0
    deaths: int = 0

    async def through(self, walk: Walk, quiet: Played) -> None:
        """Two processes, one armed with some names a play, spread over the walk."""
        wanted = [name for name in quiet.reached if name not in self.known]
        self.known.update(wanted)
        self.reached[walk.name].update(quiet.reached)
        for armed in spread(wanted, math.ceil(len(wanted) / AT_A_TIME)):
            await self._play(walk, quiet, armed, size=2)

    async def until_all_have_fired(self, walks: Sequence[Walk], quiet: Callable[[Walk], Awaitable[Played]]) -> None:
        """What only the other process met, what comes up only after a kill, what happens once in some minutes: played
        again, each time with the walk that comes to most of them."""
        for _ in range(MOST_LATER):
            left = set(self.left)
            if not left:
                return
            walk = max(walks, key=lambda one: len(left & self.reached[one.name]))
            await self._play(walk, await quiet(walk), [*sorted(left), OPENER], size=1)

    @property
    def left(self) -> list[str]:
        return sorted(self.known - ON_THEIR_OWN - set(self.fired))

    async def _play(self, walk: Walk, quiet: Played, armed: Sequence[str], size: int) -> None:
        async with self.worlds(self.kind, settings=walk.settings) as world:
            played = await whole_play(world, walk.steps(), size, armed, self.visit)
        assert_same(played, quiet)
        self.known.update(played.reached)
        self.reached[walk.name].update(played.reached)
        self.fired += [name for name in played.fired if name not in self.fired]
        self.plays, self.deaths = self.plays + 1, self.deaths + played.deaths


def spread(names: Sequence[str], groups: int) -> list[list[str]]:
    """Names in the order in which a play reaches them, dealt out so that each group is spread over the play."""
    return [list(names[n::groups]) for n in range(groups)]
