"""The calendar that others subscribe to: its events, who gets its address, and a new address when one got about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.feed import BEHIND, CHANGED, DATED, Event, History, events
from core.store import audit, policies, products, releases
from core.store.products import product_chain
from core.store.unit_of_work import Unit, release_chain
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.environments import tell
from core.usecases.trains import policy_to_change


async def present_address(ctx: Context) -> int:
    """The number of the address that counts now."""
    async with ctx.store.database.reader.connect() as conn:
        return (await products.load(conn, ctx.product)).feed


async def calendar_events(ctx: Context) -> tuple[str, list[Event]]:
    """The product's name, and all events around now. Raises NotFound before the first policy."""
    now = ctx.clock.now()
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        active = await policies.active(conn)
        record = await products.load(conn, ctx.product)
        found = await releases.around(conn, ctx.product, now - BEHIND)
        counted = await audit.changes(conn, [release_chain(r.id) for r in found], DATED)
        own = await audit.changes(conn, [product_chain(ctx.product)], CHANGED)
    begun = [(r, History(*counted.get(release_chain(r.id), (1, r.started_at)))) for r in found]
    since = active.activated_at if active and active.activated_at else now
    product = History(*own.get(product_chain(ctx.product), (0, since)))
    return policy.product.name, events(policy, record, begun, product, now)


async def subscribe(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Send the address of the calendar to who asks for it, in a direct message."""

    async def work(unit: Unit) -> dict[str, Any]:
        await _send(ctx, unit, ask.actor)
        return {"event": ask.event}

    return dict(await ctx.store.unit(work, verb="subscribe", key=ask.key, chains=(product_chain(ctx.product),)))


async def renew(ctx: Context, ask: Ask) -> dict[str, Any]:
    """The present address ends for everybody; who asked gets the new one. Raises Refused."""

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await policy_to_change(ctx, unit, ask)
        record = await products.load(unit.conn, ctx.product)
        await products.put(unit, replace(record, feed=record.feed + 1))
        chain = product_chain(ctx.product)
        await unit.audit(chain, ask.actor, ask.event, policy.hash, {"number": record.feed + 1}, ctx.clock.now())
        await _send(ctx, unit, ask.actor)
        return {"event": ask.event}

    return dict(await ctx.store.unit(work, verb="calendar_renew", key=ask.key, chains=(product_chain(ctx.product),)))


async def _send(ctx: Context, unit: Unit, person: str) -> None:
    """Only the number is stored; the address is put in where the message is drawn, so that no export has it."""
    policy = await ctx.active_policy(unit.conn)
    record = await products.load(unit.conn, ctx.product)
    await tell(ctx, unit, policy, f"dm:{person}", "calendar_address", {"number": record.feed})
