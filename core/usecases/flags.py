"""Create, change, rename and archive feature flags: checked as a whole, saved once, each in the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.domain.authorise import permission
from core.domain.flags.checks import faults_of_constraint, faults_of_flag, faults_of_setting
from core.domain.flags.model import ENVIRONMENTS, Constraint, Flag, Kind, Segment, Setting
from core.domain.policy import Policy
from core.errors import NotFound, Refused, ReleaseBotError, Stale
from core.store import flags
from core.store.flags import FLAGS, Stored, flags_chain
from core.store.records import encode
from core.store.unit_of_work import Unit
from core.usecases import look
from core.usecases.context import Context
from core.usecases.outside import OPERATOR

GUARDED = "production"
ALONE = "changing {what} needs a second person who agrees; only off does not wait"
Edit = Callable[[Setting], Setting]


class FlagFaults(ReleaseBotError):
    """What was asked of a flag cannot be."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new flag. `owner` is who decides about it; `by` a Slack id, or `OPERATOR` with an account of this machine."""

    name: str
    kind: Kind
    owner: str
    description: str
    by: str


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


async def create(ctx: Context, wanted: Wanted) -> Flag:
    """A flag that is off everywhere. Raises FlagFaults, also for a name that is taken, and Refused."""
    policy = await _allowed(ctx, wanted.by)
    faults = faults_of_flag(wanted.name, wanted.kind, wanted.description)
    if faults:
        raise FlagFaults(faults)

    async def work(unit: Unit) -> Flag:
        if await flags.find(unit.conn, wanted.name) is not None:
            raise FlagFaults([f"there is a flag {wanted.name} already"])
        key, number = wanted.name, 1
        while await flags.key_taken(unit.conn, key):  # of one that is archived or renamed: its people are not ours
            number += 1
            key = f"{wanted.name}.{number}"
        now = ctx.clock.now()
        made = Flag(key, wanted.name, wanted.kind, wanted.owner, wanted.description, now)
        await unit.audit(FLAGS, wanted.by, "flag.created", policy.hash, {"flag": encode(made)}, now)
        await flags.put_flag(unit, made)
        return made

    saved: Flag = await ctx.store.unit(work, verb="flag.create", chains=[FLAGS])
    return saved


async def change(ctx: Context, wanted: Change) -> Stored:
    """Set it in one environment. Raises FlagFaults, NotFound, Refused, and Stale when somebody was quicker."""
    if wanted.environment not in ENVIRONMENTS:
        raise NotFound(f"there is no environment {wanted.environment[:40]}; there are {', '.join(ENVIRONMENTS)}")
    policy = await _allowed(ctx, wanted.by)
    second = await _second(ctx, policy, wanted.by, wanted.second)

    async def work(unit: Unit) -> Stored:
        before = await _known(unit, wanted.name, wanted.environment)
        if wanted.version is not None and wanted.version != before.version:
            raise Stale(_changed_meanwhile(before))
        setting = wanted.edit(before.setting)
        await _check(unit, wanted, setting)
        if setting == before.setting:
            return before
        _need_second(wanted, setting, second)
        now, chain = ctx.clock.now(), flags_chain(wanted.environment)
        body = {
            "flag": before.flag.key, "name": before.flag.name, "before": encode(before.setting),
            "after": encode(setting), "second": second, "reason": wanted.reason,
            "review": wanted.environment == GUARDED and not second,
        }  # fmt: skip
        await unit.audit(chain, wanted.by, "flag.changed", policy.hash, body, now)
        version = await flags.put_setting(unit, wanted.environment, before.flag.key, setting, wanted.by, now)
        return Stored(before.flag, setting, version, wanted.by, now)

    chains = [FLAGS, flags_chain(wanted.environment)]
    saved: Stored = await ctx.store.unit(work, verb="flag.change", chains=chains)
    return saved


async def rename(ctx: Context, name: str, to: str, by: str) -> Flag:
    """Another name for the same flag: who is in stays in. Products that ask for the old name get "unknown", so off."""
    policy = await _allowed(ctx, by)

    async def work(unit: Unit) -> Flag:
        found = (await _known(unit, name)).flag
        faults = faults_of_flag(to, found.kind, found.description)
        if await flags.find(unit.conn, to) is not None:
            faults.append(f"there is a flag {to} already")
        faults += await _still_needed(unit, name)
        if faults:
            raise FlagFaults(faults)
        renamed = replace(found, name=to)
        body = {"flag": found.key, "from": name, "to": to}
        await unit.audit(FLAGS, by, "flag.renamed", policy.hash, body, ctx.clock.now())
        await flags.put_flag(unit, renamed)
        return renamed

    saved: Flag = await ctx.store.unit(work, verb="flag.rename", chains=_all_chains())
    return saved


