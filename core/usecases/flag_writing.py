"""The one place where a setting of a flag is written: entry, row, what it ends, who looks at it and who hears it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.domain.authorise import only_looks, permission
from core.domain.effects import CLICK
from core.domain.flags.checks import faults_of_setting
from core.domain.flags.guarding import GUARDED
from core.domain.flags.model import Flag, Setting
from core.domain.flags.telling import facts_of
from core.domain.flags.waiting import Proposal, Review, Rollout
from core.domain.people import seated
from core.domain.policy import Policy
from core.domain.rehearsals import channel_of
from core.errors import Blocker, NotFound, Refused, ReleaseBotError
from core.store import flag_waiting, flags, releases
from core.store.clashes import UnitClash
from core.store.engines import Conn
from core.store.flags import FLAGS, Stored, flags_chain
from core.store.products import product_chain
from core.store.records import encode
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context, holders, role_members, roster_of
from core.usecases.environments import tell
from core.usecases.outside import OPERATOR


class FlagFaults(ReleaseBotError):
    """What was asked of a flag cannot be."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, slots=True)
class Deed:
    """A setting that was decided about. `step`: the roll-out that goes on with it; `glass`: in spite of a freeze."""

    before: Stored
    after: Setting
    environment: str
    by: str
    second: str = ""
    reason: str = ""
    step: Rollout | None = None
    glass: bool = False


@dataclass(frozen=True, slots=True)
class Agreeing:
    """Who may agree to a change of production, and who stands there for whom."""

    people: tuple[str, ...]
    stands: Mapping[str, frozenset[str]]

    def others(self, *persons: str) -> tuple[str, ...]:
        """Those who are somebody else than all of these: a stand-in and who is stood in for are one."""
        theirs = frozenset().union(*(self.behind(p) for p in persons))
        return tuple(p for p in self.people if not self.behind(p) & theirs)

    def behind(self, person: str) -> frozenset[str]:
        return self.stands.get(person, frozenset()) | {person}


async def chains_of(ctx: Context, name: str, *environments: str) -> tuple[str, ...]:
    """What a unit about a flag locks: its chains, the product's, and those of the releases that hear of it."""
    async with ctx.store.database.reader.connect() as conn:
        ids = {release.id for release in await releases.open_releases(conn, ctx.product)}
        stored = await flags.find(conn, name) if name else None
    if stored is not None and stored.flag.release is not None:
        ids.add(stored.flag.release)
    return (FLAGS, product_chain(ctx.product), *map(flags_chain, environments), *map(release_chain, ids))


async def agreeing(ctx: Context, conn: Conn, policy: Policy) -> Agreeing:
    now = ctx.clock.now()
    members, stand_ins = seated((await holders(conn, policy))[0], await roster_of(conn, policy), now)
    roles = policy.permissions["flag_agree"]
    people = tuple(dict.fromkeys(p for role in roles for p in members.get(role, ())))
    stands: dict[str, frozenset[str]] = {}
    for lent in stand_ins.values():  # of any role: what one asks by a lent one is asked in the name of its holder
        for person, one in lent.items():
            stands[person] = stands.get(person, frozenset()) | {one.principal}
    return Agreeing(people, stands)


async def may_change(ctx: Context, actor: str, flag: Flag | None = None) -> Policy:
    """The policy, for who holds the permission, owns the flag or works on the bot's machine. Raises Refused."""
    policy = await ctx.policy()
    not_rehearsed(ctx)
    async with ctx.store.database.reader.connect() as conn:
        found = await stranger(ctx, conn, policy, actor, flag)
    if found:
        raise Refused([found], asked="flag")
    return policy


async def stranger(ctx: Context, conn: Conn, policy: Policy, actor: str, flag: Flag | None) -> Blocker | None:
    """Why this person may not change a flag; None for who may."""
    if actor.startswith(OPERATOR):
        return None
    members, _ = await role_members(conn, policy, ctx.clock.now())
    looks = only_looks(members, actor, "flag")
    if looks is None and flag is not None and flag.owner == actor:
        return None
    return looks or permission(policy, members, "flag_change", actor, "flag")


def not_rehearsed(ctx: Context) -> None:
    """Flags are served to the real product, whoever plays. Raises Refused in a rehearsal."""
    if channel_of(ctx.product):
        raise Refused([Blocker("flag.rehearsal", {})], asked="flag")


async def known(conn: Conn, name: str, environment: str = "") -> Stored:
    """The flag with its setting there. Raises NotFound."""
    found = await flags.find(conn, name, environment)
    if found is None:
        raise NotFound(f"there is no flag {name[:100]}", flag=name[:100])
    return found


