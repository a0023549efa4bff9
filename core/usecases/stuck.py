"""Effects that nobody but a person can decide about: who is asked, who may say, and what follows from it."""

from __future__ import annotations

from core.errors import Blocker, Refused
from core.store import outbox
from core.store.outbox import Claimed, Ruling
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context, role_members

KIND = "slack.stuck"
ROLE = "release_manager"


async def tell(ctx: Context, unit: Unit, row: Claimed, why: str) -> None:
    """In the unit that parks the row: every release manager is asked. A request of this kind is never asked about."""
    if row.kind == KIND:
        return
    about = {name: row.body[name] for name in ("place", "moment", "person", "purpose") if row.body.get(name)}
    for person in await _holders(ctx, unit):
        body = {"person": person, "row": row.id, "kind": row.kind, "why": why, "about": about}
        await unit.outbox(f"dm:{person}", KIND, body, cause=product_chain(ctx.product), rank=0)


async def rule(ctx: Context, actor: str, row_id: int, ruling: Ruling, key: str | None = None) -> None:
    """What a person says about a row that waits. Raises Refused for who may not, NotFound when nothing waits there."""
    chain = product_chain(ctx.product)

    async def work(unit: Unit) -> None:
        holders = await _holders(ctx, unit)
        if actor not in holders:
            raise Refused([Blocker("permission", {"event": "outbox", "roles": [ROLE]}, holders)], asked="outbox")
        await outbox.rule(unit, row_id, ruling, f"{ruling}, said {actor}")
        policy = await ctx.active_policy(unit.conn)
        entry = {"row": row_id, "ruling": ruling}
        await unit.audit(chain, actor, "outbox.ruled", policy.hash, entry, ctx.clock.now())

    await ctx.store.unit(work, verb="outbox.rule", key=key, chains=[chain])


async def _holders(ctx: Context, unit: Unit) -> tuple[str, ...]:
    members, _ = await role_members(unit.conn, await ctx.active_policy(unit.conn), ctx.clock.now())
    return members.get(ROLE, ())
