"""Play a whole release in one channel: the same rules and people on a copy of git, a simulated host and its own hour.

Whoever acts on a release or in a channel asks here first which product is meant; everything else works as ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.domain.due import Due
from core.domain.effects import BOT
from core.domain.engine import Decided, take
from core.domain.moves import move_of
from core.domain.rehearsals import Rehearsal, channel_of, desk_key, desk_of, shadow_key
from core.domain.release import ProductRecord, Release
from core.domain.situation import Act
from core.domain.versions import Version
from core.errors import Blocker, NotFound, Refused
from core.ports import Clock
from core.store import environments, evidence, living, products, releases
from core.store.products import product_chain
from core.store.records import decode
from core.store.unit_of_work import Unit, release_chain
from core.usecases.advance import Ask, Done
from core.usecases.context import Context, permitted
from core.usecases.evidence import Posted
from core.usecases.evidence import take as take_evidence
from core.usecases.heads import observe
from core.usecases.scene import Scene
from core.usecases.start import start
from core.usecases.tick import next_due, tick

SOURCE = "rehearsal"  # of the results that nobody measured


@dataclass(frozen=True, slots=True)
class Ahead:
    """The hour of a rehearsal: it goes on like the real one, and people jump from one due moment to the next."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        return self.clock.now() + self.by


# -- which product is meant ---------------------------------------------------------------------------------------


async def of_release(ctx: Context, release_id: int) -> Context:
    """The context of a release: the real one, or that of its rehearsal."""
    key = await ctx.product_of(release_id)
    return await _of_product(ctx, key) if key and key != ctx.product else ctx


async def of_chain(ctx: Context, chain: str) -> Context:
    """The same by the product's chain that caused something."""
    kind, _, key = chain.partition(":")
    return await _of_product(ctx, key) if kind == "product" and channel_of(key) else ctx


async def of_channel(ctx: Context, channel: str) -> Context:
    """The context of the rehearsal that goes on in a channel; the real one elsewhere."""
    if not channel or ctx.copies is None:
        return ctx
    desk = _going_on(await ctx.reads.record(desk_key(ctx.product, channel)))
    return _there(ctx, desk) if desk else ctx


def _going_on(record: Mapping[str, Any] | None) -> ProductRecord | None:
    """The record of a channel, where a rehearsal goes on in it."""
    desk = decode(ProductRecord, record or {"key": ""})
    return desk if desk.rehearsal and not desk.rehearsal.ended else None


async def soonest_here(ctx: Context, channel: str) -> str | None:
    """The facts of what leaves soonest, as stored JSON, in one call with whether the channel rehearses. None where one
    has to look further: nothing is in flight, or a rehearsal goes on there."""
    both = await ctx.reads.soonest_beside(ctx.product, desk_key(ctx.product, channel))
    return both[0].text if both and _going_on(both[1]) is None else None


async def running(ctx: Context) -> list[Context]:
    """The contexts of all rehearsals that go on."""
    async with ctx.store.database.reader.connect() as conn:
        return [_there(ctx, desk) for desk in await products.rehearsed(conn, ctx.product)] if ctx.copies else []


async def _of_product(ctx: Context, key: str) -> Context:
    if not channel_of(key) or ctx.copies is None:
        return ctx
    name, number = desk_of(key)
    async with ctx.store.database.reader.connect() as conn:
        desk = await products.load(conn, name)
    found = desk.rehearsal
    there = _there(ctx, desk)
    gone = found is None or found.number != number or found.ended is not None
    return replace(there, product=key, repository=ctx.copies.of(key), over=gone)


def _there(ctx: Context, desk: ProductRecord) -> Context:
    assert desk.rehearsal is not None and ctx.copies is not None  # who asks has looked
    key, ahead = shadow_key(desk.key, desk.rehearsal.number), timedelta(seconds=desk.rehearsal.ahead)
    hour, copy = Ahead(ctx.clock, ahead), ctx.copies.of(key)
    return replace(ctx, product=key, repository=copy, clock=hour, ahead=ahead, forge=None, tracker=None)


# -- what people do with it ---------------------------------------------------------------------------------------


