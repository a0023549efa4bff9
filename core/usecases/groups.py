"""Slack's user groups as rows: fed by events and a sweep; clicks are judged by the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from core.store import members, releases
from core.store.unit_of_work import Unit
from core.usecases.advance import Report, advance
from core.usecases.context import Context

ROSTER = "roster"


async def store_groups(
    ctx: Context, groups: Mapping[str, Collection[str]], at: datetime, unit: Unit | None = None
) -> bool:
    """Write what Slack said; returns whether anybody came or went. A change is an audit entry on the roster.

    With `unit` it shares that unit, which must hold the chain `roster`.
    """

    async def work(own: Unit) -> bool:
        changed: dict[str, Any] = {}
        for group, people in sorted(groups.items()):
            moves = await members.read_group(own, group, "", people, at)
            if moves.joined or moves.left:
                changed[group] = {"joined": sorted(moves.joined), "left": sorted(moves.left)}
        if changed:
            await own.audit(ROSTER, "slack", "members", "", changed, ctx.clock.now())
        return bool(changed)

    if unit is not None:
        return await work(unit)
    changed = await ctx.store.unit(work, verb="groups", chains=(ROSTER,), interactive=False)
    if changed:
        await refresh(ctx)
    return bool(changed)


async def refresh(ctx: Context) -> None:
    """Every open release's facts name the holders of its roles, so they are written anew."""
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.open_releases(conn, ctx.product)
    for release in found:
        await advance(ctx, Report("settle", release.id))


async def wanted_groups(ctx: Context) -> tuple[str, ...]:
    """The groups that roles of the active policy are held by."""
    policy = await ctx.policy()
    return tuple(sorted(set(policy.groups().values())))


__all__ = ["ROSTER", "refresh", "store_groups", "wanted_groups"]
