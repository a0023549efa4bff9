"""What runs where, what people keep an environment for, and the pause of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.authorise import permission
from core.domain.effects import BOT, CLICK
from core.domain.environments import NAMES, Name, at_the_hour, deployers, kept_facts, name_of
from core.domain.facts_parts import environment_json
from core.domain.gates.people import reason_lacks
from core.domain.policy import Policy
from core.domain.product import DataCopy, Kept
from core.domain.release import Environment, ProductRecord
from core.errors import Blocker, Refused
from core.store import environments, products, runs
from core.store.engines import Conn
from core.store.products import product_chain
from core.store.runs import StoredRun
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context, role_members

LONGEST = timedelta(days=90)  # nobody keeps an environment for longer by one word


@dataclass(frozen=True, slots=True)
class Desk:
    """What a word about an environment is judged with, inside its unit."""

    policy: Policy
    members: Mapping[str, tuple[str, ...]]
    record: ProductRecord
    now: datetime

    def holders(self, roles: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p for role in roles for p in self.members.get(role, ())))


async def desk_of(ctx: Context, conn: Conn) -> Desk:
    policy = await ctx.active_policy(conn)
    members, _ = await role_members(conn, policy, ctx.clock.now())
    return Desk(policy, members, await products.load(conn, ctx.product), ctx.clock.now())


async def all_environments(ctx: Context) -> dict[str, dict[str, Any]]:
    """The four environments of the policy: what runs there as last recorded, locks, who may deploy, its data.

    `kept` is a person's lock, `lock` that of a deployment or a roll-back, `run` what a pipeline does there; `copy` says
    of which day the data are; `may` are the people who may deploy there.
    """
    async with ctx.store.database.reader.connect() as conn:
        desk = await desk_of(ctx, conn)
        found = await environments.of_product(conn, ctx.product)
        at_work = {run.environment: run for run in await runs.all_open(conn, ctx.product)}
    told = {name: _told(desk, name, found.get(name, Environment(name))) for name in NAMES}
    return {name: env | {"run": _run(at_work.get(name))} for name, env in told.items()}


def _run(run: StoredRun | None) -> dict[str, Any] | None:
    """The run of a pipeline that is at work there, or waits for a person; `ends` is when it is expected to be over."""
    if run is None:
        return None
    usual = sum(step.expected for step in run.steps)
    ends = run.started_at + timedelta(seconds=usual) if usual and run.state == "running" else None
    said = {name: str(run.body.get(name) or "") for name in ("version", "by", "reason")}
    dates = {"since": run.started_at.isoformat(), "ends": ends.isoformat() if ends else ""}
    return {"kind": run.kind, "state": run.state, **said, **dates}


def _told(desk: Desk, name: Name, env: Environment) -> dict[str, Any]:
    kept, data = desk.record.kept.get(name), desk.record.data.get(name)
    roles = deployers(desk.policy, name)
    return {
        **environment_json(env),
        "sha": env.sha,
        **desk.policy.environments[name].model_dump(exclude={"deploy"}),
        "kept": kept_facts(kept, name) if kept else None,
        "copy": {"day": data.day, "by": data.by} if data else None,
        "may": list(desk.holders(roles)),
        "roles": list(roles),
    }


async def lock(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Keep an environment for oneself. Input: environment, reason, until (ISO instant, "" without an end).

    Said again by the same person it is another reason or end. Returns {"environment", "until"}. Raises Refused.
    """

    def change(desk: Desk, name: Name) -> tuple[ProductRecord, tuple[Blocker, ...], dict[str, Any]]:
        until, reason = _until(ask), str(ask.input.get("reason") or "").strip()
        kept = desk.record.kept.get(name)
        stops: list[Blocker] = []
        if kept and kept.by != ask.actor:
            who = tuple(dict.fromkeys((kept.by, *desk.holders(desk.policy.permissions["unlock"]))))
            stops.append(Blocker("kept", kept_facts(kept, name), who, kept.since.isoformat()))
        stops += reason_lacks(reason, ask.actor)
        if until is not None and not desk.now < until <= desk.now + LONGEST:
            facts = {"given": until.isoformat(), "most": LONGEST.days}
            stops.append(Blocker("lock.until", facts, (ask.actor,)))
        new = Kept(ask.actor, kept.since if kept and kept.by == ask.actor else desk.now, reason, until)
        said = {"environment": name, "reason": reason, "until": until.isoformat() if until else ""}
        return replace(desk.record, kept={**desk.record.kept, name: new}), tuple(stops), said

    return await _said(ctx, ask, change)