async def begin(ctx: Context, ask: Ask, channel: str) -> Done:
    """Copy git and what is known of production, and start a release of this kind there. Raises Refused.

    The input is that of `start`. What is in flight is left out of the copy, as if it had never begun.
    """
    if channel_of(ctx.product):
        return await _begun(ctx, ask)
    assert ctx.copies is not None  # who asks has looked
    async with ctx.store.database.reader.connect() as conn:
        before = await products.load(conn, desk_key(ctx.product, channel))
        found = await releases.open_releases(conn, ctx.product)
        real = await living.has_card(conn, channel, ctx.product)
    await _may(ctx, ask)
    if real or not channel:  # words typed there would no longer reach the real releases
        raise Refused([Blocker("rehearse.place", {}, (ask.actor,))], asked="rehearse")
    await ctx.repository.look()
    number = before.rehearsal.number + 1 if before.rehearsal else 1
    key = shadow_key(before.key, number)
    if before.rehearsal is None or before.rehearsal.ended:
        await ctx.copies.make(key, _refs_of(ctx, found))

    async def work(unit: Unit) -> None:
        desk = await products.load(unit.conn, before.key)
        if desk.rehearsal != before.rehearsal or (desk.rehearsal and desk.rehearsal.ended is None):
            raise _another(desk)
        now = ctx.clock.now()
        await products.put(unit, replace(desk, rehearsal=Rehearsal(number, ask.actor, now)))
        real = await products.load(unit.conn, ctx.product)
        shadow = ProductRecord(key, real.shipped, real.burnt, real.trains, sizes=real.sizes)
        await products.put(unit, shadow)
        for one in (await environments.of_product(unit.conn, ctx.product)).values():
            await environments.put(unit, key, replace(one, lock=None))
        policy = await ctx.active_policy(unit.conn)
        await unit.audit(product_chain(key), ask.actor, "rehearse", policy.hash, {"number": number}, now)

    chains = (product_chain(before.key), product_chain(key))
    await ctx.store.unit(work, verb="rehearse", chains=chains)
    return await _started(await of_channel(ctx, channel), ask)


async def _started(there: Context, ask: Ask) -> Done:
    """A rehearsal whose release is refused is over at once."""
    await there.repository.look(0.0)
    try:
        return await start(there, ask)
    except Refused:
        await _ended(there, ask.actor)
        raise


async def _begun(there: Context, ask: Ask) -> Done:
    """What stopped between the beginning and its release goes on with who asks again. Raises Refused otherwise."""
    async with there.store.database.reader.connect() as conn:
        desk = await products.load(conn, desk_of(there.product)[0])
        if desk.rehearsal is None or desk.rehearsal.by != ask.actor or await releases.numbers(conn, there.product, 1):
            raise _another(desk)
    return await _started(there, ask)


def _another(desk: ProductRecord) -> Refused:
    by = desk.rehearsal.by if desk.rehearsal else ""
    return Refused([Blocker("rehearse.one", {"by": by}, (by,) if by else ())], asked="rehearse")


def _refs_of(ctx: Context, found: Any) -> set[str]:
    """The branches and candidates of releases that are in flight."""
    remote, open_ = ctx.repository.seen(), {r.version for r in found}
    tags = remote.tags if remote else {}
    of_them = {f"refs/tags/{t}" for t in tags if (v := Version.maybe(t)) and v.rc and str(v.final) in open_}
    return of_them | {f"refs/heads/{r.branch}" for r in found}


async def jump(there: Context, channel: str) -> Due | None:
    """Go to the next hour at which something happens by itself; None when nothing will."""
    await observe(there, 0.0)
    due = await next_due(there)
    if due is None:
        return None
    name, _ = desk_of(there.product)

    async def work(unit: Unit) -> None:
        desk = await products.load(unit.conn, name)
        left = max(0.0, (due.at - there.clock.now()).total_seconds())
        if (now := desk.rehearsal) is not None:
            await products.put(unit, replace(desk, rehearsal=replace(now, ahead=now.ahead + left)))

    await there.store.unit(work, verb="rehearse.next", chains=(product_chain(name),))
    return due


