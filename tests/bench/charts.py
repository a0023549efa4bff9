"""Charts: how long a click waits while they are drawn and sent, and what the serving process keeps of them."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from sqlalchemy import func, select

from bot.clock import HandClock
from core.domain.picture import BARS, LINE, Panel, Picture, Series
from core.store.engines import Database
from core.store.reads import Reads
from core.store.tables import outbox
from core.store.unit_of_work import Store
from core.usecases.advance import Ask
from core.usecases.charts import Chart, bring
from core.usecases.context import Context
from tests.bench.stage import load, memory_of, process, settings_of, stage
from tests.policies import simulated

AIMS = {"p95": 2.0, "mib": 20.0}
FEW = 50
LATER = datetime(2099, 1, 1, tzinfo=UTC)  # no chart is too late for the clock of the stage
PATIENCE = 900.0
WEEKS = tuple(f"{1 + n % 28} {1 + n // 9}" for n in range(52))
PICTURE = Picture(
    "2026: 52 releases, 3 rolled back",
    (
        Panel("Commit to production", "days", LINE, WEEKS, (Series("median", (6.5,) * 52),), (12,) * 52, 5),
        Panel("Deployments", "", BARS, WEEKS, (Series("well", (1.0,) * 52), Series("back", (0.0,) * 52, bad=True))),
    ),
)


async def clicks_beside_charts(folder: Path, rounds: int, seconds: float, charts: int) -> dict[str, Any]:
    """p95 of `/release status` with and without drawing, and the memory of the serving process after few and many."""
    async with stage(folder / "charts", 100, 1_000) as s:
        database = Database.open(settings_of(s.env).database)
        try:
            clock = HandClock(LATER)
            ctx = Context(Store(database, "bench"), Reads(database), clock, None, _key())  # type: ignore[arg-type]
            with process("-m", "bot", "serve", port=s.port, env=s.env | {"PACE_SCALE": "0"}) as bot:
                idle, drawing = [], []
                began = time.perf_counter()
                await _send(ctx, FEW)
                await _done(database)
                took = (time.perf_counter() - began) / FEW
                few, sent = memory_of(bot), FEW
                for _ in range(rounds):
                    idle.append(load(s.port, 1, seconds, "status", "v1.3.0"))
                    more = max(20, int(2 * seconds / took))
                    await _send(ctx, more)
                    drawing.append(load(s.port, 1, seconds, "status", "v1.3.0"))
                    still = await _open(database)
                    await _done(database)
                    sent += more
                    assert still, "the charts were over before the clicks"
                await _send(ctx, max(0, charts - sent))
                await _done(database)
                many = memory_of(bot)
        finally:
            await database.close()
    quiet, busy = median(f.p95 for f in idle), median(f.p95 for f in drawing)
    return {
        "charts": max(charts, sent), "seconds": took, "idle_p95": quiet, "busy_p95": busy, "ratio": busy / quiet,
        "few_mib": few, "many_mib": many, "wrong": sum(f.wrong for f in (*idle, *drawing)),
    }  # fmt: skip


def _key() -> str:
    from core.domain.policy import parse_policy

    return parse_policy(simulated().read_text(encoding="utf-8")).product.key


async def _send(ctx: Context, count: int) -> None:
    for _ in range(count):
        await bring(ctx, Ask("U0PRIYA", "metrics"), "channel:C0RELEASES", Chart(PICTURE, "Metrics", "A chart"))


async def _open(database: Database) -> int:
    async with database.reader.connect() as conn:
        return int((await conn.execute(select(func.count()).where(outbox.c.open.is_(True)))).scalar_one())


async def _done(database: Database) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _open(database):  # noqa: ASYNC110  (another process does it)
            await asyncio.sleep(0.1)
    async with database.reader.connect() as conn:
        void = await conn.execute(select(outbox.c.error).where(outbox.c.state == "void").limit(1))
        assert (why := void.scalar_one_or_none()) is None, why


def show(console: Console, found: dict[str, Any]) -> bool:
    """Print the ratio and the growth with their aims; returns whether both were met and no answer was wrong."""
    grown = found["many_mib"] - found["few_mib"]
    console.print(
        f"charts beside clicks: p95 {found['busy_p95']:.2f} / {found['idle_p95']:.2f} ms = {found['ratio']:.2f} "
        f"(aim <= {AIMS['p95']}), {found['seconds']:.2f} s for each; memory after {found['charts']:,} "
        f"{found['many_mib']:.0f} MiB, after {FEW} {found['few_mib']:.0f} (aim <= {AIMS['mib']:.0f} more)"
    )
    return bool(found["ratio"] <= AIMS["p95"] and grown <= AIMS["mib"] and not found["wrong"])
