"""Practise break-glass and a roll-back decision with two people: no release, git or host, nobody outside the team."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.drills import CHOICES, KEPT, Drill, proven, waiting
from core.domain.gates.people import reason_lacks
from core.domain.policy import Policy
from core.errors import Blocker, Refused
from core.store import products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.environments import Desk, desk_of, tell


async def drill(ctx: Context, ask: Ask) -> dict[str, Any]:
    """The first person says which gate and why; the second one, who names the drill, confirms and decides.

    Input: gate, reason; of the second one drill (its number), choice, reason. Returns the drill as plain values.
    Raises Refused.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        desk = await desk_of(ctx, unit.conn)
        given = str(ask.input.get("drill") or "")
        stops = _stops(desk, ask, given)
        if stops:
            raise Refused(stops, asked="drill")
        done = _second(desk, ask, int(given)) if given else _first(desk, ask)
        kept = (*(d for d in desk.record.drills if d.id != done.id), done)[-KEPT:]
        await products.put(unit, replace(desk.record, drills=kept))
        said = told(done)
        await unit.audit(product_chain(ctx.product), ask.actor, "drill", desk.policy.hash, said, desk.now)
        if done.second:
            await tell(ctx, unit, desk.policy, "team", "drilled", said)
        else:
            for person in _others(desk, ask.actor):
                await tell(ctx, unit, desk.policy, f"dm:{person}", "drill_asked", said)
        return {"event": "drill", **said, "people": list(_others(desk, ask.actor))}

    chains = (product_chain(ctx.product),)
    return dict(await ctx.store.unit(work, verb="drill", key=ask.key, chains=chains))


async def last_proven(ctx: Context) -> tuple[str, str] | None:
    """When break-glass was last proven (ISO instant), and how: "drill" or "override"; None when never."""
    async with ctx.store.database.reader.connect() as conn:
        record = await products.load(conn, ctx.product)
    found = proven(record.drills, record.broken_at)
    return (found[0].isoformat(), found[1]) if found else None


def told(d: Drill) -> dict[str, Any]:
    """A drill as plain values."""
    return {"drill": d.id, "first": d.first, "gate": d.gate, "why": d.reason, "second": d.second, "choice": d.choice,
            "because": d.because, "at": d.at.isoformat(),
            "second_at": d.second_at.isoformat() if d.second_at else ""}  # fmt: skip


def _others(desk: Desk, actor: str) -> tuple[str, ...]:
    return tuple(p for p in desk.holders(_roles(desk.policy)) if p != actor)


def _roles(policy: Policy) -> tuple[str, ...]:
    return tuple(policy.override.roles)


def _stops(desk: Desk, ask: Ask, given: str) -> list[Blocker]:
    """Every reason against it; a stranger is refused before anything else is looked at."""
    if not _roles(desk.policy):
        return [Blocker("override.off", {})]
    if ask.actor not in desk.holders(_roles(desk.policy)):
        facts = {"event": "drill", "roles": list(_roles(desk.policy))}
        return [Blocker("permission", facts, desk.holders(_roles(desk.policy)))]
    found: list[Blocker] = []
    if given:
        one = waiting(desk.record.drills, int(given)) if given.isdigit() else None
        if one is None:
            return [Blocker("drill.gone", {})]
        if one.first == ask.actor:
            return [Blocker("override.second", {"by": one.first}, _others(desk, ask.actor), one.at.isoformat())]
        if str(ask.input.get("choice") or "") not in CHOICES:
            found.append(Blocker("drill.choice", {"one_of": list(CHOICES)}, (ask.actor,)))
    return [*found, *reason_lacks(str(ask.input.get("reason") or "").strip(), ask.actor)]


def _first(desk: Desk, ask: Ask) -> Drill:
    number = max((d.id for d in desk.record.drills), default=0) + 1
    gate = str(ask.input.get("gate") or "")[:90]
    return Drill(number, ask.actor, desk.now, gate, str(ask.input["reason"]).strip())


def _second(desk: Desk, ask: Ask, number: int) -> Drill:
    one = waiting(desk.record.drills, number)
    assert one is not None  # `_stops` has looked
    because = str(ask.input["reason"]).strip()
    return replace(one, second=ask.actor, second_at=desk.now, choice=str(ask.input["choice"]), because=because)
