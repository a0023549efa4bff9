"""The calendar that others subscribe to: its events; who gets its address is in `addresses`."""

from __future__ import annotations

from core.domain.feed import BEHIND, CHANGED, DATED, Event, History, events
from core.store import audit, policies, products, releases
from core.store.products import product_chain
from core.store.unit_of_work import release_chain
from core.usecases.context import Context


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