async def data(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Say of which day the data of an environment are. Input: environment, day (ISO). Raises Refused."""

    def change(desk: Desk, name: Name) -> tuple[ProductRecord, tuple[Blocker, ...], dict[str, Any]]:
        day, today = str(ask.input.get("day") or ""), desk.now.astimezone(ZoneInfo(desk.policy.zone)).date()
        good = day and date.fromisoformat(day) <= today
        stops = () if good else (Blocker("data.day", {"given": day}, (ask.actor,)),)
        new = {**desk.record.data, name: DataCopy(day, ask.actor, desk.now)}
        said = {"environment": name, "day": day, "class": desk.policy.environments[name].data}
        return replace(desk.record, data=new), stops, said

    return await _said(ctx, ask, change)


def _until(ask: Ask) -> datetime | None:
    text = str(ask.input.get("until") or "")
    return datetime.fromisoformat(text) if text else None


async def _said(
    ctx: Context,
    ask: Ask,
    change: Callable[[Desk, Name], tuple[ProductRecord, tuple[Blocker, ...], dict[str, Any]]],
) -> dict[str, Any]:
    """One unit for a word of those who may deploy there (or clear locks): record, entry, the releases look again."""

    async def work(unit: Unit) -> dict[str, Any]:
        desk, name = await desk_of(ctx, unit.conn), _named(ask)
        may = (*deployers(desk.policy, name), *desk.policy.permissions["unlock"])
        if ask.actor not in desk.holders(may):
            facts = {"environment": name, "event": ask.event, "roles": list(dict.fromkeys(may))}
            raise Refused([Blocker("access", facts, desk.holders(may))], asked=ask.event)
        record, stops, said = change(desk, name)
        if stops:
            raise Refused(stops, asked=ask.event)
        await products.put(unit, record)
        await written(ctx, unit, ask.actor, ask.event, desk.policy.hash, said)
        return {"event": ask.event, **said}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(product_chain(ctx.product),)))


def _named(ask: Ask) -> Name:
    found = name_of(str(ask.input.get("environment") or ""))
    if found is None:
        raise Refused([Blocker("environment.which", {"one_of": list(NAMES)}, (ask.actor,))], asked=ask.event)
    return found


async def written(ctx: Context, unit: Unit, actor: str, verb: str, policy: str, said: Mapping[str, Any]) -> None:
    """The entry in the product's own chain; then every open release looks again at what it sees of all this."""
    chain = product_chain(ctx.product)
    await unit.audit(chain, actor, verb, policy, dict(said), ctx.clock.now())
    await unit.outbox("product:others", "others.look_again", {}, cause=chain, rank=CLICK)


async def tell(ctx: Context, unit: Unit, policy: Policy, place: str, moment: str, said: Mapping[str, Any]) -> None:
    """A message that is about the product and no release."""
    data = {"actor": "", "reason": "", **policy.called, **said}
    body = {"release": 0, "place": place, "moment": moment, "data": data}
    lane = place if place.startswith("dm:") else f"product:{ctx.product}:{place}"
    await unit.outbox(lane, "slack.post", body, cause=product_chain(ctx.product), rank=CLICK)


async def unlock(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Clear one lock, with a reason unless it is one's own. Input: environment ("" is production), reason.

    What a roll-back left goes first, then a person's lock; whose it was is named and told. The lock of a deployment
    that is under way cannot be cleared. Returns {"environment", "version" or "of", "left": the lock that still stands}.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        desk = await desk_of(ctx, unit.conn)
        name = _named(replace(ask, input={"environment": "production", **_given(ask.input)}))
        env = await environments.load(unit.conn, ctx.product, name)
        kept, reason = desk.record.kept.get(name), str(ask.input.get("reason") or "").strip()
        stops = _unclearable(desk, ask, name, env)
        if stops:
            raise Refused(stops, asked="unlock")
        said = {"environment": name, "reason": reason, "version": "", "release": 0, "of": "", "left": None}
        if env.lock is not None and env.lock.until_cleared:
            await environments.put(unit, ctx.product, replace(env, lock=None))
            said |= {"version": env.lock.version, "release": env.lock.release_id}
            said["left"] = kept_facts(kept, name) if kept else None
        elif kept is not None:
            left = {n: k for n, k in desk.record.kept.items() if n != name}
            await products.put(unit, replace(desk.record, kept=left))
            said["of"] = kept.by
            if kept.by != ask.actor:
                about = {"by": ask.actor, "environment": name, "reason": reason, "kept": kept.reason}
                await tell(ctx, unit, desk.policy, f"dm:{kept.by}", "lock_cleared", about)
        await written(ctx, unit, ask.actor, "unlock", desk.policy.hash, {k: v for k, v in said.items() if k != "left"})
        return {"event": "unlock", **said}

    return dict(await ctx.store.unit(work, verb="unlock", key=ask.key, chains=(product_chain(ctx.product),)))


def _given(found: Mapping[str, object]) -> dict[str, object]:
    return {k: v for k, v in found.items() if v}


def _unclearable(desk: Desk, ask: Ask, name: Name, env: Environment) -> list[Blocker]:
    """Every reason against clearing the lock that is next."""
    kept = desk.record.kept.get(name)
    left_behind = env.lock is not None and env.lock.until_cleared
    own = not left_behind and kept is not None and kept.by == ask.actor
    stranger = permission(desk.policy, desk.members, "unlock", ask.actor, "unlock")
    if stranger is not None and not own:
        return [stranger]
    if not left_behind and kept is None:
        if env.lock is None:
            return [Blocker("unlocked", {"environment": name})]
        return [Blocker("lock_in_use", {"version": env.lock.version, "by": env.lock.by}, (env.lock.by,))]
    return [] if own else list(reason_lacks(str(ask.input.get("reason") or "").strip(), ask.actor))


# --- the hour --------------------------------------------------------------------------------------------------------


async def locks_at_the_hour(ctx: Context) -> int:
    """Locks whose end has come are over, exactly once; whoever keeps one without an end for long is asked about it."""
    async with ctx.store.database.reader.connect() as conn:
        record = await products.load(conn, ctx.product)
    if at_the_hour(record, ctx.clock.now())[0] == record:
        return 0

    async def work(unit: Unit) -> int:
        desk = await desk_of(ctx, unit.conn)
        left, over, long = at_the_hour(desk.record, desk.now)
        if left == desk.record:
            return 0  # another process was quicker
        await products.put(unit, left)
        for moment, found in (("lock_ended", over), ("lock_stands", long)):
            for name, kept in found.items():
                await tell(ctx, unit, desk.policy, f"dm:{kept.by}", moment, kept_facts(kept, name))
        if over:
            await written(ctx, unit, BOT, "lock_ended", desk.policy.hash, {"environments": sorted(over)})
        return len(over) + len(long)

    chains = (product_chain(ctx.product),)
    return int(await ctx.store.unit(work, verb="locks", chains=chains, interactive=False))


async def adopt(
    ctx: Context, actor: str, *, live: tuple[str, str], before: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """Record what production runs already, so that releases can start on it. Refused when that is known.

    `live` and `before` (the way back, if there is one) are version and commit.
    """
    version, sha = live
    previous, previous_sha = before

    async def work(unit: Unit) -> dict[str, Any]:
        env = await environments.load(unit.conn, ctx.product, "production")
        if env.version:
            raise Refused([Blocker("adopted", {"version": env.version})], asked="adopt")
        policy = await ctx.active_policy(unit.conn)
        record = await products.load(unit.conn, ctx.product)
        await environments.put(
            unit,
            ctx.product,
            Environment(
                "production", version, sha, since=ctx.clock.now(), previous=previous, previous_sha=previous_sha
            ),
        )
        shipped = {v: s for v, s in ((previous, previous_sha), (version, sha)) if v and s}
        await products.put(unit, replace(record, shipped=record.shipped | shipped))
        await unit.audit(
            product_chain(ctx.product),
            actor,
            "adopt",
            policy.hash,
            {"version": version, "sha": sha, "previous": previous},
            ctx.clock.now(),
        )
        return {"version": version, "sha": sha}

    answer: Mapping[str, Any] = await ctx.store.unit(work, verb="adopt", chains=(product_chain(ctx.product),))
    return dict(answer)
