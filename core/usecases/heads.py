"""Look at the remote and the host of the code, and tell each open release what is different there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.moves.forging import seen
from core.domain.policy import Policy
from core.domain.release import BEFORE_DEPLOYMENT, Environment, Phase, Release
from core.domain.repository import RemoteState
from core.domain.shipped import to_hold
from core.domain.versions import Version
from core.store import environments, products, releases
from core.store.records import encode
from core.usecases import forge
from core.usecases.advance import Report, advance
from core.usecases.arrived import absent_from, not_held, written_by_us
from core.usecases.context import Context
from core.usecases.strays import look_for_strays


async def observe(ctx: Context, max_age: float = 30.0) -> int:
    """Read the remote (outside any unit) and report to the releases for which something changed.

    Returns how many were told. Raises IntegrationError when the remote cannot be read.
    """
    remote = await ctx.repository.look(max_age)
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.open_releases(conn, ctx.product)
        production = (await environments.of_product(conn, ctx.product)).get("production")
        product = await products.load(conn, ctx.product)
        policy = await ctx.active_policy(conn)
    develop = policy.product.trunk
    shipped = to_hold(product, production or Environment("production"))
    shipped = {v: sha for v, sha in shipped.items() if v not in product.burnt}
    told = 0
    for release in found:
        if release.phase not in BEFORE_DEPLOYMENT:
            continue
        lacks = await _lacks(ctx, release, remote, shipped)
        heads = {b: remote.heads[b] for b in (release.branch, develop) if b in remote.heads}
        home = await _absent(ctx, release, heads.get(develop, ""), shipped, policy)
        if home or _news(release, heads, develop, lacks):
            await advance(ctx, Report("heads.seen", release.id, {"heads": heads, "lacks": list(lacks), **home}))
            told += 1
    return told + await look_for_strays(ctx, remote) + await _asked_the_host(ctx, found, policy)


async def _asked_the_host(ctx: Context, found: Sequence[Release], policy: Policy) -> int:
    """Checks, milestone and titles as the host of the code has them now; what it could not tell before is read."""
    told = 0
    for release in found:
        body = await forge.look(ctx, release, policy) if release.phase in BEFORE_DEPLOYMENT else None
        if body is None:
            continue
        alone = release.notes is not None and release.notes.alone and not body.get("host")
        if alone or seen(release, body, ctx.clock.now()) != release:
            await advance(ctx, Report("forge.read", release.id, body))
            told += 1
    return told


async def _lacks(ctx: Context, release: Release, remote: RemoteState, shipped: dict[str, str]) -> tuple[str, ...]:
    """Shipped versions newer than the release's base that its branch does not contain."""
    head = remote.heads.get(release.branch)
    base = Version.maybe(release.base_tag)
    if head is None:
        return ()
    between = {v: sha for v, sha in shipped.items() if (n := Version.maybe(v)) and n < release.number}
    newer = {v: sha for v, sha in between.items() if base is None or Version.parse(v) > base}
    return tuple(await not_held(ctx.repository, head, newer))


async def _absent(
    ctx: Context, release: Release, head: str, shipped: Mapping[str, str], policy: Policy
) -> dict[str, Any]:
    """Older versions that are out and did not arrive on develop, as a report tells them; {} when that is known."""
    if not head or not release.type.by_train or release.phase not in (Phase.PLANNING, Phase.DEVELOPMENT):
        return {}
    older = {v: sha for v, sha in shipped.items() if (n := Version.maybe(v)) and n < release.number}
    beside = await not_held(ctx.repository, head, older)
    made_of = " ".join([head, *beside]) if beside else ""
    if made_of == release.absent_of:
        return {}
    found = await absent_from(ctx.repository, head, beside, written_by_us(policy))
    return {"absent": [encode(one) for one in found], "absent_of": made_of}


def _news(release: Release, heads: dict[str, str], develop: str, lacks: tuple[str, ...]) -> bool:
    own, base = heads.get(release.branch), heads.get(develop)
    early = release.phase in (Phase.PLANNING, Phase.DEVELOPMENT) and release.type.by_train
    return (
        lacks != release.lacks
        or bool(own and own != release.branch_head and release.phase is not Phase.PLANNING)
        or bool(early and base and base != release.scope_head)
    )
