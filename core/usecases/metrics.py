"""What is measured of a product in a period, for everybody: nothing here names a person or takes a lock."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from core.domain.digests import numbers
from core.domain.metrics.model import Period, Report
from core.domain.metrics.periods import before, period_of
from core.domain.metrics.report import report
from core.domain.metrics.rows import Reminded
from core.store import measures
from core.store.engines import Conn
from core.usecases.context import Context
from core.usecases.reminded import reminded

LATELY = "last 30 days"


async def period(ctx: Context, text: str = "") -> Period:
    """The period that somebody typed, "" for the usual one. Raises NotFound with a sentence, see `period_of`."""
    return period_of(text, ctx.clock.now(), (await ctx.policy()).zone)


async def lately(ctx: Context) -> dict[str, Any]:
    """The last month in a few numbers, for Home; as a digest tells them."""
    return numbers(await measured(ctx, await period(ctx, LATELY)))


async def measured(ctx: Context, period: Period, product: str = "", train: str = "") -> Report:
    """The report of a period, for a product ("" for the bot's own) or one of its trains.

    A period in which nothing happened is a report without data, which is no error.
    """
    key, zone = product or ctx.product, (await ctx.policy()).zone
    async with ctx.store.database.reader.connect() as conn:
        rows = await measures.between(conn, key, before(period).start, period.end)
        rows = rows.with_reminders(await _reminders(conn, before(period).start, period.end))
    made = partial(report, rows, period, product=key, zone=zone, train=train, made_at=ctx.clock.now())
    return await asyncio.to_thread(made)  # of 10,000 deployments it takes a third of a second, and people wait


async def _reminders(conn: Conn, first: datetime, last: datetime) -> dict[int, list[Reminded]]:
    """What the bot reminded people of, by release; what people send is in the stories."""
    found: dict[int, list[Reminded]] = {}
    for sent in await reminded(conn, first, last):
        found.setdefault(sent.release, []).append(Reminded(sent.at, sent.kind, sent.answered_at))
    return found
