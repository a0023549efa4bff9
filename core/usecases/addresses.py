"""Secret addresses of the product: who gets one, and a new one when it got about. Only their numbers are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from core.store import products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context, permitted
from core.usecases.environments import tell

Which = Literal["feed", "page"]  # of the product's record: the calendar's, the status page's
MOMENTS: dict[Which, str] = {"feed": "calendar_address", "page": "page_address"}


async def number_of(ctx: Context, which: Which) -> int:
    """The number of the address that counts now."""
    async with ctx.store.database.reader.connect() as conn:
        return int(getattr(await products.load(conn, ctx.product), which))


async def send_address(ctx: Context, ask: Ask, which: Which) -> dict[str, Any]:
    """Send the address to who asks for it, in a direct message."""

    async def work(unit: Unit) -> dict[str, Any]:
        await _send(ctx, unit, ask.actor, which)
        return {"event": ask.event}

    return dict(await ctx.store.unit(work, verb="address", key=ask.key, chains=(product_chain(ctx.product),)))


async def renew_address(ctx: Context, ask: Ask, which: Which) -> dict[str, Any]:
    """The present address ends for everybody; who asked gets the new one. Raises Refused."""

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await permitted(ctx, unit.conn, "train", ask.actor, ask.event)
        record = await products.load(unit.conn, ctx.product)
        number = int(getattr(record, which)) + 1
        await products.put(unit, replace(record, feed=number) if which == "feed" else replace(record, page=number))
        chain = product_chain(ctx.product)
        await unit.audit(chain, ask.actor, ask.event, policy.hash, {"number": number}, ctx.clock.now())
        await _send(ctx, unit, ask.actor, which)
        return {"event": ask.event}

    return dict(await ctx.store.unit(work, verb="address_renew", key=ask.key, chains=(product_chain(ctx.product),)))


async def _send(ctx: Context, unit: Unit, person: str, which: Which) -> None:
    """Only the number is stored; the address is put in where the message is drawn, so that no export has it."""
    policy = await ctx.active_policy(unit.conn)
    record = await products.load(unit.conn, ctx.product)
    await tell(ctx, unit, policy, f"dm:{person}", MOMENTS[which], {"number": getattr(record, which)})
