"""Acts outside a release: allowed to those who may deploy, written into their own chain, told to the team as such."""

from __future__ import annotations

from typing import Any

from core.domain.authorise import permission
from core.domain.policy import Policy
from core.domain.repository import TagCandidate
from core.domain.versions import Version
from core.errors import Blocker, IntegrationError, Refused
from core.store.unit_of_work import Unit
from core.usecases import look
from core.usecases.context import Context

CHAIN = "outside"


async def tag_outside(ctx: Context, number: Version, message: str, actor: str) -> TagCandidate:
    """Put a version's tag on the head of main although no release of that number is open; the team is told.

    Returns the order that was carried out. Asked and done are entries of their own: a process that dies between them
    leaves the question in the trail. Raises Refused, and IntegrationError when the remote did not take the tag.
    """
    policy = await ctx.policy()
    await _may(ctx, policy, actor)
    remote = await ctx.repository.look(0.0)
    main = policy.product.main
    if number.tag in remote.tags:
        raise Refused([Blocker("git.tag_exists", {"tag": number.tag, "sha": remote.tags[number.tag]})], asked="tag")
    if main not in remote.heads:
        raise Refused([Blocker("git.branch_missing", {"branch": main})], asked="tag")
    order = TagCandidate(main, remote.heads[main], number.tag, ctx.clock.now(), message=message or number.tag)
    entry = {"tag": number.tag, "sha": order.sha, "message": order.message}
    await _record(ctx, policy, actor, "tag.asked", entry)
    pushed = await ctx.repository.push(order, await ctx.repository.plan(order))
    if pushed.outcome not in ("done", "already"):
        await _record(ctx, policy, actor, "tag.refused", entry | {"detail": pushed.detail})
        raise IntegrationError("git", f"the tag was not published ({pushed.outcome}): {pushed.detail}", retryable=True)
    await _record(ctx, policy, actor, "tag.done", entry, announce=True)
    return order


async def _may(ctx: Context, policy: Policy, actor: str) -> None:
    stranger = permission(policy, await look.members(ctx), "deploy", actor, "tag")
    if stranger:
        raise Refused([stranger], asked="tag")


async def _record(
    ctx: Context, policy: Policy, actor: str, verb: str, entry: dict[str, Any], announce: bool = False
) -> None:
    async def work(unit: Unit) -> None:
        await unit.audit(CHAIN, actor, verb, policy.hash, entry, ctx.clock.now())
        if announce:
            data = {
                "actor": actor,
                "reason": entry["message"],
                **entry,
                "zone": policy.zone,
                "names": {p.slack: p.name for p in policy.people.values()},
                "product": {"key": policy.product.key, "name": policy.product.name},
            }
            body = {"release": 0, "place": "team", "moment": "outside", "data": data}
            await unit.outbox(f"{CHAIN}:team", "slack.post", body, cause=CHAIN)

    await ctx.store.unit(work, verb=f"outside.{verb}", chains=[CHAIN], interactive=False)