async def end(there: Context, ask: Ask) -> None:
    """End it; its record stays. Raises Refused for who neither began it nor may start a release."""
    name, _ = desk_of(there.product)
    async with there.store.database.reader.connect() as conn:
        desk = await products.load(conn, name)
    if desk.rehearsal is None or desk.rehearsal.by != ask.actor:
        await _may(there, ask)
    await _ended(there, ask.actor)


async def _may(ctx: Context, ask: Ask) -> None:
    async with ctx.store.database.reader.connect() as conn:
        hotfix = ask.input.get("kind") == "hotfix"
        await permitted(ctx, conn, "start_hotfix" if hotfix else "start", ask.actor, "rehearse")


async def _ended(there: Context, actor: str) -> None:
    name, number = desk_of(there.product)
    async with there.store.database.reader.connect() as conn:
        found = await releases.open_releases(conn, there.product)

    async def work(unit: Unit) -> None:
        desk = await products.load(unit.conn, name)
        if desk.rehearsal is None or desk.rehearsal.number != number or desk.rehearsal.ended:
            return
        for release in found:
            await _cancelled(there, unit, release, actor)
        now = there.clock.now()
        await products.put(unit, replace(desk, rehearsal=replace(desk.rehearsal, ended=now)))
        policy = await there.active_policy(unit.conn)
        await unit.audit(product_chain(there.product), actor, "rehearse_end", policy.hash, {"number": number}, now)

    chains = (product_chain(name), product_chain(there.product), *(release_chain(r.id) for r in found))
    await there.store.unit(work, verb="rehearse_end", chains=chains)
    if there.copies is not None:
        await there.copies.forget(there.product)


async def _cancelled(there: Context, unit: Unit, release: Release, actor: str) -> None:
    """What is still open is cancelled in whatever phase: nothing of it was ever real."""
    scene = await Scene.load(there, unit, release.id)
    if not scene.s.release.is_open:
        return
    act = Act(actor, "cancel", {"reason": "The rehearsal has ended."})
    after, step = take(scene.s, "cancel", act, move_of("cancel")(scene.s, act), "command")
    await scene.write(Decided(after, (step,)))
    await scene.save()


# -- what happens by itself ---------------------------------------------------------------------------------------


async def at_the_hour(ctx: Context) -> int:
    """What is due in each rehearsal by its own hour, the results that its candidates wait for, and its end."""
    done = 0
    for there in await running(ctx):
        name, _ = desk_of(there.product)
        async with ctx.store.database.reader.connect() as conn:
            desk = await products.load(conn, name)
        if desk.rehearsal is not None and desk.rehearsal.over(ctx.clock.now()):
            await _ended(there, BOT)
            done += 1
            continue
        try:
            done += await tick(there) + await _reported(there)
        except NotFound:  # it has ended meanwhile
            continue
    return done


async def _reported(there: Context) -> int:
    """Nobody's CI sees a copy: the rehearsal says that what machines would report has passed."""
    async with there.store.database.reader.connect() as conn:
        found = {r.id: r.candidate.sha for r in await releases.open_releases(conn, there.product) if r.candidate}
        facts = {number: (await releases.facts_of(conn, number))[0] for number in found}
        known = {sha: await evidence.of_commit(conn, there.product, sha) for sha in found.values()}
    done = 0
    for number, sha in found.items():
        wanted = {i["rule"] for i in facts[number]["signoffs"] if i["met"] == "evidence"}
        for kind in sorted(wanted - {e.kind for e in known[sha]}):
            await take_evidence(there, Posted(sha, kind, SOURCE, _passed(kind, sha)))
            done += 1
    return done


def _passed(kind: str, sha: str) -> bytes:
    """What a machine would report: one test that says what it is, or a build that nobody can fetch."""
    if kind != "build":
        return b'<testsuite name="rehearsal"><testcase name="nothing was measured"/></testsuite>'
    digest = f"sha256:{hashlib.sha256(sha.encode()).hexdigest()}"
    return json.dumps({"build": {"name": SOURCE, "digest": digest}}).encode()
