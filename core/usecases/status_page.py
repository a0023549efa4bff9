"""The page for people without Slack: what it says, who gets its address, and a new address when one got about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.status_page import Status, status
from core.store import environments, products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.environments import tell
from core.usecases.trains import policy_to_change

PAST = 60  # ended releases that are looked at: what was merged or cancelled is among them


async def present_number(ctx: Context) -> int:
    """The number of the address that counts now."""
    async with ctx.store.database.reader.connect() as conn:
        return (await products.load(conn, ctx.product)).page


async def public_status(ctx: Context) -> Status:
    """What the page says now. Raises NotFound before the first policy."""
    policy = await ctx.policy()
    found = [*await ctx.reads.in_flight(ctx.product), *await ctx.reads.past(ctx.product, PAST)]
    async with ctx.store.database.reader.connect() as conn:
        production = (await environments.of_product(conn, ctx.product)).get("production")
    runs = production.version if production else ""
    return status(policy.product.name, policy.zone, runs, [card.facts for card in found], ctx.clock.now())


async def send_address(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Send the address of the page to who asks for it, in a direct message."""

    async def work(unit: Unit) -> dict[str, Any]:
        await _send(ctx, unit, ask.actor)
        return {"event": ask.event}

    return dict(await ctx.store.unit(work, verb="page", key=ask.key, chains=(product_chain(ctx.product),)))


async def renew_address(ctx: Context, ask: Ask) -> dict[str, Any]:
    """The present address ends for everybody; who asked gets the new one. Raises Refused."""

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await policy_to_change(ctx, unit, ask)
        record = await products.load(unit.conn, ctx.product)
        await products.put(unit, replace(record, page=record.page + 1))
        chain = product_chain(ctx.product)
        await unit.audit(chain, ask.actor, ask.event, policy.hash, {"number": record.page + 1}, ctx.clock.now())
        await _send(ctx, unit, ask.actor)
        return {"event": ask.event}

    return dict(await ctx.store.unit(work, verb="page_renew", key=ask.key, chains=(product_chain(ctx.product),)))


async def _send(ctx: Context, unit: Unit, person: str) -> None:
    """Only the number is stored; the address is put in where the message is drawn, so that no export has it."""
    policy = await ctx.active_policy(unit.conn)
    record = await products.load(unit.conn, ctx.product)
    await tell(ctx, unit, policy, f"dm:{person}", "page_address", {"number": record.page})
