"""Evidence that has reached its age: told of, deleted once a month, and kept by a legal hold.

Every process may look at any time; rows of the store say who was first. Nothing is deleted before release managers
have had the days that the policy promises them, and every deletion is an entry of the trail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core.domain.effects import BOT, MILESTONE
from core.domain.gates.people import reason_lacks
from core.domain.policy import Policy
from core.domain.release import Release
from core.domain.retention import Expiring, Month, bare, may_run, month_of, next_first, to_tell
from core.errors import Blocker, Refused
from core.store import audit, keeping, releases
from core.store.audit import ERASED, RETENTION
from core.store.engines import Conn
from core.store.keeping import LegalHold
from core.store.products import product_chain
from core.store.unit_of_work import Unit, release_chain
from core.usecases.advance import Ask, chains_of
from core.usecases.context import Context, permitted, role_members
from core.usecases.measuring import told as marks_told
from core.usecases.scene import Scene

TOLD = "retention.told"


@dataclass(frozen=True, slots=True)
class Held:
    """A legal hold with the number of its release."""

    version: str
    hold: LegalHold


async def upcoming(ctx: Context, first: date | None = None) -> tuple[Month, list[Held]]:
    """What is deleted on the next first of a month (or on this one) as things stand, and every legal hold."""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        month = await _month(ctx, conn, policy, first or next_first(ctx.clock.now(), policy.zone))
        holds = await keeping.holds(conn)
        named = {row["id"]: str(row["version"]) for row in await keeping.started(conn, ctx.product)}
    return month, [Held(named[number], hold) for number, hold in sorted(holds.items()) if number in named]


async def keep_house(ctx: Context) -> int:
    """Tell of the month that comes, and delete what is due; returns how many things were told of or deleted."""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        now, rules = ctx.clock.now(), policy.retention
        first = to_tell(now, rules, policy.zone)
        known = await keeping.month(conn, ctx.product, first) if first else None
        waiting = await keeping.open_months(conn, ctx.product)
        told = {one: await keeping.month(conn, ctx.product, one) for one in waiting}
    done = await _tell(ctx, policy, first) if first and known is None else 0
    for one in waiting:
        row = told[one]
        if row is not None and may_run(now, one, row[0], rules, policy.zone):
            done += await _run(ctx, policy, one)
    return done


async def _month(ctx: Context, conn: Conn, policy: Policy, first: date) -> Month:
    found = await keeping.ended(conn, ctx.product)
    return month_of(
        first, found, policy.retention, zone=policy.zone, gone=await keeping.all_expired(conn),
        with_logs=await keeping.with_logs(conn, ctx.product), held=await keeping.holds(conn),
    )  # fmt: skip


async def _tell(ctx: Context, policy: Policy, first: date) -> int:
    """Once for each month; nobody hears of a month in which nothing is due."""

    async with ctx.store.database.reader.connect() as conn:  # not in the unit, which nobody else waits for so long
        month = await _month(ctx, conn, policy, first)

    async def work(unit: Unit) -> int:
        if not await keeping.tell_month(unit, ctx.product, first, ctx.clock.now()):
            return 0
        if not month.things:
            return 0
        body = await _said(ctx, unit.conn, policy, month)
        said = {**_entry(month), "releases": [one.release for one in month.things]}
        await unit.audit(RETENTION, BOT, TOLD, policy.hash, said, ctx.clock.now())
        await _to_managers(ctx, unit, policy, "retention_coming", body)
        return len(month.things)

    return int(await ctx.store.unit(work, verb="retention.tell", chains=_chains(ctx), interactive=False))


async def _run(ctx: Context, policy: Policy, first: date) -> int:
    """Delete what is due by a month, one release at a time; what was done by then is not done again.

    Only what people were told of: what became due since then, because a hold was lifted or the policy was changed,
    comes with the next month.
    """
    async with ctx.store.database.reader.connect() as conn:
        due = await _month(ctx, conn, policy, first)
        told = await _told(conn, first)
    for thing in due.things:
        if thing in told:
            await _expire(ctx, policy, thing)

    async def end(unit: Unit) -> int:
        gone = await keeping.all_expired(unit.conn)  # also before a kill; and somebody may have held one meanwhile
        things = tuple(one for one in told if (one.release, one.what) in gone)
        month = replace(due, things=things)
        if not await keeping.end_month(unit, ctx.product, first, ctx.clock.now()):
            return 0
        await unit.audit(RETENTION, BOT, "retention.done", policy.hash, _entry(month), ctx.clock.now())
        if month.things:
            await _to_managers(ctx, unit, policy, "retention_done", await _said(ctx, unit.conn, policy, month))
        return len(month.things)

    return int(await ctx.store.unit(end, verb="retention.end", chains=_chains(ctx), interactive=False))


async def _told(conn: Conn, first: date) -> tuple[Expiring, ...]:
    """What people were told would be deleted with a month."""
    said = [e.body for e in await audit.entries(conn, RETENTION) if e.verb == TOLD and e.body]
    return tuple(
        Expiring(number, version, what, date.fromisoformat(since))
        for body in said
        if body["first"] == first.isoformat()
        for number, (version, what, since) in zip(body["releases"], body["things"], strict=True)
    )


async def _expire(ctx: Context, policy: Policy, thing: Expiring) -> None:
    """One unit: the things themselves, what stays known of them, and the entry that tells of it."""

    async def work(unit: Unit) -> None:
        gone = await keeping.all_expired(unit.conn)
        if (thing.release, thing.what) in gone or thing.release in await keeping.holds(unit.conn):
            return
        if await keeping.at_work(unit.conn, thing.release):  # an old version that is deployed anew: next month
            return
        now, about = ctx.clock.now(), {"release": thing.release, "version": thing.version, "what": thing.what}
        if (thing.release, keeping.LOGS) not in gone:
            things = await keeping.expire_logs(unit, thing.release, now)
            told = {**about, "what": keeping.LOGS, "since": thing.since.isoformat(), "things": list(things)}
            await unit.audit(RETENTION, BOT, "retention.logs", policy.hash, told, now)
        if thing.what == keeping.PACKAGE:
            await _package(ctx, unit, thing)
            erased = await audit.erase(unit, release_chain(thing.release))
            told = {**about, "since": thing.since.isoformat(), **erased}
            await unit.audit(RETENTION, BOT, ERASED, policy.hash, told, now)

    chains = (*chains_of(ctx, thing.release), RETENTION)
    await ctx.store.unit(work, verb="retention.expire", chains=chains, interactive=False)


async def _package(ctx: Context, unit: Unit, thing: Expiring) -> None:
    """The release's own line stays, without anybody's words."""
    release = await releases.load(unit.conn, thing.release)
    shas = {release.promotion_sha, *(c.sha for c in release.candidates)} - {""}
    await keeping.expire_package(unit, thing.release, shas, ctx.clock.now())
    marks = release.marks or await marks_told(unit.conn, release.id)  # while the trail still tells them
    scene = await Scene.around(ctx, unit, bare(replace(release, marks=marks)))
    await scene.save()


# --- legal hold -------------------------------------------------------------------------------------------------------


async def hold(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Keep everything of a release until somebody lifts it. Input: reason. Raises Refused, NotFound."""
    reason = str(ask.input.get("reason") or "").strip()

    async def work(unit: Unit) -> dict[str, Any]:
        policy, release = await _allowed(ctx, unit, ask, "hold_evidence")
        if lacks := list(reason_lacks(reason, ask.actor)):
            raise Refused(lacks, asked="hold_evidence")
        now = ctx.clock.now()
        if (release.id, keeping.PACKAGE) in await keeping.all_expired(unit.conn):
            raise Refused([Blocker("hold.expired", {"version": release.version})], asked="hold_evidence")
        if not await keeping.hold(unit, LegalHold(release.id, ask.actor, now, reason)):
            by = (await keeping.holds(unit.conn))[release.id].by
            raise Refused([Blocker("hold.there", {"version": release.version, "by": by})], asked="hold_evidence")
        said = {"release": release.id, "version": release.version, "reason": reason}
        await unit.audit(RETENTION, ask.actor, "retention.held", policy.hash, said, now)
        return said

    return dict(await ctx.store.unit(work, verb="hold_evidence", key=ask.key, chains=_chains(ctx)))


