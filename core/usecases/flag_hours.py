"""What happens about flags by the hour: the next step of a roll-out, exactly once; and how somebody stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.domain.effects import BOT
from core.domain.flags.guarding import reported, stops
from core.domain.flags.waiting import Rollout
from core.domain.policy import Policy
from core.domain.release import Release
from core.domain.slack_ids import is_person
from core.errors import NotFound
from core.store import environments, flag_waiting, flags, products, releases
from core.store.engines import Conn
from core.store.flags import flags_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.environments import tell
from core.usecases.flag_reviews import again
from core.usecases.flag_writing import Deed, chains_of, in_thread, may_change, write

AGAIN = timedelta(minutes=10)  # how often a step looks whether a freeze or a pause is over


async def flags_at_the_hour(ctx: Context) -> int:
    """Take each step that is due, and ask again for reviews; returns how many there were. Every process may call it:
    what one has done is not due any more when the next one holds the chain."""
    async with ctx.store.database.reader.connect() as conn:
        found = await flag_waiting.due(conn, ctx.clock.now())
    done = 0
    for kind, id in found:
        done += await (_step(ctx, id) if kind == "rollout" else again(ctx, id))
    return done


async def _step(ctx: Context, id: str) -> int:
    policy = await ctx.policy()
    async with ctx.store.database.reader.connect() as conn:
        seen = await flag_waiting.find(conn, Rollout, id)
    if seen is None:
        return 0

    async def work(unit: Unit) -> int:
        one, now = await flag_waiting.find(unit.conn, Rollout, id), ctx.clock.now()
        following = one.next if one else None
        if one is None or following is None or following.at > now:
            return 0  # another process was quicker, or somebody stopped it
        stored = await flags.find(unit.conn, one.name, one.environment)
        if stored is None or stored.flag.key != one.key:
            await flag_waiting.put(unit, replace(one, state="stopped", why="gone"), open=False)
            return 1
        record = await products.load(unit.conn, ctx.product)
        after = replace(stored.setting, percentage=following.share)
        if stops(policy, record, now, one.environment, after):
            await flag_waiting.put(unit, one, open=True, due=now + AGAIN)
            return 1
        if why := reported(await _out(ctx, unit.conn)):
            await _stay(ctx, unit, policy, one, why)
            return 1
        gone_on = one.gone_on(now)
        coming = gone_on.next
        deed = Deed(stored, after, one.environment, BOT, one.second, "", gone_on)
        await write(ctx, unit, policy, deed)
        await flag_waiting.put(unit, gone_on, open=coming is not None, due=coming.at if coming else None)
        return 1

    chains = await chains_of(ctx, seen.name, seen.environment)
    return int(await ctx.store.unit(work, verb="flag.step", chains=chains, interactive=False))


async def _out(ctx: Context, conn: Conn) -> list[Release]:
    """The open releases, and what production runs although it is closed."""
    found = list(await releases.open_releases(conn, ctx.product))
    version = (await environments.load(conn, ctx.product, "production")).version
    live = await releases.find(conn, ctx.product, version) if version else None
    return [*found, *([live] if live and all(live.id != r.id for r in found) else [])]


async def _stay(ctx: Context, unit: Unit, policy: Policy, one: Rollout, why: str) -> None:
    """Something was reported: it goes no further by itself, and those who began it hear of it."""
    stays = replace(one, state="stays", why=why)
    await flag_waiting.put(unit, stays, open=False)
    body = {"flag": one.key, "rollout": one.id, "why": why}
    await unit.audit(flags_chain(one.environment), BOT, "flag.stays", policy.hash, body, ctx.clock.now())
    stored = await flags.find(unit.conn, one.name)
    said = {"flag": one.name, "share": one.steps[one.taken - 1].share, "left": list(one.left), "why": why,
            "environment": one.environment}  # fmt: skip
    if stored is not None:
        await in_thread(unit, policy, stored.flag, "flag_stays", said)
    owner = stored.flag.owner if stored else ""
    for person in dict.fromkeys(p for p in (one.by, one.second, owner) if is_person(p)):
        await tell(ctx, unit, policy, f"dm:{person}", "flag_stays", said)


async def stop(ctx: Context, name: str, by: str, environment: str, key: str | None = None) -> dict[str, object]:
    """Leave a roll-out where it is. Returns its "share", -1 where none was going on. Raises NotFound and Refused."""
    async with ctx.store.database.reader.connect() as conn:
        stored = await flags.find(conn, name, environment)
    if stored is None:
        raise NotFound(f"there is no flag {name[:100]}", flag=name[:100])
    policy = await may_change(ctx, by, stored.flag)

    async def work(unit: Unit) -> dict[str, object]:
        found = await flag_waiting.open_ones(unit.conn, Rollout, stored.flag.key, environment)
        for one in found:
            await flag_waiting.put(unit, replace(one, state="stopped", why="said", ended_by=by), open=False)
            body = {"flag": one.key, "rollout": one.id}
            await unit.audit(flags_chain(environment), by, "flag.stopped", policy.hash, body, ctx.clock.now())
        share = found[-1].steps[found[-1].taken - 1].share if found else -1
        said = {"flag": name, "actor": by, "share": share, "environment": environment}
        if found:
            await in_thread(unit, policy, stored.flag, "flag_stopped", said)
        return said

    chains = await chains_of(ctx, name, environment)
    return dict(await ctx.store.unit(work, verb="flag.stop", key=key, chains=chains))
