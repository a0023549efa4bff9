"""Somebody looks afterwards at what one person did alone: asked again and again until it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.domain.flags.waiting import Proposal, Review, told_of
from core.domain.gates.people import reason_lacks
from core.domain.slack_ids import is_person
from core.errors import Blocker, NotFound, Refused
from core.store import flag_waiting
from core.store.flags import flags_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.environments import tell
from core.usecases.flag_writing import agreeing, ask_for_review, chains_of


async def waiting(ctx: Context, person: str) -> list[dict[str, Any]]:
    """What this person may agree to or look at now, as their Home carries it: "kind" is proposal or review."""
    async with ctx.store.database.reader.connect() as conn:
        proposals = await flag_waiting.open_ones(conn, Proposal)
        reviews = await flag_waiting.open_ones(conn, Review)
        if not proposals and not reviews:
            return []
        found = await agreeing(ctx, conn, await ctx.active_policy(conn))
    asked = [{"kind": "proposal", "at": p.at.isoformat(), **told_of(p)} for p in proposals if person in p.people]
    seen = [
        {"kind": "review", "id": r.id, "flag": r.name, "actor": r.by, "at": r.at.isoformat()}
        for r in reviews
        if person in found.others(r.by, *filter(None, [r.second]))
    ]
    return [*asked, *seen]


async def again(ctx: Context, id: str) -> int:
    """Ask once more when it is time; the hours of a downtime are one time. Returns 1, 0 when another was quicker."""
    policy = await ctx.policy()

    async def work(unit: Unit) -> int:
        one, now = await flag_waiting.find(unit.conn, Review, id), ctx.clock.now()
        if one is None or one.reviewed_at is not None:
            return 0
        every = timedelta(hours=policy.flags.review_hours)
        if now - (one.asked_at or one.at) < every:
            return 0
        await flag_waiting.put(unit, replace(one, asked_at=now), open=True, due=now + every)
        await ask_for_review(ctx, unit, policy, one, again=True)
        return 1

    chains = await chains_of(ctx, "")
    return int(await ctx.store.unit(work, verb="flag.again", chains=chains, interactive=False))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says of the review `id`: whether it was right, and what follows."""

    id: str
    by: str
    right: bool
    follows: str


async def review(ctx: Context, verdict: Verdict, key: str | None = None) -> dict[str, object]:
    """Take it in. Returns it as messages carry it, "late" where somebody had looked already. Raises NotFound and
    Refused."""
    id, by, right, follows = verdict.id, verdict.by, verdict.right, verdict.follows
    async with ctx.store.database.reader.connect() as conn:
        seen = await flag_waiting.find(conn, Review, id)
    if seen is None:
        raise NotFound("this is nothing that I know")
    policy = await ctx.policy()

    async def work(unit: Unit) -> dict[str, object]:
        one = await flag_waiting.find(unit.conn, Review, id)
        assert one is not None  # what was asked stays
        said = {"flag": one.name, "actor": one.by, "by": by, "right": right, "follows": follows}
        people = (await agreeing(ctx, unit.conn, policy)).others(one.by, *filter(None, [one.second]))
        if by not in people:
            facts = {"by": one.by, "second": one.second, "roles": list(policy.permissions["flag_agree"])}
            raise Refused([Blocker("review.third", facts, people)], asked="flag")
        if one.reviewed_at is not None:
            return {**said, "by": one.reviewed_by, "right": one.right, "follows": one.follows, "late": True}
        if lacks := list(reason_lacks(follows, by)):
            raise Refused(lacks, asked="flag")
        done = replace(one, reviewed_by=by, reviewed_at=ctx.clock.now(), right=right, follows=follows)
        await flag_waiting.put(unit, done, open=False)
        body = {"flag": one.key, "review": one.id, "right": right, "follows": follows}
        await unit.audit(flags_chain(one.environment), by, "flag.reviewed", policy.hash, body, ctx.clock.now())
        if is_person(one.by):
            await tell(ctx, unit, policy, f"dm:{one.by}", "flag_reviewed", said)
        return said

    chains = await chains_of(ctx, "", seen.environment)
    return dict(await ctx.store.unit(work, verb="flag.review", key=key, chains=chains))