async def lift(ctx: Context, ask: Ask) -> dict[str, Any]:
    """End a legal hold: what is past its age is deleted with the next month. Input: reason. Raises Refused."""
    reason = str(ask.input.get("reason") or "").strip()

    async def work(unit: Unit) -> dict[str, Any]:
        policy, release = await _allowed(ctx, unit, ask, "lift_evidence")
        if lacks := list(reason_lacks(reason, ask.actor)):
            raise Refused(lacks, asked="lift_evidence")
        if not await keeping.lift(unit, release.id):
            raise Refused([Blocker("hold.none", {"version": release.version})], asked="lift_evidence")
        said = {"release": release.id, "version": release.version, "reason": reason}
        await unit.audit(RETENTION, ask.actor, "retention.lifted", policy.hash, said, ctx.clock.now())
        return said

    return dict(await ctx.store.unit(work, verb="lift_evidence", key=ask.key, chains=_chains(ctx)))


async def _allowed(ctx: Context, unit: Unit, ask: Ask, event: str) -> tuple[Policy, Release]:
    policy = await permitted(ctx, unit.conn, "retain", ask.actor, event)
    return policy, await releases.load(unit.conn, ask.release or 0)


# --- words ------------------------------------------------------------------------------------------------------------


def _chains(ctx: Context) -> tuple[str, ...]:
    return product_chain(ctx.product), RETENTION


def _entry(month: Month) -> dict[str, Any]:
    return {
        "first": month.first.isoformat(),
        "things": [[one.version, one.what, one.since.isoformat()] for one in month.things],
        "held": sorted({one.version for one in month.held}),
    }


async def _said(ctx: Context, conn: Conn, policy: Policy, month: Month) -> dict[str, Any]:
    holds = await keeping.holds(conn)
    held = {one.version: holds[one.release].by for one in month.held if one.release in holds}
    told = _entry(month)
    said = {"first": told["first"], "expiring": told["things"], "held": held, "actor": "", "reason": ""}
    return {**policy.called, **said}


async def _to_managers(ctx: Context, unit: Unit, policy: Policy, moment: str, data: dict[str, Any]) -> None:
    members, _ = await role_members(unit.conn, policy, ctx.clock.now())
    for person in members.get("release_manager", ()):
        body = {"release": 0, "place": f"dm:{person}", "moment": moment, "data": data}
        await unit.outbox(f"dm:{person}", "slack.post", body, cause=product_chain(ctx.product), rank=MILESTONE)
