"""The loop of runs: claims those that wait for a runner and drives each as a task; one that fails ends no other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.logging import log
from bot.rounds import Rounds
from bot.runner.driving import Driving
from bot.runner.families import Families
from bot.unbroken import Unbroken
from core.errors import Busy
from core.failpoints import failpoint
from core.store import runs
from core.store.outbox import LeaseLost
from core.usecases import running
from core.usecases.context import Context

POLL = 1.0
AFTER_FAILURE = 5.0  # seconds until a run is looked at again that this process could not go on with

_log = log("bot.runner")


@dataclass(slots=True)
class Runner:
    """One per process; `wake` makes the loop look at once. `moved` counts what came of all runs."""

    ctx: Context
    families: Families
    machine: str
    moved: int = 0
    _rounds: Rounds = field(default_factory=lambda: Rounds("runs", POLL))
    _running: dict[asyncio.Task[None], Driving] = field(default_factory=dict)
    _unbroken: Unbroken = field(default_factory=Unbroken)

    def wake(self) -> None:
        self._rounds.wake()

    async def run(self) -> None:
        """For the life of the process."""
        await self._rounds.run(self.claim)

    async def claim(self) -> int:
        """Claim runs and begin to drive them; returns how many."""
        return await self._unbroken.run(self._claim())

    async def _claim(self) -> int:
        room = runs.AT_ONCE - len(self._running)
        if room <= 0 or self._rounds.stopping:
            return 0
        found = await running.taken(self.ctx, at_once=room)
        for going in found:
            driving = Driving(self.ctx, self.families, self.machine, going, self._unbroken)
            task = asyncio.create_task(self._drive(driving), name=f"run:{going.run.id}")
            self._running[task] = driving
            task.add_done_callback(self._ended)
        if found:
            await failpoint("run.claimed")
        return len(found)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._rounds.wake()

    async def _drive(self, driving: Driving) -> None:
        run = driving.going.run.id
        try:
            await driving.run()
        except LeaseLost:
            _log.warning("run_lost", run=run)
        except Busy:
            _log.warning("store_busy", run=run)
            await self._give_back(driving)
        except Exception:  # noqa: BLE001  (one run must not end the loop; it is taken up again)
            _log.exception("run_failed", run=run)
            await self._give_back(driving)
        finally:
            self.moved += driving.moved

    async def _give_back(self, driving: Driving, after: float = AFTER_FAILURE) -> None:
        try:
            await running.given_back(self.ctx, driving.going, after)
        except Busy:  # the lease runs out
            _log.warning("store_busy", run=driving.going.run.id)

    async def once(self, patience: float) -> int:
        """Take what waits and wait until no run is under way here, at most so long; how many steps began or ended."""
        before = self.moved
        await self.claim()
        if self._running:
            await asyncio.wait(set(self._running), timeout=patience)
        return self.moved - before

    async def drain(self, seconds: float) -> None:
        """Claim nothing, finish what must not be cut, let go of the runs. Commands go on under their shims."""
        self._rounds.stop()
        await self._unbroken.drain(seconds)
        left = dict(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(set(left), timeout=1.0)
        for driving in left.values():
            await self._give_back(driving, 0.0)
