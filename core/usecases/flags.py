"""Create, change, rename and archive feature flags: checked as a whole, saved once, each in the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.authorise import only_looks
from core.domain.flags.checks import MOST_RULES, faults_of_constraint, faults_of_flag
from core.domain.flags.guarding import GUARDED, stops
from core.domain.flags.model import ENVIRONMENTS, Constraint, Flag, Kind, Segment, Setting
from core.domain.policy import Policy
from core.errors import Blocker, NotFound, Refused, Stale
from core.store import environments, flag_waiting, flags, products
from core.store.engines import Conn
from core.store.flags import FLAGS, Stored
from core.store.records import decode, encode
from core.store.unit_of_work import Unit
from core.usecases import look
from core.usecases.context import Context
from core.usecases.flag_release import look_again, open_ids
from core.usecases.flag_writing import (
    Deed,
    FlagFaults,
    agreeing,
    chains_of,
    check,
    end_what_waits,
    in_thread,
    known,
    may_change,
    not_rehearsed,
    write,
)
from core.usecases.outside import OPERATOR

ALONE = "changing {what} needs a second person who agrees; only off does not wait"
Edit = Callable[[Setting], Setting]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new flag. `owner` is who decides about it; `by` a Slack id, or `OPERATOR` with an account of this machine."""

    name: str
    kind: Kind
    owner: str
    description: str
    by: str
    release: int | None = None  # the one that it comes with
    since: str = ""  # its version


@dataclass(frozen=True, slots=True)
class Change:
    """A new setting: `edit` makes it of the present one, and may run twice. `second` agrees to it, which production
    asks for unless the flag goes off. `version` is the one that was seen; None when none was."""

    name: str
    environment: str
    edit: Edit
    by: str
    second: str = ""
    version: int | None = None
    reason: str = ""


async def create(ctx: Context, wanted: Wanted, key: str | None = None) -> Flag:
    """A flag that is off everywhere. Raises FlagFaults, also for a name that is taken, and Refused."""
    policy = await _may_create(ctx, wanted.by)
    faults = faults_of_flag(wanted.name, wanted.kind, wanted.description)
    if faults:
        raise FlagFaults(faults)

    async def work(unit: Unit) -> dict[str, Any]:
        if await flags.find(unit.conn, wanted.name) is not None:
            raise FlagFaults([f"there is a flag {wanted.name} already"])
        hashed, number = wanted.name, 1
        while await flags.key_taken(unit.conn, hashed):  # of one that is archived or renamed: its people are not ours
            number += 1
            hashed = f"{wanted.name}.{number}"
        now = ctx.clock.now()
        runs = (await environments.load(unit.conn, ctx.product, GUARDED)).version
        made = Flag(
            hashed, wanted.name, wanted.kind, wanted.owner, wanted.description, now, since=wanted.since, born=runs,
            release=wanted.release,
        )  # fmt: skip
        await unit.audit(FLAGS, wanted.by, "flag.created", policy.hash, {"flag": encode(made)}, now)
        await flags.put_flag(unit, made)
        said = {"flag": made.name, "actor": wanted.by, "kind": made.kind, "owner": made.owner}
        await in_thread(unit, policy, made, "flag_created", said)
        await look_again(unit, await open_ids(ctx, unit.conn))
        told: dict[str, Any] = encode(made)
        return told

    saved = await ctx.store.unit(work, verb="flag.create", key=key, chains=await chains_of(ctx, ""))
    return decode(Flag, saved)


