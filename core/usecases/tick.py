"""The hour: what is due now, and what comes next. Every process ticks; the unit decides who was first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.domain.release import Phase, Release
from core.store import due, releases
from core.usecases.advance import Report, advance
from core.usecases.context import Context


async def tick(ctx: Context) -> int:
    """Give each release that has something due its unit; returns how many there were."""
    async with ctx.store.database.reader.connect() as conn:
        waking: Sequence[int] = await due.releases_to_wake(conn, ctx.clock.now())
    for release_id in waking:
        await advance(ctx, Report("tick", release_id))
    return len(waking)


async def next_due(ctx: Context) -> tuple[datetime, str, tuple[str, ...]] | None:
    """The next instant at which something happens by itself: when, what (a code with the version), whom it concerns."""
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.open_releases(conn, ctx.product)
    now = ctx.clock.now()
    moments = [m for r in found for m in _moments(r) if m[0] > now]
    return min(moments, key=lambda m: m[0], default=None)


def _moments(r: Release) -> list[tuple[datetime, str, tuple[str, ...]]]:
    found: list[tuple[datetime, str, tuple[str, ...]]] = []
    lead = (r.lead,)
    if r.hold and r.hold.until:
        found.append((r.hold.until, f"hold_over v{r.version}", (r.hold.by,)))
    if r.phase is Phase.DEVELOPMENT and r.freeze_at:
        found.append((r.freeze_at, f"freeze v{r.version}", lead))
    if r.phase is Phase.PREPARATION and r.coming_at and "coming:support" not in r.wanted:
        found.append((r.coming_at, f"coming v{r.version}", lead))
    if r.phase is Phase.PREPARATION and r.departs_at:
        found.append((r.departs_at, f"go_hour v{r.version}", lead))
    if (
        r.window_ends_at
        and not r.missed_departure
        and r.phase in (Phase.PLANNING, Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION)
    ):
        found.append((r.window_ends_at, f"missed v{r.version}", lead))
    return found
