"""Acts outside a release: allowed to those who may deploy, written into their own chain, told to the team as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain.authorise import permission
from core.domain.policy import Policy
from core.domain.repository import FinalTag
from core.domain.versions import Version, is_latest, released
from core.errors import Blocker, IntegrationError, Refused
from core.store.unit_of_work import Unit
from core.usecases.context import Context, role_members
from core.usecases.forge import page_of

CHAIN = "outside"
OPERATOR = "operator:"  # who runs a command on the bot's machine and is nobody of the policy: the machine let them in


@dataclass(frozen=True, slots=True)
class Tagged:
    """What was published: the order, the branch whose head got the tag, and the release's page or "".

    `beside` are tags of other released versions on the same commit.
    """

    order: FinalTag
    branch: str
    page: str = ""
    beside: tuple[str, ...] = ()


async def tag_outside(ctx: Context, number: Version, message: str, actor: str, body: str = "") -> Tagged:
    """Put a version's tag on the head of main although no release of that number is open; the team is told.

    `message` is what the person said, `body` the text of tag and release page (the message when it is empty). `actor`
    is a Slack id, or `OPERATOR` with the name of an account of this machine. Asked and done are entries of their own:
    a process that dies between them leaves the question in the trail. A tag that stands on that commit already is left
    alone, and only its page is published, where there is a host for it. Raises Refused, and IntegrationError when the
    remote did not take the tag or the page.
    """
    policy = await ctx.policy()
    await _may(ctx, policy, actor)
    remote = await ctx.repository.look(0.0)
    main, there = policy.product.main, remote.tags.get(number.tag)
    if main not in remote.heads:
        raise Refused([Blocker("git.branch_missing", {"branch": main})], asked="tag")
    if there is not None and (ctx.forge is None or there != remote.heads[main]):
        raise Refused([Blocker("git.tag_exists", {"tag": number.tag, "sha": there})], asked="tag")
    whole = body or message or number.tag
    order = FinalTag(number.tag, remote.heads[main], ctx.clock.now(), message=whole)
    entry = {"tag": number.tag, "sha": order.sha, "message": message}
    if there is None:
        await _push(ctx, policy, actor, order, entry)
    out = released(remote.tags)
    beside = tuple(tag for v, tag in out.items() if v != number.final and remote.tags[tag] == order.sha)
    if ctx.forge is None or number.rc:
        return Tagged(order, main, beside=beside)
    latest = is_latest(number, remote.tags)
    text, files = page_of(number.tag, whole)
    page = await ctx.forge.ensure_release(number.tag, number.tag, text, latest=latest, attachments=files)
    await _record(ctx, policy, actor, "tag.page", entry | {"page": page, "latest": latest})
    return Tagged(order, main, page, beside)


async def _push(ctx: Context, policy: Policy, actor: str, order: FinalTag, entry: dict[str, Any]) -> None:
    await _record(ctx, policy, actor, "tag.asked", entry)
    pushed = await ctx.repository.push(order, await ctx.repository.plan(order))
    if pushed.outcome not in ("done", "already"):
        await _record(ctx, policy, actor, "tag.refused", entry | {"detail": pushed.detail})
        raise IntegrationError("git", f"the tag was not published ({pushed.outcome}): {pushed.detail}", retryable=True)
    await _record(ctx, policy, actor, "tag.done", entry, announce=True)


async def _may(ctx: Context, policy: Policy, actor: str) -> None:
    if actor.startswith(OPERATOR):
        return
    async with ctx.store.database.reader.connect() as conn:
        members, _ = await role_members(conn, policy, ctx.clock.now())
    stranger = permission(policy, members, "deploy", actor, "tag")
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
                "names": policy.names | _operator(actor),
                "product": {"key": policy.product.key, "name": policy.product.name},
            }
            body = {"release": 0, "place": "team", "moment": "outside", "data": data}
            await unit.outbox(f"{CHAIN}:team", "slack.post", body, cause=CHAIN)

    await ctx.store.unit(work, verb=f"outside.{verb}", chains=[CHAIN], interactive=False)


def _operator(actor: str) -> dict[str, str]:
    account = actor.removeprefix(OPERATOR)
    return {actor: f"{account} on the bot's machine"} if account != actor else {}
