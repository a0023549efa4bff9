"""Slack's user groups as rows: fed by events and a sweep; clicks are judged by the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from core.domain.effects import CLICK
from core.store import members
from core.store.people import ROSTER
from core.store.unit_of_work import Unit
from core.usecases.context import Context


async def store_groups(
    ctx: Context, groups: Mapping[str, Collection[str]], at: datetime, unit: Unit | None = None
) -> bool:
    """Write what Slack said; returns whether anybody came or went. A change is an audit entry on the roster, and
    every open release's facts name the holders of its roles, so all of them look again.

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
            await own.outbox(f"{ROSTER}:others", "others.look_again", {}, cause=ROSTER, rank=CLICK)
        return bool(changed)

    if unit is not None:
        return await work(unit)
    return bool(await ctx.store.unit(work, verb="groups", chains=(ROSTER,), interactive=False))


async def wanted_groups(ctx: Context) -> tuple[str, ...]:
    """The groups that roles of the active policy are held by."""
    policy = await ctx.policy()
    return tuple(sorted(set(policy.groups().values())))


__all__ = ["ROSTER", "store_groups", "wanted_groups"]
