"""The pause: nothing fires by itself and nothing changes outside until somebody says go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.authorise import permission
from core.domain.environments import WAITING
from core.domain.gates.people import reason_lacks
from core.domain.product import Pause
from core.errors import Blocker, Refused
from core.store import outbox, products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.environments import desk_of, tell, written


async def paused(ctx: Context) -> dict[str, str] | None:
    """By whom, since when and why everything stands still; None when it does not."""
    async with ctx.store.database.reader.connect() as conn:
        pause = (await products.load(conn, ctx.product)).pause
    return {"by": pause.by, "since": pause.since.isoformat(), "reason": pause.reason} if pause else None


async def pause(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Nothing fires by itself and no effect on git, hosts or the forge goes out, until somebody says go on.

    Input: reason. What waits for git or a host is kept and goes out then. Raises Refused.
    """
    return await _still(ctx, ask, True)


async def unpause(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Everything goes on; what waited goes out now. Raises Refused."""
    return await _still(ctx, ask, False)


async def _still(ctx: Context, ask: Ask, on: bool) -> dict[str, Any]:
    async def work(unit: Unit) -> dict[str, Any]:
        desk = await desk_of(ctx, unit.conn)
        before, reason = desk.record.pause, str(ask.input.get("reason") or "").strip()
        stranger = permission(desk.policy, desk.members, "pause", ask.actor, ask.event)
        stops: list[Blocker] = [stranger] if stranger else []
        if not stops and on and before is not None:
            who = desk.holders(desk.policy.permissions["pause"])
            stops.append(Blocker("paused", {"by": before.by, "reason": before.reason}, who, before.since.isoformat()))
        elif not stops and not on and before is None:
            stops.append(Blocker("not_paused", {}))
        elif not stops and on:
            stops += reason_lacks(reason, ask.actor)
        if stops:
            raise Refused(stops, asked=ask.event)
        new = Pause(ask.actor, desk.now, reason) if on else None
        await products.put(unit, replace(desk.record, pause=new))
        said = {"reason": reason, "by": before.by if before else "", "since": _iso(before)}
        waits = 0 if on else await outbox.hurry(unit, WAITING)
        await tell(ctx, unit, desk.policy, "team", "paused" if on else "unpaused", {**said, "actor": ask.actor})
        await written(ctx, unit, ask.actor, ask.event, desk.policy.hash, said)
        return {"event": ask.event, "waited": waits, **said}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(product_chain(ctx.product),)))


def _iso(pause: Pause | None) -> str:
    return pause.since.isoformat() if pause else ""
