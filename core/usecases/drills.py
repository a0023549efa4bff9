"""Practise break-glass, a roll-back decision and their review: no release, git or host, nobody outside the team."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.drills import CHOICES, KEPT, Drill, proven, unreviewed, waiting
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
    """The first person says which gate and why; the second one, who names the drill, confirms and decides; a third one
    reviews it.

    Input: gate, reason; of the second one drill (its number), choice, reason; of the third one drill, right (yes or
    no), reason. Returns the drill as plain values. Raises Refused.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        desk = await desk_of(ctx, unit.conn)
        given = str(ask.input.get("drill") or "")
        stops = _stops(desk, ask, given)
        if stops:
            raise Refused(stops, asked="drill")
        done = _next(desk, ask, given)
        kept = (*(d for d in desk.record.drills if d.id != done.id), done)[-KEPT:]
        await products.put(unit, replace(desk.record, drills=kept))
        said = told(done)
        await unit.audit(product_chain(ctx.product), ask.actor, "drill", desk.policy.hash, said, desk.now)
        moment, people = _told_to(desk, done)
        if moment == "drill_review_asked":
            await tell(ctx, unit, desk.policy, "team", "drilled", {**said, "reviewers": list(people)})
        for person in people:
            await tell(ctx, unit, desk.policy, f"dm:{person}", moment, said)
        return {"event": "drill", **said, "people": list(people)}

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
            "because": d.because, "at": d.at.isoformat(), "by": d.reviewed_by, "right": d.right, "follows": d.follows,
            "second_at": d.second_at.isoformat() if d.second_at else ""}  # fmt: skip


def _others(desk: Desk, actor: str) -> tuple[str, ...]:
    return tuple(p for p in desk.holders(_roles(desk.policy)) if p != actor)


def _told_to(desk: Desk, done: Drill) -> tuple[str, tuple[str, ...]]:
    """Which message goes to whom now: to who can confirm, to who can review, or to both who did it."""
    if done.reviewed_by:
        return "drill_reviewed", (done.first, done.second)
    if done.second:
        return "drill_review_asked", _reviewers(desk, done)
    return "drill_asked", _others(desk, done.first)


def _reviewers(desk: Desk, done: Drill) -> tuple[str, ...]:
    """The policy's reviewers without the two; where that leaves nobody, others who may override."""
    rules = desk.policy.override
    for roles in (rules.reviewers, rules.roles):
        if found := tuple(p for p in desk.holders(roles) if p not in (done.first, done.second)):
            return found
    return ()


def _roles(policy: Policy) -> tuple[str, ...]:
    return tuple(policy.override.roles)


def _stops(desk: Desk, ask: Ask, given: str) -> list[Blocker]:
    """Every reason against it; a stranger is refused before anything else is looked at."""
    if not _roles(desk.policy):
        return [Blocker("override.off", {})]
    done = unreviewed(desk.record.drills, int(given)) if given.isdecimal() else None
    if done is not None and not ask.input.get("choice"):
        return _review_stops(desk, ask, done)
    if ask.actor not in desk.holders(_roles(desk.policy)):
        facts = {"event": "drill", "roles": list(_roles(desk.policy))}
        return [Blocker("permission", facts, desk.holders(_roles(desk.policy)))]
    found: list[Blocker] = []
    if given:
        one = waiting(desk.record.drills, int(given)) if given.isdecimal() else None
        if one is None:
            return [Blocker("drill.gone", {})]
        if one.first == ask.actor:
            return [Blocker("override.second", {"by": one.first}, _others(desk, ask.actor), one.at.isoformat())]
        if str(ask.input.get("choice") or "") not in CHOICES:
            found.append(Blocker("drill.choice", {"one_of": list(CHOICES)}, (ask.actor,)))
    return [*found, *reason_lacks(str(ask.input.get("reason") or "").strip(), ask.actor)]


def _review_stops(desk: Desk, ask: Ask, done: Drill) -> list[Blocker]:
    if ask.actor not in _reviewers(desk, done):
        facts = {"by": done.first, "second": done.second, "roles": list(desk.policy.override.reviewers)}
        return [Blocker("review.third", facts, _reviewers(desk, done))]
    right = str(ask.input.get("right") or "") in ("yes", "no")
    lacks = [] if right else [Blocker("review.right", {}, (ask.actor,))]
    return [*lacks, *reason_lacks(str(ask.input.get("reason") or "").strip(), ask.actor)]


def _next(desk: Desk, ask: Ask, given: str) -> Drill:
    """The drill after this; `_stops` has looked."""
    if not given:
        return _first(desk, ask)
    done = unreviewed(desk.record.drills, int(given))
    if done is None:
        return _second(desk, ask, int(given))
    right, follows = ask.input["right"] == "yes", str(ask.input["reason"]).strip()
    return replace(done, reviewed_by=ask.actor, reviewed_at=desk.now, right=right, follows=follows)


def _first(desk: Desk, ask: Ask) -> Drill:
    number = max((d.id for d in desk.record.drills), default=0) + 1
    gate = str(ask.input.get("gate") or "")[:90]
    return Drill(number, ask.actor, desk.now, gate, str(ask.input["reason"]).strip())


def _second(desk: Desk, ask: Ask, number: int) -> Drill:
    one = waiting(desk.record.drills, number)
    assert one is not None  # `_stops` has looked
    because = str(ask.input["reason"]).strip()
    return replace(one, second=ask.actor, second_at=desk.now, choice=str(ask.input["choice"]), because=because)
