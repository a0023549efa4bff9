"""What a proposal is made from: policy, open releases, what runs in production, and the history since then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.domain.notes.draft import draft
from core.domain.notes.model import Heading, Item
from core.domain.notes.refs import matching
from core.domain.policy import Policy
from core.domain.release import ProductRecord, Release, ReleaseType
from core.domain.repository import RemoteState
from core.domain.versions import Version
from core.store import environments, products, releases
from core.usecases.context import Context, role_members

MOST_BREAKING = 10


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal is made from."""

    policy: Policy
    product: ProductRecord
    others: Sequence[Release]
    live: str
    live_sha: str
    members: Mapping[str, tuple[str, ...]]


async def ground_of(ctx: Context, conn: Any) -> Ground:
    policy = await ctx.active_policy(conn)
    production = (await environments.of_product(conn, ctx.product)).get("production")
    members, _ = await role_members(conn, policy, ctx.clock.now())
    return Ground(
        policy,
        await products.load(conn, ctx.product),
        await releases.open_releases(conn, ctx.product),
        production.version if production else "",
        production.sha if production else "",
        members,
    )


def sha_of(version: Version, g: Ground, remote: RemoteState | None) -> str:
    if remote and version.tag in remote.tags:
        return remote.tags[version.tag]
    return g.product.shipped.get(str(version), g.live_sha if str(version) == g.live else "")


async def preview(ctx: Context, kind: ReleaseType, picks: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Reasons for the proposal, from the mirror, outside the unit; empty when the mirror has never been filled.

    `breaking` are the items that ask for more than the type allows: of a minor's range, or of a fix's picks.
    """
    remote = ctx.repository.seen()
    if remote is None or not (kind.by_train or picks):
        return []
    async with ctx.store.database.reader.connect() as conn:
        ground = await ground_of(ctx, conn)
    live = Version.maybe(ground.live)
    develop = ground.policy.product.trunk
    base = sha_of(live, ground, remote) if live else ""
    if not base or develop not in remote.heads:
        return []
    head = remote.heads[develop]
    commits, rules = await ctx.repository.changes(base, head), ground.policy.notes.rules(kind.value)
    make = partial(draft, shipped={}, pulls={}, difference=None, rules=rules, base=base, head=head)
    made = await asyncio.to_thread(make, commits)
    if not kind.by_train:
        wanted = (i for ref in picks for i in matching(made.items, ref))
        return [{"code": "picks", "breaking": _breaking(wanted)}]
    headings = [item.heading for item in made.items]
    counts = {"count": len(headings), "new": headings.count(Heading.FEATURES), "unsure": headings.count(None)}
    breaking = _breaking(made.items) if kind is ReleaseType.MINOR else []
    told = {"code": "changes", **counts, "head": head, "branch": develop, "breaking": breaking}
    return [told | {"same": _on_their_way(ground.others, made.items, head)}]


def _on_their_way(others: Iterable[Release], items: Sequence[Item], head: str) -> list[dict[str, Any]]:
    """The open releases by train that bring some of these changes too, each with how many of them."""
    found = []
    for other in (o for o in others if o.type.by_train):
        theirs = {c.sha for c in other.scope}
        all_of_it = not other.on_branch and other.scope_head == head
        count = sum(all_of_it or not theirs.isdisjoint(item.commits) for item in items)
        if count:
            found.append({"version": other.version, "count": count})
    return found


def _breaking(items: Iterable[Item]) -> list[dict[str, Any]]:
    """What breaks something for who uses the product, with the commits that do."""
    found = [i for i in items if i.breaking]
    return [{"item": i.id, "title": i.title, "commits": [c[:7] for c in i.commits]} for i in found[:MOST_BREAKING]]


def count_of(scope: Sequence[Mapping[str, Any]], what: str) -> Any:
    """What was read of the range that a train's release starts with; None for a fix."""
    return next((r[what] for r in scope if r["code"] == "changes"), None)