async def archive(ctx: Context, name: str, by: str, reason: str = "") -> Flag:
    """Gone for products, kept in the record. Raises FlagFaults while production has it on, or another depends on it."""
    policy = await _allowed(ctx, by)

    async def work(unit: Unit) -> Flag:
        found = await _known(unit, name, GUARDED)
        faults = await _still_needed(unit, name)
        if not found.setting.off:
            faults.append(f"{name} is still on for somebody in {GUARDED}; switch it off there first")
        if faults:
            raise FlagFaults(faults)
        now = ctx.clock.now()
        gone = replace(found.flag, archived_at=now)
        body = {"flag": gone.key, "name": name, "reason": reason}
        await unit.audit(FLAGS, by, "flag.archived", policy.hash, body, now)
        await flags.put_flag(unit, gone)
        return gone

    saved: Flag = await ctx.store.unit(work, verb="flag.archive", chains=_all_chains())
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
    faults += [] if constraints else ["a segment has one condition at least"]
    if faults:
        raise FlagFaults(faults)

    async def work(unit: Unit) -> Segment:
        known = {s.name: s for s in await flags.segments(unit.conn)}
        if name in known and not agreed:
            raise FlagFaults([ALONE.format(what="a segment that flags may use")])
        number = known[name].id if name in known else max((s.id for s in known.values()), default=0) + 1
        made = Segment(number, name, tuple(constraints))
        body = {"segment": encode(made), "second": agreed}
        await unit.audit(FLAGS, by, "flag.segment", policy.hash, body, ctx.clock.now())
        await flags.put_segment(unit, made)
        return made

    saved: Segment = await ctx.store.unit(work, verb="flag.segment", chains=[FLAGS])
    return saved


async def listed(ctx: Context) -> dict[str, tuple[Stored, ...]]:
    """The flags of each environment that are not archived, by name."""
    async with ctx.store.database.reader.connect() as conn:
        found = {e: await flags.of_environment(conn, e) for e in ENVIRONMENTS}
    return {
        e: tuple(sorted((s for s in all_ if not s.flag.archived_at), key=lambda s: s.flag.name))
        for e, all_ in found.items()
    }


async def everywhere(ctx: Context) -> list[tuple[Flag, dict[str, Setting]]]:
    """Each flag with its settings by environment."""
    found: dict[str, tuple[Flag, dict[str, Setting]]] = {}
    for environment, stored in (await listed(ctx)).items():
        for one in stored:
            found.setdefault(one.flag.key, (one.flag, {}))[1][environment] = one.setting
    return list(found.values())


def _all_chains() -> tuple[str, ...]:
    return (FLAGS, *map(flags_chain, ENVIRONMENTS))


async def _allowed(ctx: Context, actor: str) -> Policy:
    policy = await ctx.policy()
    if not actor.startswith(OPERATOR):
        stranger = permission(policy, await look.members(ctx), "deploy", actor, "flag")
        if stranger:
            raise Refused([stranger], asked="flag")
    return policy


async def _second(ctx: Context, policy: Policy, by: str, second: str) -> str:
    """Who agrees, when it is another person who may."""
    if not second:
        return ""
    if second == by:
        raise FlagFaults(["the second person is another one than the first"])
    stranger = permission(policy, await look.members(ctx), "deploy", second, "flag")
    if stranger:
        raise Refused([stranger], asked="flag")
    return second


def _need_second(wanted: Change, setting: Setting, second: str) -> None:
    if wanted.environment == GUARDED and not setting.off and not second:
        raise FlagFaults([ALONE.format(what=f"what is on in {GUARDED}")])


async def _known(unit: Unit, name: str, environment: str = "") -> Stored:
    found = await flags.find(unit.conn, name, environment)
    if found is None:
        raise NotFound(f"there is no flag {name[:100]}")
    return found


def _changed_meanwhile(before: Stored) -> str:
    s = before.setting
    now = "off" if s.off else "on for everybody" if s.on else f"{s.percentage} % and {len(s.user_ids)} people"
    return f"{before.flag.name} was changed by {before.by} meanwhile: it is {now} now. Look again, then decide."


async def _check(unit: Unit, wanted: Change, setting: Setting) -> None:
    all_ = await flags.of_environment(unit.conn, wanted.environment) if setting.dependencies else ()
    parents = {s.flag.name: bool(s.setting.dependencies) for s in all_ if not s.flag.archived_at}
    children = [s.flag.name for s in all_ if any(d.feature == wanted.name for d in s.setting.dependencies)]
    known = {s.id for s in await flags.segments(unit.conn)} if setting.segments else ()
    faults = faults_of_setting(setting, wanted.name, parents, known, children)
    if faults:
        raise FlagFaults(faults)


async def _still_needed(unit: Unit, name: str) -> list[str]:
    """Flags depend on others by name, as SDKs read them."""
    found = []
    for environment in ENVIRONMENTS:
        for one in await flags.of_environment(unit.conn, environment):
            if not one.flag.archived_at and any(d.feature == name for d in one.setting.dependencies):
                found.append(f"{one.flag.name} depends on it in {environment}")
    return found
