"""The roster: delegates, absences, hours and mutes of people, and the zones that Slack knows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from core.domain.effects import CLICK
from core.domain.lending import Desk, back_again, day_of, ends_of, gone, hours_of, lent, muted, taken_back
from core.domain.people import Colleague, Delegation, known_zone
from core.errors import Blocker, Refused
from core.store import people, releases
from core.store.engines import Conn
from core.store.people import ROSTER
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context, holders, role_members, roster_of
from core.usecases.look import waits_for

FRESH = timedelta(days=1)  # how long Slack's answer about a person counts
AT_ONCE = 20  # people about whom Slack is asked in one sweep


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a row: `entry` for the record, `told` the people who hear of it with their moment's data."""

    row: Colleague
    faults: tuple[Blocker, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


async def delegate(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Who stands in. Input: to, until (ISO day, the last one; "" for a standing delegate), role; or off.

    Returns {"to", "until", "role", "open": requests that go to the delegate too}. Raises Refused with every blocker.
    """

    def change(desk: Desk, before: Colleague) -> Change:
        if ask.input.get("off"):
            now = [d.to for d in before.delegations if d.until is None or d.until > desk.now]
            return Change(taken_back(desk, before), entry={"off": now}, told={p: {"over": True} for p in now})
        day = day_of(ask.input.get("until"))
        until = ends_of(day, desk.roster.zone_of(ask.actor)) if day else None
        given = Delegation(str(ask.input.get("to") or ""), desk.now, until, str(ask.input.get("role") or ""))
        row, faults = lent(desk, before, given)
        said = {"to": given.to, "until": until.isoformat() if until else "", "role": given.role}
        return Change(row, faults, said, {given.to: {"over": False, **said}})

    return await _changed(ctx, ask, change)


async def away(ctx: Context, ask: Ask) -> dict[str, Any]:
    """An absence. Input: first ("" for now) and last (ISO days, both included); or off.

    Returns {"first", "until", "covered": who stands in when it begins, "rest": from when on nobody does}; "" for none.
    Raises Refused.
    """

    def change(desk: Desk, before: Colleague) -> Change:
        if ask.input.get("off"):
            return Change(back_again(desk, before), entry={"off": True})
        last = day_of(ask.input.get("last"))
        if last is None:
            return Change(before, (Blocker("away.when", {}),))
        row, faults = gone(desk, before, day_of(ask.input.get("first")), last)
        span = next((a for a in row.away if a not in before.away), row.away[-1])
        then = replace(desk.roster, people={**desk.roster.people, row.id: row})
        roles = desk.roles_of(ask.actor)
        covered, rest = then.covered(ask.actor, roles, max(span.first, desk.now), span.until)
        said = {"first": span.first.isoformat(), "until": span.until.isoformat(), "covered": covered}
        said["rest"] = rest.isoformat() if covered and rest < span.until else ""
        return Change(row, faults, said | {"roles": list(roles)})

    return await _changed(ctx, ask, change)


async def settings(ctx: Context, ask: Ask) -> dict[str, Any]:
    """What holds until it is changed. Input: begins, ends, days, mutes, to (the standing delegate, "" for none).

    Raises Refused.
    """

    def change(desk: Desk, before: Colleague) -> Change:
        hours = hours_of(ask.input)
        faults = () if hours else (Blocker("hours", {}),)
        own = None if hours == desk.roster.hours else hours
        row = replace(before, hours=own, mutes=muted(ask.input.get("mutes")))
        to, now = str(ask.input.get("to") or ""), before.standing
        told: dict[str, Mapping[str, Any]] = {}
        if to != now:
            row = replace(row, delegations=tuple(d for d in row.delegations if d.until is not None))
            told = {now: {"over": True}} if now else {}
        if to and to != now:
            row, more = lent(desk, row, Delegation(to, desk.now))
            faults, told = (*faults, *more), told | {to: {"over": False, "to": to, "until": "", "role": ""}}
        return Change(row, faults, {"mutes": list(row.mutes), "to": to, "hours": bool(own)}, told)

    return await _changed(ctx, ask, change)


async def follow(ctx: Context, ask: Ask) -> dict[str, Any]:
    """`follow` a release or ("") all of them; `unfollow` one, or ("") everything. Input: version.

    Anybody may. Returns {"follows": all that the person follows now}. Raises Refused for a release that has ended.
    """

    def change(desk: Desk, before: Colleague) -> Change:
        version = str(ask.input.get("version") or "")
        rest = tuple(v for v in before.follows if v != version)
        follows = (*rest, version) if ask.event == "follow" else rest if version else ()
        ended = bool(version) and ask.event == "follow" and all(r.version != version for r in desk.open)
        faults = (Blocker("follow.over", {"version": version}),) if ended else ()
        return Change(replace(before, follows=follows), faults, {"follows": list(follows)})

    return await _changed(ctx, ask, change)


async def own_row(ctx: Context, person: str) -> tuple[Colleague, Desk]:
    """What somebody has said about themselves so far, and what it is looked at with."""
    async with ctx.store.database.reader.connect() as conn:
        desk = await _desk(ctx, conn)
    return desk.roster.of(person), desk


async def _desk(ctx: Context, conn: Conn) -> Desk:
    policy = await ctx.active_policy(conn)
    held, _ = await holders(conn, policy)
    found = await releases.open_releases(conn, ctx.product)
    return Desk(policy, held, await roster_of(conn, policy), tuple(found), ctx.clock.now())


async def _changed(ctx: Context, ask: Ask, change: Callable[[Desk, Colleague], Change]) -> dict[str, Any]:
    """One unit: the row, its entry in the record, who is told; then every open release looks who stands in."""

    async def work(unit: Unit) -> dict[str, Any]:
        desk = await _desk(ctx, unit.conn)
        made = change(desk, desk.roster.of(ask.actor))
        if made.faults:
            raise Refused(made.faults, asked=ask.event)
        await people.put(unit, made.row)
        entry = {"via": ask.via, **made.entry}
        await unit.audit(ROSTER, ask.actor, ask.event, desk.policy.hash, entry, desk.now)
        for person, data in made.told.items():
            names = {"names": desk.policy.names, "roles": {r: desk.policy.title(r) for r in desk.policy.roles}}
            body = {"actor": ask.actor, "reason": "", "zone": desk.policy.zone, **names, **data}
            post = {"release": 0, "place": f"dm:{person}", "moment": "delegated", "data": body}
            await unit.outbox(f"dm:{person}", "slack.post", post, cause=ROSTER, rank=CLICK)
        await unit.outbox(f"{ROSTER}:others", "others.look_again", {}, cause=ROSTER, rank=CLICK)
        return {"event": ask.event, "open": await _open_requests(ctx, ask.actor), **made.entry}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(ROSTER,)))


async def _open_requests(ctx: Context, person: str) -> int:
    """How many approvals wait for somebody now."""
    found = [dict(card.facts) for card in await ctx.reads.in_flight(ctx.product)]
    return sum(1 for facts in found for wait in waits_for(facts, person) if wait["what"] == "approve")


# --- what Slack knows ------------------------------------------------------------------------------------------------


async def wanted_people(ctx: Context) -> tuple[str, ...]:
    """About whom Slack is asked next: people of the policy and holders of its roles, each once a day."""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        members, _ = await role_members(conn, policy, ctx.clock.now())
        known = dict.fromkeys((*policy.names, *(p for held in members.values() for p in held)))
        return tuple((await people.unread(conn, tuple(known), ctx.clock.now() - FRESH))[:AT_ONCE])


async def store_zones(ctx: Context, zones: Mapping[str, str]) -> bool:
    """Write what Slack said of people; returns whether a zone is another one than before.

    Hours move with a zone, so every open release looks again. A zone that this machine does not know counts as none.
    """

    async def work(unit: Unit) -> bool:
        now, changed = ctx.clock.now(), []
        for person, zone in sorted(zones.items()):
            if await people.put_zone(unit, person, known_zone(zone), now):
                changed.append(person)
        if changed:
            await unit.audit(ROSTER, "slack", "zones", "", {"people": changed}, now)
            await unit.outbox(f"{ROSTER}:others", "others.look_again", {}, cause=ROSTER, rank=CLICK)
        return bool(changed)

    if not zones:
        return False
    return bool(await ctx.store.unit(work, verb="zones", chains=(ROSTER,), interactive=False))
