"""A change of a flag from Slack: at once where one person may, else asked of a second one who agrees to exactly it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.flags.guarding import GUARDED, stops
from core.domain.flags.model import ENVIRONMENTS, Flag, Setting
from core.domain.flags.waiting import Answer, Proposal, Rollout, faults_of_plan, planned, told_of
from core.domain.gates.people import reason_lacks
from core.domain.policy import Policy
from core.errors import Blocker, NotFound, Refused, Stale
from core.store import flag_waiting, flags, products
from core.store.flags import Stored, flags_chain
from core.store.records import encode
from core.store.unit_of_work import Unit
from core.usecases.context import Context, role_members
from core.usecases.environments import tell
from core.usecases.flag_writing import (
    Agreeing,
    Deed,
    FlagFaults,
    agreeing,
    chains_of,
    check,
    known,
    may_change,
    stranger,
    told,
    write,
)
from core.usecases.flags import changed_meanwhile


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: `edit` makes the setting of the present one, and may run twice. With `steps` (percent) its
    share is rolled out, `pause` hours between two of them. `version` is the one that was seen, None when none was."""

    name: str
    environment: str
    by: str
    edit: Callable[[Setting], Setting] = lambda setting: setting
    reason: str = ""
    version: int | None = None
    steps: tuple[int, ...] = ()
    pause: int = 0
    glass: bool = False


async def wish(ctx: Context, wanted: Wish, key: str | None = None) -> dict[str, Any]:
    """Do it, or ask those who may agree where production goes on for somebody.

    Returns the change as messages carry it, with "done" and "people" (who was asked). Raises FlagFaults, NotFound,
    Refused, and Stale when somebody was quicker.
    """
    if wanted.environment not in ENVIRONMENTS:
        raise NotFound(f"there is no environment {wanted.environment[:40]}; there are {', '.join(ENVIRONMENTS)}")
    async with ctx.store.database.reader.connect() as conn:
        flag = (await known(conn, wanted.name)).flag
    policy = await may_change(ctx, wanted.by, flag)

    async def work(unit: Unit) -> dict[str, Any]:
        before = await known(unit.conn, wanted.name, wanted.environment)
        if wanted.version is not None and wanted.version != before.version:
            raise Stale(changed_meanwhile(before))
        after = await _after(unit, wanted, before)
        guarded = wanted.environment == GUARDED and not after.off
        said = replace(wanted, glass=wanted.glass and guarded)  # what needs none breaks none, so that off never waits
        deed = Deed(before, after, wanted.environment, wanted.by, "", wanted.reason, None, said.glass)
        if after == before.setting:
            return {**told(deed), "done": True, "same": True, "people": []}
        await _may_be(ctx, unit, policy, said, after)
        if guarded:
            return await _propose(ctx, unit, policy, said, deed)
        if wanted.steps:
            return await _begin(ctx, unit, policy, deed, wanted.steps, wanted.pause)
        await write(ctx, unit, policy, deed)
        return {**told(deed), "done": True, "people": []}

    chains = await chains_of(ctx, wanted.name, wanted.environment)
    return dict(await ctx.store.unit(work, verb="flag.wish", key=key, chains=chains))


async def _after(unit: Unit, wanted: Wish, before: Stored) -> Setting:
    """Raises FlagFaults with everything that is wrong."""
    if wanted.steps or wanted.pause:
        if faults := faults_of_plan(wanted.steps, wanted.pause, before.setting):
            raise FlagFaults(faults)
        after = replace(wanted.edit(before.setting), percentage=wanted.steps[0])
    else:
        after = wanted.edit(before.setting)
    await check(unit.conn, wanted.name, wanted.environment, after)
    return after


async def _may_be(ctx: Context, unit: Unit, policy: Policy, wanted: Wish, after: Setting) -> None:
    """Production says why; a freeze and a pause are kept. Raises Refused with every reason."""
    record = await products.load(unit.conn, ctx.product)
    found = stops(policy, record, ctx.clock.now(), wanted.environment, after, glass=wanted.glass)
    if wanted.environment == GUARDED:
        found += reason_lacks(wanted.reason, wanted.by)
    if wanted.glass and wanted.by not in await _breakers(ctx, unit, policy):
        facts = {"event": "override", "roles": list(policy.override.roles)}
        found.append(Blocker("permission", facts, await _breakers(ctx, unit, policy)))
    if found:
        raise Refused(found, asked="flag")


async def _breakers(ctx: Context, unit: Unit, policy: Policy) -> tuple[str, ...]:
    """Who may break the glass."""
    members, _ = await role_members(unit.conn, policy, ctx.clock.now())
    return tuple(dict.fromkeys(p for role in policy.override.roles for p in members.get(role, ())))


async def _propose(ctx: Context, unit: Unit, policy: Policy, wanted: Wish, deed: Deed) -> dict[str, Any]:
    """Ask everybody who may agree; nothing changes before one of them does."""
    now, chain, flag = ctx.clock.now(), flags_chain(wanted.environment), deed.before.flag
    people = await _seconds(ctx, unit, policy, wanted.by, wanted.glass)
    if not people:
        raise Refused([Blocker("flag.nobody", {"roles": list(policy.permissions["flag_agree"])})], asked="flag")
    body = {
        "flag": flag.key, "name": flag.name, "before": encode(deed.before.setting), "after": encode(deed.after),
        "reason": wanted.reason, "steps": list(wanted.steps), "pause": wanted.pause, "glass": wanted.glass,
    }  # fmt: skip
    seq = await unit.audit(chain, wanted.by, "flag.asked", policy.hash, body, now)
    one = Proposal(
        f"proposal-{wanted.environment}-{seq}", flag.key, flag.name, wanted.environment, deed.before.setting,
        deed.after, deed.before.version, wanted.by, now, wanted.reason, wanted.steps, wanted.pause, wanted.glass,
        people,
    )  # fmt: skip
    await flag_waiting.put(unit, one, open=True)
    for person in people:
        await tell(ctx, unit, policy, f"dm:{person}", "flag_asked", told_of(one))
    return {**told_of(one), "done": False, "people": list(people)}