async def change(ctx: Context, wanted: Change) -> Stored:
    """Set it in one environment. Raises FlagFaults, NotFound, Refused, and Stale when somebody was quicker."""
    if wanted.environment not in ENVIRONMENTS:
        raise NotFound(f"there is no environment {wanted.environment[:40]}; there are {', '.join(ENVIRONMENTS)}")
    policy = await _allowed(ctx, wanted.by, wanted.name)
    second = await _second(ctx, policy, wanted.by, wanted.second)

    async def work(unit: Unit) -> Stored:
        before = await known(unit.conn, wanted.name, wanted.environment)
        if wanted.version is not None and wanted.version != before.version:
            raise Stale(changed_meanwhile(before))
        setting = wanted.edit(before.setting)
        await check(unit.conn, wanted.name, wanted.environment, setting)
        if setting == before.setting:
            return before
        _need_second(wanted, setting, second)
        record = await products.load(unit.conn, ctx.product)
        if found := stops(policy, record, ctx.clock.now(), wanted.environment, setting):
            raise Refused(found, asked="flag")
        deed = Deed(before, setting, wanted.environment, wanted.by, second, wanted.reason)
        return await write(ctx, unit, policy, deed)

    chains = await chains_of(ctx, wanted.name, wanted.environment)
    saved: Stored = await ctx.store.unit(work, verb="flag.change", chains=chains)
    return saved


async def rename(ctx: Context, name: str, to: str, by: str) -> Flag:
    """Another name for the same flag: who is in stays in. Products that ask for the old name get "unknown", so off."""
    policy = await _allowed(ctx, by, name)

    async def work(unit: Unit) -> Flag:
        found = (await known(unit.conn, name)).flag
        faults = faults_of_flag(to, found.kind, found.description)
        if await flags.find(unit.conn, to) is not None:
            faults.append(f"there is a flag {to} already")
        faults += await _still_needed(unit.conn, name)
        if faults:
            raise FlagFaults(faults)
        renamed = replace(found, name=to)
        body = {"flag": found.key, "from": name, "to": to}
        await unit.audit(FLAGS, by, "flag.renamed", policy.hash, body, ctx.clock.now())
        await flags.put_flag(unit, renamed)
        await flag_waiting.renamed(unit, found.key, to)
        await flags.rename_usage(unit, name, to)
        await in_thread(unit, policy, renamed, "flag_renamed", {"flag": name, "to": to, "actor": by})
        await look_again(unit, await open_ids(ctx, unit.conn))
        return renamed

    saved: Flag = await ctx.store.unit(work, verb="flag.rename", chains=await chains_of(ctx, name, *ENVIRONMENTS))
    return saved


async def archive(ctx: Context, name: str, by: str, reason: str = "") -> Flag:
    """Gone for products, kept in the record. Raises FlagFaults while production has it on, or another depends on it."""
    policy = await _allowed(ctx, by, name)

    async def work(unit: Unit) -> Flag:
        found = await known(unit.conn, name, GUARDED)
        if faults := await faults_of_archive(unit.conn, found):
            raise FlagFaults(faults)
        now = ctx.clock.now()
        gone = replace(found.flag, archived_at=now)
        body = {"flag": gone.key, "name": name, "reason": reason}
        await unit.audit(FLAGS, by, "flag.archived", policy.hash, body, now)
        await flags.put_flag(unit, gone)
        await end_what_waits(unit, by, gone.key, why="gone")
        await in_thread(unit, policy, gone, "flag_archived", {"flag": name, "actor": by, "reason": reason})
        await look_again(unit, await open_ids(ctx, unit.conn))
        return gone

    saved: Flag = await ctx.store.unit(work, verb="flag.archive", chains=await chains_of(ctx, name, *ENVIRONMENTS))
    return saved


async def put_segment(
    ctx: Context, name: str, constraints: Sequence[Constraint], by: str, second: str = ""
) -> Segment:
    """Conditions under a name, for all flags that use it. One that is known may narrow or widen production, so changing
    it needs the second person whatever uses it."""
    policy = await _allowed(ctx, by)
    agreed = await _second(ctx, policy, by, second)
    faults = [fault for one in constraints for fault in faults_of_constraint(one)]
    faults += [] if name.strip() and len(name) <= 100 else ["a segment has a name of 1 to 100 characters"]
    faults += [] if 1 <= len(constraints) <= MOST_RULES else [f"a segment has 1 to {MOST_RULES} conditions"]
    if faults:
        raise FlagFaults(faults)

    async def work(unit: Unit) -> Segment:
        known = {s.name: s for s in await flags.segments(unit.conn)}
        if name in known and not agreed:
            raise FlagFaults([ALONE.format(what="a segment that flags may use")])
        record = await products.load(unit.conn, ctx.product)
        if name in known and (found := stops(policy, record, ctx.clock.now(), GUARDED, Setting(on=True))):
            raise Refused(found, asked="flag")
        number = known[name].id if name in known else max((s.id for s in known.values()), default=0) + 1
        made = Segment(number, name, tuple(constraints))
        body = {"segment": encode(made), "second": agreed}
        await unit.audit(FLAGS, by, "flag.segment", policy.hash, body, ctx.clock.now())
        await flags.put_segment(unit, made)
        return made

    saved: Segment = await ctx.store.unit(work, verb="flag.segment", chains=await chains_of(ctx, ""))
    return saved