async def check(conn: Conn, name: str, environment: str, setting: Setting) -> None:
    """Raises FlagFaults with everything that is wrong with a setting."""
    all_ = await flags.of_environment(conn, environment) if setting.dependencies else ()
    living = [s for s in all_ if not s.flag.archived_at]
    parents = {s.flag.name: bool(s.setting.dependencies) for s in living}
    children = [s.flag.name for s in living if any(d.feature == name for d in s.setting.dependencies)]
    segments = {s.id for s in await flags.segments(conn)} if setting.segments else ()
    faults = faults_of_setting(setting, name, parents, segments, children)
    if faults:
        raise FlagFaults(faults)


async def write(ctx: Context, unit: Unit, policy: Policy, deed: Deed) -> Stored:
    """Write what was decided; the unit holds `chains_of` its environment. Any other roll-out ends."""
    now, chain, flag = ctx.clock.now(), flags_chain(deed.environment), deed.before.flag
    alone = deed.environment == GUARDED and not deed.second and not deed.before.setting.off
    body = {
        "flag": flag.key, "name": flag.name, "before": encode(deed.before.setting), "after": encode(deed.after),
        "second": deed.second, "reason": deed.reason, "review": alone or deed.glass,
    }  # fmt: skip
    seq = await unit.audit(chain, deed.by, "flag.changed", policy.hash, body, now)
    version = await flags.put_setting(unit, deed.environment, flag.key, deed.after, deed.by, now)
    await end_what_waits(unit, deed.by, flag.key, deed.environment, goes_on=deed.step.id if deed.step else "")
    if alone or deed.glass:
        await _to_review(ctx, unit, policy, deed, f"review-{deed.environment}-{seq}")
    said = {**told(deed), "next": _next(deed.step)}
    await in_thread(unit, policy, flag, "flag_changed", said)
    return Stored(flag, deed.after, version, deed.by, now)


def told(deed: Deed) -> dict[str, Any]:
    """What changes, as messages carry it."""
    return {
        "flag": deed.before.flag.name, "environment": deed.environment, "was": facts_of(deed.before.setting),
        "becomes": facts_of(deed.after), "actor": deed.by, "second": deed.second, "reason": deed.reason,
        "glass": deed.glass,
    }  # fmt: skip


def _next(step: Rollout | None) -> dict[str, Any] | None:
    following = step.next if step else None
    return {"share": following.share, "at": following.at.isoformat(), "id": step.id} if step and following else None


async def end_what_waits(
    unit: Unit, by: str, key: str, environment: str = "", *, why: str = "changed", goes_on: str = ""
) -> None:
    """Roll-outs end but the one that `goes_on`, and what was asked about the setting before is about nothing any more;
    everywhere without an environment."""
    for one in await flag_waiting.open_ones(unit.conn, Rollout, key, environment):
        if one.id != goes_on:
            await flag_waiting.put(unit, replace(one, state="stopped", why=why, ended_by=by), open=False)
    for asked in await flag_waiting.open_ones(unit.conn, Proposal, key, environment):
        await flag_waiting.put(unit, replace(asked, answer="stale"), open=False)


async def _to_review(ctx: Context, unit: Unit, policy: Policy, deed: Deed, id: str) -> None:
    """Somebody else looks at it afterwards, and is asked until it is done."""
    now, flag = ctx.clock.now(), deed.before.flag
    one = Review(
        id, flag.key, flag.name, deed.environment, deed.before.setting, deed.after, deed.by, now, deed.reason,
        deed.second,
    )  # fmt: skip
    await flag_waiting.put(unit, one, open=True, due=now + timedelta(hours=policy.flags.review_hours))
    await ask_for_review(ctx, unit, policy, one)


async def ask_for_review(ctx: Context, unit: Unit, policy: Policy, one: Review, *, again: bool = False) -> None:
    """One message to each who may look at it; the unit holds the product's chain."""
    said = {
        "id": one.id, "flag": one.name, "environment": one.environment, "was": facts_of(one.before),
        "becomes": facts_of(one.after), "actor": one.by, "second": one.second, "reason": one.reason,
        "at": one.at.isoformat(), "again": again,
    }  # fmt: skip
    for person in (await agreeing(ctx, unit.conn, policy)).others(one.by, *filter(None, [one.second])):
        await tell(ctx, unit, policy, f"dm:{person}", "flag_review_asked", said)


async def in_thread(unit: Unit, policy: Policy, flag: Flag, moment: str, said: Mapping[str, Any]) -> None:
    """A line in the thread of the release that the flag belongs to; a flag of none has its entry only."""
    if flag.release is None:
        return
    if release_chain(flag.release) not in unit.heads:
        raise UnitClash  # it was given to this release just now
    data = {"reason": "", **policy.called, **said}
    body = {"release": flag.release, "place": "thread", "moment": moment, "data": data}
    lane = f"release:{flag.release}:team"
    await unit.outbox(lane, "slack.post", body, cause=release_chain(flag.release), rank=CLICK)
