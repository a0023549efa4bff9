"""The weekly digest: five lines at most into the thread of the release that leaves soonest, once over all processes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.domain.digests import next_week, numbers, week_of
from core.domain.due import Due
from core.domain.effects import REMINDER
from core.store import due, living, measures
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context
from core.usecases.metrics import measured

KIND, SUBJECT = "digest", "week"
NEAR_MONDAY = (6, 0, 1)  # the days in UTC on which it is Monday somewhere
NOON = timedelta(hours=12)  # the same day for readers in other zones
WEEK = timedelta(days=7, hours=10)  # and the hours until it is told


async def tell_the_week(ctx: Context) -> int:
    """Tell last week, when it is Monday and the hour has come; an empty week is not told. Returns how many were."""
    now = ctx.clock.now()
    if now.weekday() not in NEAR_MONDAY or (found := week_of(now, await ctx.policy())) is None:
        return 0
    monday, week = found
    key = (KIND, SUBJECT, monday.isoformat())
    async with ctx.store.database.reader.connect() as conn:
        told = key in await due.done(conn, [key[2]])
        first = None if told else await ctx.reads.card(ctx.product)
        standing = await living.load(conn, first.id, "card") if first else None
    if first is None or standing is None or not standing.ts:  # there is no thread to tell it in
        return 0
    report = await measured(ctx, week)
    data: dict[str, Any] = {"actor": "", "reason": "", "period": week.name, "monday": (week.start + NOON).isoformat()}
    data |= {"numbers": numbers(report), "facts": first.facts}
    chain, release = release_chain(first.id), first.id

    async def work(unit: Unit) -> int:
        if not await due.claim(unit, key, ctx.clock.now()) or not report.points:
            return 0
        body = {"release": release, "place": "thread", "moment": "digest_week", "data": data}
        await unit.outbox(f"release:{release}:team", "slack.post", body, cause=chain, rank=REMINDER)
        return 1

    return int(await ctx.store.unit(work, verb="digest", chains=(chain,), interactive=False))


async def next_telling(ctx: Context, before: datetime | None = None) -> Due | None:
    """When a week is told next, while something went to production in it and there is a thread to tell it in. None
    also where that is not before `before`."""
    first = await ctx.reads.card(ctx.product)
    at = next_week(ctx.clock.now(), await ctx.policy()) if first else None
    if first is None or at is None or (before is not None and at >= before):
        return None
    async with ctx.store.database.reader.connect() as conn:
        shipped = await measures.between(conn, ctx.product, at - WEEK, at)
    return Due(at, "digest", "", f"v{first.version}") if shipped.deployments else None
