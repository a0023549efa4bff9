"""What a step says while it is at work, asked of whoever does it; the port Tails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.runner.families import Families
from bot.runner.job import job_of
from core.errors import IntegrationError
from core.store import attempts, runs
from core.usecases.context import Context

PATIENCE = 2.0  # seconds: somebody waits for a window


@dataclass(frozen=True, slots=True)
class RunnerTails:
    """The executors of this process; what another machine does is not seen from here."""

    ctx: Context
    families: Families

    async def newest(self, run: int, step: str, lines: int) -> Sequence[str]:
        async with self.ctx.store.database.reader.connect() as conn:
            stored = await runs.load(conn, run)
            tried = await attempts.of_run(conn, run)
        planned = next((s for s in stored.steps if s.name == step), None) if stored else None
        newest = max((a for a in tried if a.step == step), key=lambda a: a.number, default=None)
        executor = self.families.of(planned.uses) if planned else None
        if stored is None or planned is None or newest is None or executor is None:
            return ()
        try:
            async with asyncio.timeout(PATIENCE):
                return await executor.tail(job_of(stored, planned, newest, tried), newest.ref, lines)
        except (TimeoutError, IntegrationError, OSError):  # the window shows what the store has
            return ()
