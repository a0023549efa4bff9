"""One run in this process: step after step, each saved before it begins and when it has ended, until it stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.logging import log
from bot.runner.families import Families
from bot.runner.job import Executor, Job, KeepsLogs, job_of
from bot.runner.watching import Keeping, Watching
from bot.unbroken import Unbroken
from core.domain.pipeline.model import Seen
from core.domain.pipeline.progress import Ended, Look
from core.errors import Busy, ReleaseBotError
from core.failpoints import failpoint
from core.store import attempts, runs
from core.store.outbox import LeaseLost
from core.usecases import running
from core.usecases.context import Context
from core.usecases.running import Going

RENEW = 8.0
TRIES, PAUSE = 5, 0.2  # of a unit that the store has no time for

_log = log("bot.runner")


@dataclass(slots=True)
class Driving:
    """A run that is ours. `moved` counts what came of it, so that somebody who waits sees whether anything did."""

    ctx: Context
    families: Families
    machine: str
    going: Going
    unbroken: Unbroken
    moved: int = 0

    async def run(self) -> None:
        """Until it stands: it has ended, waits for a person, may not go on now, or is another process's."""
        heart = asyncio.create_task(self._renewing(asyncio.current_task()), name=f"run:{self.going.run.id}:lease")
        try:
            while await self._one():
                self.moved += 1
        finally:
            heart.cancel()

    async def _one(self) -> bool:
        """One step of it; whether there is more to do."""
        if not isinstance(self.going.next, Look):
            self.going = await self._saved(None)
        else:
            seen, log = await self._attempt(self.going, self.going.next)
            await failpoint("step.exited")
            self.going = await self._saved(seen, log)
        if isinstance(self.going.next, Ended):
            self.moved += 1
            return False
        return not self.going.held

    async def _saved(self, seen: Seen | None, log: tuple[int, str] | None = None) -> Going:
        """The unit in which a step ends and the next one begins; a store without time is asked again."""
        for left in reversed(range(TRIES)):
            try:
                if seen is None:
                    return await running.started(self.ctx, self.going, machine=self.machine)
                return await running.ended(self.ctx, self.going, seen, machine=self.machine, log=log)
            except Busy:
                if not left:
                    raise
            await asyncio.sleep(PAUSE)
        raise AssertionError("unreachable")

    async def _attempt(self, going: Going, look: Look) -> tuple[Seen, tuple[int, str] | None]:
        """What came of it, and the last part of its log, which is not stored yet."""
        executor = self.families.of(look.step.uses)
        if executor is None:
            return Seen("failed", reason=f"nothing is set up here that could do a step `{look.step.uses}`"), None
        job = await self._job(going, look)
        ref = look.attempt.ref
        watching = Watching(executor, job, self._keeping(going), ref, self.unbroken)
        try:
            seen = await watching.to_the_end()
        except (ReleaseBotError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001  (a loop that must not die, and a step that must not begin for ever)
            _log.exception("step_broke_off", step=job.key)
            seen = Seen("unknown", reason=f"the bot failed: {type(error).__name__}")
        return seen, await self._kept_log(executor, job, watching.ref)

    def _keeping(self, going: Going) -> Keeping:
        async def mine() -> None:
            async with self.ctx.store.database.reader.connect() as conn:
                if not await runs.still_mine(conn, going.run.id, self.ctx.store.process):
                    raise LeaseLost(id=going.run.id)

        async def ref(text: str) -> None:
            await running.noted(self.ctx, going, ref=text)

        async def line(text: str) -> None:
            await running.noted(self.ctx, going, line=text)

        async def to_end() -> bool:
            async with self.ctx.store.database.reader.connect() as conn:
                name = await runs.step_to_end(conn, going.run.id)
            return isinstance(going.next, Look) and name == going.next.step.name

        return Keeping(ref, line, mine, to_end)

    async def _kept_log(self, executor: Executor, job: Job, ref: str) -> tuple[int, str] | None:
        """All parts but the last are stored; a part that stands already is the same."""
        parts = await executor.whole_log(job, ref) if isinstance(executor, KeepsLogs) and ref else ()
        for number, text in enumerate(parts[:-1]):
            await running.logged(self.ctx, self.going, number, text)
        return (len(parts) - 1, parts[-1]) if parts else None

    async def _job(self, going: Going, look: Look) -> Job:
        machine = self.machine
        if not going.fresh:
            async with self.ctx.store.database.reader.connect() as conn:
                machine = await attempts.machine_of(conn, going.run.id, look.attempt.step, look.attempt.number)
        return job_of(going.run, look.step, look.attempt, going.attempts, again=not going.fresh, machine=machine)

    async def _renewing(self, driver: asyncio.Task[Any] | None) -> None:
        """While this process runs, the run stays its own; when it is another's after all, nothing more is done here."""
        while True:
            await asyncio.sleep(RENEW)
            try:
                await running.renewed(self.ctx, self.going)
            except LeaseLost:
                _log.warning("run_lost", run=self.going.run.id)
                if driver is not None:
                    driver.cancel()
                return
            except Busy:
                _log.warning("store_busy", run=self.going.run.id)
