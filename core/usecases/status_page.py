"""The page for people without Slack: what it says; who gets its address is in `addresses`."""

from __future__ import annotations

from core.domain.status_page import Status, status
from core.store import environments
from core.usecases.context import Context

PAST = 60  # ended releases that are looked at: what was merged or cancelled is among them


async def public_status(ctx: Context) -> Status:
    """What the page says now. Raises NotFound before the first policy."""
    policy = await ctx.policy()
    found = [*await ctx.reads.in_flight(ctx.product), *await ctx.reads.past(ctx.product, PAST)]
    async with ctx.store.database.reader.connect() as conn:
        production = (await environments.of_product(conn, ctx.product)).get("production")
    runs = production.version if production else ""
    return status(policy.product.name, policy.zone, runs, [card.facts for card in found], ctx.clock.now())
