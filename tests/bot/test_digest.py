"""The weekly digest: on Monday at its hour, once over all processes, in the thread; none of an empty week."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.domain.metrics.rows import Rows
from core.store import measures
from core.store.unit_of_work import Store, Unit
from core.usecases.digest import next_telling, tell_the_week
from tests.bot.conftest import Stage, Stages
from tests.handlers.measured import quarter

MONDAY = datetime(2026, 12, 14, 14, 30, tzinfo=UTC)  # 9:30 Eastern


async def shipped(stage: Stage, release: int, day: datetime) -> None:
    """One deployment of a day, with its six changes."""
    rows = quarter(release)
    changes = tuple(c._replace(live_at=day) for c in rows.changes if c.release == release)
    old = Rows((replace(rows.deployments[0], started_at=day - timedelta(minutes=7), finished_at=day),), changes)

    async def work(unit: Unit) -> None:
        await measures.put(unit, stage.app.ctx.product, release, Rows(), old)

    await stage.app.ctx.store.unit(work, verb="test.measures")


async def test_a_week_is_told_once_in_the_thread_and_an_empty_one_is_not(stages: Stages) -> None:
    async with stages() as stage:
        release = (await stage.start_minor()).release
        ctx = stage.app.ctx
        assert await next_telling(ctx) is None  # nothing has happened
        await shipped(stage, release, MONDAY - timedelta(days=3))
        processes = [replace(ctx, store=Store(ctx.store.database, f"p{n}")) for n in range(3)]
        for minutes, told in ((-1, [0, 0, 0]), (0, [0, 0, 1]), (30, [0, 0, 0])):
            stage.clock.move_to(MONDAY + timedelta(minutes=minutes))
            due = await next_telling(ctx)
            assert (due is not None and due.at == MONDAY) is (minutes < 0)
            assert sorted(await asyncio.gather(*map(tell_the_week, processes))) == told
        await stage.app.settle()
        card = next(m for m in stage.slack.messages("releases") if "v1.3.0" in m.text)
        (line,) = [m.text for m in stage.slack.state.messages["C0RELEASES"] if "The week of" in m.text]
        assert "1 deployment to production. • Lead time: 9 days at the median of 6 changes." in line
        assert "• Next: v1.3.0 leaves" in line
        assert card.ts and len(line.split("•")) <= 5
        stage.clock.move_to(MONDAY + timedelta(days=7))  # nothing happened in the week after it
        assert await tell_the_week(ctx) == 0
