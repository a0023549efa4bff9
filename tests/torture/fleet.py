"""The bot as its operator runs it: some processes, one of them perhaps armed, each started again when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.torture.processes import EndedAtOnce, Serving
from tests.torture.world import World

MOST_UNEXPECTED = 3


@dataclass(slots=True)
class Fleet:
    """`armed` are the failpoints at which the first process is killed, each once; `fired` those that have done it.

    Slack reaches the first process while it lives, so that its failpoints are met; else the next one.
    """

    world: World
    size: int
    armed: list[str] = field(default_factory=list)
    visit: int = 1
    everywhere: str = ""  # failpoints of every process, as the program reads them
    without: Sequence[str] = ()
    fired: list[str] = field(default_factory=list)
    deaths: int = 0
    unexpected: list[str] = field(default_factory=list)
    _serving: list[Serving | None] = field(default_factory=list)
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)
    _by_us: set[int] = field(default_factory=set)
    _closing: bool = False

    async def open(self) -> None:
        self._serving = [None] * self.size
        self._keepers = [asyncio.create_task(self._keep(place)) for place in range(self.size)]
        while not all(self._serving):
            for keeper in self._keepers:
                if keeper.done():
                    keeper.result()
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """A clean end for all; what does not end in time is killed and told.

        One that is being started just now ends too: left alone it would work on the next play's database.
        """
        self._closing = True
        await asyncio.gather(*map(self._stop, self.living))
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _stop(self, one: Serving) -> None:
        try:
            await one.stop()
        except TimeoutError:
            self.unexpected.append(f"{one.log.name}: did not stop at SIGTERM")
            one.kill()

    @property
    def living(self) -> list[Serving]:
        return [one for one in self._serving if one is not None and one.alive]

    def states(self) -> list[str]:
        """Each place, and what the kernel says of its process."""
        return [f"{one.log.name} {one.pid} {one.state()}" if one else "none" for one in self._serving]

    def kill(self, place: int) -> bool:
        """kill -9 one process; the keeper starts it again."""
        one = self._serving[place]
        if one is None or not one.alive:
            return False
        self._by_us.add(one.pid)
        one.kill()
        return True

    async def _keep(self, place: int) -> None:
        """For the life of the fleet: run the process of this place, and run it again when it has died."""
        while not self._closing:
            fail = self._fail() if place == 0 and self.armed else self.everywhere
            try:
                one = await self.world.nursery.serve(self.world.env, fail=fail, without=self.without)
            except EndedAtOnce as gone:
                self._died(place, gone.reached, f"before it listened ({gone.log.name})")
                continue
            self._serving[place] = one
            self._front()
            if self._closing:
                await self._stop(one)
            await one.over.wait()
            self._serving[place] = None
            self._front()
            if not self._closing:
                self._died(place, one.reached(), "" if one.pid in self._by_us else one.log.name)

    def _fail(self) -> str:
        return ";".join(f"{name}=kill@{self.visit}" for name in self.armed)

    def _died(self, place: int, reached: list[str], unexplained: str) -> None:
        """Whether a failpoint did it: it writes its name as the last thing before it kills."""
        self.deaths += 1
        last = reached[-1].removesuffix("=kill") if reached and reached[-1].endswith("=kill") else ""
        if place == 0 and last in self.armed:
            self.armed.remove(last)
            self.fired.append(last)
        elif unexplained:
            self.unexpected.append(f"a process ended by itself: {unexplained}")
            if len(self.unexpected) > MOST_UNEXPECTED:
                raise RuntimeError("; ".join(self.unexpected))

    def _front(self) -> None:
        living = self.living
        if living:
            self.world.slack.bot_url = living[0].url


@asynccontextmanager
async def fleet(world: World, size: int, **more: object) -> AsyncIterator[Fleet]:
    made = Fleet(world, size, **more)  # type: ignore[arg-type]
    await made.open()
    try:
        yield made
    except BaseException:
        print("processes when it failed:", made.states())
        raise
    finally:
        await made.close()