async def _seconds(ctx: Context, unit: Unit, policy: Policy, by: str, glass: bool) -> tuple[str, ...]:
    """Who can agree with this person; through a freeze only those who may break the glass."""
    found: Agreeing = await agreeing(ctx, unit.conn, policy)
    others = found.others(by)
    if not glass:
        return others
    breakers = await _breakers(ctx, unit, policy)
    return tuple(p for p in others if p in breakers)


# --- the second person -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """The answer of a second person to the proposal `id`; `digest` is what they were shown."""

    id: str
    by: str
    digest: str
    agrees: bool
    words: str = ""


async def answer(ctx: Context, said: Said, key: str | None = None) -> dict[str, Any]:
    """Agree or refuse. Returns the proposal as messages carry it; its "answer" is "stale" when the flag was changed
    meanwhile, and "now" names who had answered already. Raises NotFound and Refused."""
    async with ctx.store.database.reader.connect() as conn:
        seen = await flag_waiting.find(conn, Proposal, said.id)
    if seen is None:
        raise NotFound("this is no proposal that I know")
    policy = await ctx.policy()

    async def work(unit: Unit) -> dict[str, Any]:
        one = await flag_waiting.find(unit.conn, Proposal, said.id)
        assert one is not None  # what was asked stays
        people = await _seconds(ctx, unit, policy, one.by, one.glass)
        withdrawn = not said.agrees and said.by == one.by
        if said.by not in people and not withdrawn:
            raise Refused([_not_second(policy, one, said.by, people)], asked="flag_agree")
        if one.answer:
            return {**told_of(one), "late": True}
        if one.digest != said.digest:
            raise Refused([Blocker("flag.shown", {})], asked="flag")
        return await _answered(ctx, unit, policy, one, said)

    chains = await chains_of(ctx, seen.name, seen.environment)
    return dict(await ctx.store.unit(work, verb="flag.answer", key=key, chains=chains))


def _not_second(policy: Policy, one: Proposal, actor: str, people: Sequence[str]) -> Blocker:
    if actor == one.by:
        return Blocker("flag.second", {"by": one.by}, tuple(people))
    facts = {"event": "flag_agree", "roles": list(policy.permissions["flag_agree"])}
    return Blocker("permission", facts, tuple(people))


async def _answered(ctx: Context, unit: Unit, policy: Policy, one: Proposal, said: Said) -> dict[str, Any]:
    now, chain = ctx.clock.now(), flags_chain(one.environment)
    stored = await flags.find(unit.conn, one.name, one.environment)
    stale = stored is None or stored.flag.key != one.key or stored.version != one.version
    what: Answer = "refused" if not said.agrees else "stale" if stale else "agreed"
    done = replace(one, answer=what, second=said.by, said_at=now, words=said.words)
    if what == "agreed" and stored is not None:
        record = await products.load(unit.conn, ctx.product)
        found = stops(policy, record, now, one.environment, one.after, glass=one.glass)
        found += await _asker_left(ctx, unit, policy, one, stored.flag)
        if found:
            raise Refused(found, asked="flag")
        deed = Deed(stored, one.after, one.environment, one.by, said.by, one.reason, None, one.glass)
        if one.steps:
            await _begin(ctx, unit, policy, deed, one.steps, one.pause)
        else:
            await write(ctx, unit, policy, deed)
    else:
        body = {"flag": one.key, "proposal": one.id, "words": said.words}
        await unit.audit(chain, said.by, f"flag.{what}", policy.hash, body, now)
    await flag_waiting.put(unit, done, open=False)
    if said.by != one.by:
        await tell(ctx, unit, policy, f"dm:{one.by}", "flag_answered", told_of(done))
    return told_of(done)


async def _asker_left(ctx: Context, unit: Unit, policy: Policy, one: Proposal, flag: Flag) -> list[Blocker]:
    """Two people stand for a change when it is made: who asked for it may have left the role since."""
    left = await stranger(ctx, unit.conn, policy, one.by, flag) is not None
    if left or (one.glass and one.by not in await _breakers(ctx, unit, policy)):
        return [Blocker("flag.asker", {"by": one.by})]
    return []


async def _begin(
    ctx: Context, unit: Unit, policy: Policy, deed: Deed, steps: tuple[int, ...], pause: int
) -> dict[str, Any]:
    """The first step of a roll-out now; the others come at their hours."""
    now, flag = ctx.clock.now(), deed.before.flag
    seq = unit.seq(flags_chain(deed.environment)) + 1  # of the entry that `write` makes
    plan = planned(steps, pause, now)
    over = len(plan) == 1
    one = Rollout(
        f"rollout-{deed.environment}-{seq}", flag.key, flag.name, deed.environment, plan, 1, deed.by, deed.second,
        "done" if over else "running",
    )  # fmt: skip
    await write(ctx, unit, policy, replace(deed, step=one))
    due: datetime | None = one.next.at if one.next else None
    await flag_waiting.put(unit, one, open=not over, due=due)
    return {**told(deed), "done": True, "people": [], "rollout": one.id}
