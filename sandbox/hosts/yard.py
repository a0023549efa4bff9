"""What every host here keeps: places, their deployments, and the life of each, whoever asked for it."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

State = Literal["queued", "building", "starting", "ready", "live", "replaced", "failed", "cancelled"]
Phase = Literal["build", "start"]
UNDER_WAY = ("queued", "building", "starting", "ready")


class Broken(Exception):
    """A build or a start that does not work; the words are for the log."""


@dataclass(frozen=True)
class Place:
    """One service in one environment. With `auto` a push to `branch` deploys by itself."""

    id: str
    kind: Literal["backend", "static"] = "backend"
    branch: str = "main"
    auto: bool = False
    database: str = ""  # of the backend: a name, the file lies with the machine
    promotes: bool = True  # what is built gets the traffic by itself


@dataclass
class Deployment:
    """`share` percent of the place's traffic are its own; `broke` says in which part of its life it failed."""

    id: str
    place: Place
    commit: str
    trigger: str
    at: datetime
    state: State = "queued"
    live_at: datetime | None = None
    ended_at: datetime | None = None
    share: int = 0
    key: str = ""
    broke: Phase | Literal[""] = ""
    was_live: bool = False
    log: list[str] = field(default_factory=list)


class Worker(Protocol):
    """Who really does it."""

    def commit(self, name: str) -> str | None:
        """The commit of a name; None where there is none."""

    async def build(self, one: Deployment) -> None:
        """Raises Broken."""

    async def start(self, one: Deployment) -> None:
        """Raises Broken."""

    async def serve(self, place: Place, shares: Mapping[str, int]) -> None:
        """From now on each deployment, by its id, has this share of the place's traffic; all others have none."""


@dataclass
class Pretend:
    """A worker that only says so; `commits` are those that it knows, by their names."""

    commits: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def commit(self, name: str) -> str | None:
        return name if name in self.commits.values() else self.commits.get(name)

    async def build(self, one: Deployment) -> None:
        await asyncio.sleep(self.seconds)

    async def start(self, one: Deployment) -> None:
        await asyncio.sleep(self.seconds)

    async def serve(self, place: Place, shares: Mapping[str, int]) -> None:
        """Nobody comes."""


@dataclass
class Yard:
    """All places of one host. `held` are states in which deployments stay until `release`; `breaks` says which
    commit fails where; a push is heard of `late` seconds after it happened."""

    prefix: str
    now: Callable[[], datetime]
    worker: Worker
    places: dict[str, Place] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    held: set[State] = field(default_factory=set)
    breaks: dict[str, Phase] = field(default_factory=dict)
    late: float = 0.0
    _heads: dict[str, str | None] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, place: Place) -> Place:
        self.places[place.id] = place
        self._heads[place.id] = self.worker.commit(place.branch)
        return place

    def of(self, place: Place) -> list[Deployment]:
        """The newest first."""
        return [one for one in reversed(self.deployments) if one.place is place]

    def get(self, id: str) -> Deployment | None:
        return next((one for one in self.deployments if one.id == id), None)

    def live(self, place: Place) -> Deployment | None:
        return next((one for one in self.of(place) if one.state == "live"), None)

    def begin(
        self, place: Place, commit: str, trigger: str, *, key: str = "", built: bool = False, gives: bool = True
    ) -> Deployment:
        """A new deployment, under way in the background. `built`: the build of an earlier one is taken."""
        one = Deployment(f"{self.prefix}{next(self._numbers):08d}", place, commit, trigger, self.now(), key=key)
        self.deployments.append(one)
        self._start(one.id, self._lives(one, built=built, gives=gives))
        return one

    def cancel(self, one: Deployment) -> bool:
        """Give it up; False when there is nothing to give up any more."""
        if one.state not in UNDER_WAY:
            return False
        self._over(one, "cancelled")
        task = self._tasks.pop(one.id, None)
        if task is not None:
            task.cancel()
        return True

    async def give(self, one: Deployment, share: int) -> None:
        """Move the traffic; at 100 it is live and the one before is replaced."""
        before = self.live(one.place)
        shares = {one.id: share}
        if before is not None and before is not one and share < 100:
            shares[before.id] = 100 - share
        if not one.was_live and share == 100:
            one.live_at = self.now()
        await self.worker.serve(one.place, shares)
        one.share = share
        if share == 100:
            if before is not None and before is not one:
                before.state, before.share = "replaced", 0
            one.state, one.was_live = "live", True
            one.log.append("it serves")
        elif before is not None:
            before.share = 100 - share

    def release(self, *states: State) -> None:
        """Let those that wait in these states go on; without any: all."""
        self.held -= set(states) or set(self.held)
        self._moved.set()
        self._moved = asyncio.Event()

    def notice(self) -> None:
        """See what was pushed."""
        for place in self.places.values():
            head, before = self.worker.commit(place.branch), self._heads.get(place.id)
            self._heads[place.id] = head
            if place.auto and head and head != before:
                self._start(f"push {place.id} {head}", self._hears(place, head))

    async def settle(self) -> None:
        """Wait until nothing is under way, but for what is held."""
        while self._tasks and not self.held:
            await asyncio.gather(*list(self._tasks.values()), return_exceptions=True)

    async def close(self) -> None:
        """Give everything up."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _hears(self, place: Place, head: str) -> None:
        await asyncio.sleep(self.late)
        self.begin(place, head, "push", gives=place.promotes)

    async def _lives(self, one: Deployment, *, built: bool, gives: bool) -> None:
        await self._pass(one, "queued")
        async with self._turns[one.place.id]:  # one after the other in each place
            phase: Phase = "build"
            try:
                if not built:
                    await self._pass(one, "building")
                    self._break(one, "build")
                    await self.worker.build(one)
                phase = "start"
                await self._pass(one, "starting")
                self._break(one, "start")
                await self.worker.start(one)
                await self._pass(one, "ready")
                one.ended_at = self.now()
                if gives:
                    await self.give(one, 100)
            except Broken as why:
                one.broke = phase
                one.log.append(str(why))
                self._over(one, "failed")

    async def _pass(self, one: Deployment, state: State) -> None:
        one.state = state
        one.log.append(state)
        await asyncio.sleep(0)
        while state in self.held:
            await self._moved.wait()

    def _break(self, one: Deployment, phase: Phase) -> None:
        if self.breaks.get(one.commit) == phase:
            raise Broken(f"the {phase} of {one.commit[:12]} does not work")

    def _over(self, one: Deployment, state: State) -> None:
        one.state, one.ended_at = state, self.now()
