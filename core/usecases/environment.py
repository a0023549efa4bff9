"""What runs where, and clearing a lock that a roll-back left on production."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.authorise import permission
from core.domain.effects import CLICK
from core.domain.facts_parts import environment_json
from core.domain.release import Environment
from core.errors import Blocker, Refused
from core.store import environments, products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context, role_members

NAMES = ("production", "staging", "integration", "development")


async def all_environments(ctx: Context) -> dict[str, dict[str, Any]]:
    """The four environments of the policy with what runs there, as last recorded."""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        found = await environments.of_product(conn, ctx.product)
    return {
        name: environment_json(found.get(name, Environment(name))) | policy.environments[name].model_dump()  # type: ignore[index]
        for name in NAMES
    }


async def unlock(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Clear production's lock, with a reason. A lock of a deployment that is under way cannot be cleared."""

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await ctx.active_policy(unit.conn)
        members, _ = await role_members(unit.conn, policy, ctx.clock.now())
        stranger = permission(policy, members, "unlock", ask.actor, "unlock")
        env = await environments.load(unit.conn, ctx.product, "production")
        reason = str(ask.input.get("reason") or "").strip()
        stops = []
        if stranger:
            stops.append(stranger)
        elif env.lock is None:
            stops.append(Blocker("unlocked", {}))
        elif not env.lock.until_cleared:
            stops.append(Blocker("lock_in_use", {"version": env.lock.version, "by": env.lock.by}, (env.lock.by,)))
        elif len(reason) < 3:
            stops.append(Blocker("reason", {"least": 3, "most": 1000, "given": len(reason)}, (ask.actor,)))
        if stops or env.lock is None:
            raise Refused(stops, asked="unlock")
        await environments.put(unit, ctx.product, replace(env, lock=None))
        await unit.audit(
            product_chain(ctx.product),
            ask.actor,
            "unlock",
            policy.hash,
            {"version": env.lock.version, "reason": reason},
            ctx.clock.now(),
        )
        await unit.outbox("product:others", "others.look_again", {}, cause=product_chain(ctx.product), rank=CLICK)
        return {"event": "unlock", "version": env.lock.version, "release": env.lock.release_id}

    answer: Mapping[str, Any] = await ctx.store.unit(
        work, verb="unlock", key=ask.key, chains=(product_chain(ctx.product),)
    )
    return dict(answer)


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
