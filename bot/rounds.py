"""A loop that must not die: round after round; when nothing came of one it waits to be woken, or for its turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.logging import log

JITTER = 0.25  # of the pause: processes must not look at the database in step

_log = log("bot.rounds")


@dataclass(slots=True)
class Rounds:
    """One loop of one process. `name` is for the log, `seconds` the longest pause between two rounds."""

    name: str
    seconds: float
    stopping: bool = False
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Let the next round begin at once."""
        self._woken.set()

    def sleep_on(self) -> None:
        """Forget that it was woken: what woke it was its own doing."""
        self._woken.clear()

    def stop(self) -> None:
        """Let the round that is under way be the last one."""
        self.stopping = True
        self._woken.set()

    async def run(self, work: Callable[[], Awaitable[int]]) -> None:
        """Do `work`, which says how much it did, until it is stopped. A round that fails is told in the log, and the
        next one is tried after a pause: the database may be away for a while."""
        while not self.stopping:
            self._woken.clear()
            try:
                done = await work()
            except Exception:  # noqa: BLE001  (a loop that must not die)
                _log.exception("round_failed", loop=self.name)
                done = 0
                self._woken.clear()
            if done == 0 and not self.stopping:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self.seconds * (1 - JITTER * random.random())):
                await self._woken.wait()
        except TimeoutError:
            return
