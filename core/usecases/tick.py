"""The hour: what is due now, and what comes next. Every process ticks; the unit decides who was first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core.domain.due import Due, dues, next_wake
from core.domain.environments import dues as lock_dues
from core.domain.rehearsals import channel_of
from core.store import due, products, releases
from core.usecases.advance import Report, advance
from core.usecases.ahead import ask_ahead, next_ask
from core.usecases.context import Context, roster_of
from core.usecases.digest import next_telling, tell_the_week
from core.usecases.environments import locks_at_the_hour
from core.usecases.flag_hours import flags_at_the_hour

FORESEEN = timedelta(days=30)  # how far reminders are looked for where nothing else comes before


async def tick(ctx: Context) -> int:
    """Give each release that has something due its unit; returns how many there were."""
    async with ctx.store.database.reader.connect() as conn:
        waking: Sequence[int] = await due.releases_to_wake(conn, ctx.clock.now(), product=ctx.product)
    for release_id in waking:
        await advance(ctx, Report("hour", release_id))
    asked = 0 if channel_of(ctx.product) else await ask_ahead(ctx)  # nobody is asked about trains of a rehearsal
    of_flags = 0 if channel_of(ctx.product) else await flags_at_the_hour(ctx)  # flags are of the real product alone
    told = 0 if channel_of(ctx.product) else await tell_the_week(ctx)
    return len(waking) + await locks_at_the_hour(ctx) + asked + of_flags + told


async def next_due(ctx: Context, *, waiting: bool = False) -> Due | None:
    """What happens next by itself; None when nothing will. With `waiting` it may be due now, so a tick is worth it."""
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.open_releases(conn, ctx.product)
        record = await products.load(conn, ctx.product)
        policy = await ctx.active_policy(conn)
        roster = await roster_of(conn, policy)
    now = ctx.clock.now()
    wakes = [at for r in found if waiting and (at := next_wake(r, now)) is not None]
    if wakes and min(wakes) <= now:
        return Due(now, "hold_over", "")  # of whatever kind it is
    moments = [replace(d, about=f"v{r.version}") for r in found for d in dues(r)]
    first = min((d for d in (*moments, *lock_dues(record)) if d.at > now), key=lambda d: d.at, default=None)
    if not channel_of(ctx.product):
        first = await next_ask(ctx, first.at if first else now + FORESEEN, waiting=waiting) or first
        first = await next_telling(ctx, first.at if first else None) or first
    if first is None or first.what != "seats":
        return first
    stands_in, principal = roster.changing(first.at)
    return replace(first, who=principal, about=policy.name_of(stands_in) or "somebody")
