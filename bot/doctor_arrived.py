"""What the doctor finds about released versions whose changes never arrived on develop."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.doctor_forge import Finding
from core.domain.policy import Policy
from core.domain.release import Environment
from core.domain.shipped import to_hold
from core.errors import IntegrationError, NotFound
from core.store import environments, products
from core.usecases.arrived import absent_from, written_by_us
from core.usecases.context import Context


async def arrivals(ctx: Context, policy: Policy) -> AsyncIterator[Finding]:
    """One finding when anything was released; none where the repository cannot be read: that is found elsewhere."""
    async with ctx.store.database.reader.connect() as conn:
        product = await products.load(conn, ctx.product)
        production = (await environments.of_product(conn, ctx.product)).get("production")
    shipped = to_hold(product, production or Environment("production"))
    develop = policy.product.trunk
    try:
        head = (await ctx.repository.look(0.0)).heads.get(develop, "")
        out = {version: sha for version, sha in shipped.items() if version not in product.burnt}
        found = await absent_from(ctx.repository, head, out, written_by_us(policy)) if head else ()
    except (IntegrationError, NotFound, ValueError):
        return
    if not head or not out:
        return
    if not found:
        yield "arrived", True, f"{develop} has what the released versions brought, {len(out)} looked at", ""
    for one in found:
        said = f"{develop} does not have what v{one.version} brought: {'; '.join(one.changes)}"
        yield "arrived", False, said, f"merge v{one.version} into {develop}, by a pull request where it conflicts"