async def listed(ctx: Context) -> dict[str, tuple[Stored, ...]]:
    """The flags of each environment that are not archived, by name."""
    async with ctx.store.database.reader.connect() as conn:
        found = {e: await flags.of_environment(conn, e) for e in ENVIRONMENTS}
    return {
        e: tuple(sorted((s for s in all_ if not s.flag.archived_at), key=lambda s: s.flag.name))
        for e, all_ in found.items()
    }


async def _allowed(ctx: Context, actor: str, name: str = "") -> Policy:
    """Raises Refused, and NotFound for a flag that is named and is not there."""
    if not name:
        return await may_change(ctx, actor)
    async with ctx.store.database.reader.connect() as conn:
        flag = (await known(conn, name)).flag
    return await may_change(ctx, actor, flag)


async def _may_create(ctx: Context, actor: str) -> Policy:
    """A new flag is off everywhere, so everybody whom the policy knows may make one. Raises Refused."""
    policy = await ctx.policy()
    not_rehearsed(ctx)
    members = await look.members(ctx)
    if (looks := only_looks(members, actor, "flag")) is not None:
        raise Refused([looks], asked="flag")
    known_ = policy.person(actor) is not None or any(actor in people for people in members.values())
    return policy if known_ or actor.startswith(OPERATOR) else await may_change(ctx, actor)


async def _second(ctx: Context, policy: Policy, by: str, second: str) -> str:
    """Who agrees, when it is another person who may."""
    if not second:
        return ""
    if second == by:
        raise FlagFaults(["the second person is another one than the first"])
    async with ctx.store.database.reader.connect() as conn:
        found = await agreeing(ctx, conn, policy)
    if second not in found.others(by):
        facts = {"event": "flag_agree", "roles": list(policy.permissions["flag_agree"])}
        raise Refused([Blocker("permission", facts, found.others(by))], asked="flag")
    return second


async def seconds(ctx: Context, by: str) -> tuple[str, ...]:
    """Who can agree to a change of this person."""
    async with ctx.store.database.reader.connect() as conn:
        return (await agreeing(ctx, conn, await ctx.active_policy(conn))).others(by)


def _need_second(wanted: Change, setting: Setting, second: str) -> None:
    if wanted.environment == GUARDED and not setting.off and not second:
        raise FlagFaults([ALONE.format(what=f"what is on in {GUARDED}")])


def changed_meanwhile(before: Stored) -> str:
    s = before.setting
    now = "off" if s.off else "on for everybody" if s.on else f"{s.percentage} % and {len(s.user_ids)} people"
    return f"{before.flag.name} was changed by {before.by} meanwhile: it is {now} now. Look again, then decide."


async def faults_of_archive(conn: Conn, found: Stored, *, concluded: bool = False) -> list[str]:
    """Why products cannot do without it yet; `found` is as production has it, `concluded`: its result comes with it."""
    name = found.flag.name
    faults = await _still_needed(conn, name)
    if found.flag.kind == "experiment" and not (concluded or found.flag.result):
        faults.append(f"{name} is an experiment without a result; say first what came of it")
    if not found.setting.off:
        faults.append(f"{name} is still on for somebody in {GUARDED}; switch it off there first")
    return faults


async def _still_needed(conn: Conn, name: str) -> list[str]:
    """Flags depend on others by name, as SDKs read them."""
    found = []
    for environment in ENVIRONMENTS:
        for one in await flags.of_environment(conn, environment):
            if not one.flag.archived_at and any(d.feature == name for d in one.setting.dependencies):
                found.append(f"{one.flag.name} depends on it in {environment}")
    return found
