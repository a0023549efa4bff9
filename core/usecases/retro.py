"""The retrospective of one release as a whole: what was said, what the record proves, what became of action items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.facts_parts import iso
from core.domain.retro import actions, told
from core.domain.retro.record import happened, proven
from core.domain.retro.writing import as_text, in_a_field
from core.domain.retrospective import QUESTIONS, ActionItem, Happened
from core.domain.situation import Situation
from core.store import audit, products, releases
from core.store.engines import Conn
from core.store.unit_of_work import release_chain
from core.usecases.context import Context


async def trail_of(conn: Conn, release_id: int) -> tuple[Happened, ...]:
    """The record of a release as the rules read it, oldest first."""
    found = await audit.entries(conn, release_chain(release_id))
    return tuple(happened(e.verb, e.actor, e.at, e.body) for e in found)


async def whole(ctx: Context, release_id: int, person: str = "") -> dict[str, Any]:
    """{"lines" of each question, "own" answers of `person` as text and how many find no room "beside" it, "proven",
    "actions" that it resolved, "here" on its checklist, "tally" of those, "counts", "answered", "invited", "posted_at"
    ("" while it is open), "named"}.

    Raises NotFound. What is proven is that of the summary once it is posted, as it was then.
    """
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        product = await products.load(conn, release.product)
        open_ = tuple(await releases.open_releases(conn, release.product))
        s = Situation(release, policy, ctx.clock.now(), product=product, others=open_)
        retro = release.retro
        if retro is None or retro.summary is None:
            s = replace(s, trail=await trail_of(conn, release_id))
    named, held = policy.retrospective.named, retro.summary if retro else None
    own = {q: in_a_field(retro.own(person, q)) for q in QUESTIONS} if retro else {}
    return {
        "lines": {q: told.lines_of(retro.of_question(q) if retro else (), named) for q in QUESTIONS},
        "counts": told.counts_of(retro) if retro else dict.fromkeys(QUESTIONS, 0),
        "own": {q: as_text(x.text for x in mine) for q, mine in own.items()},
        "beside": len(retro.own(person)) - sum(map(len, own.values())) if retro else 0,
        "proven": list(held.proven if held else proven(s)),
        "actions": [told.item_of(s, a) for a in actions.made_by(product, release)],
        "here": [told.item_of(s, a) for a in actions.standing(product, release)],
        "tally": actions.tally(product, release),
        "answered": len(retro.answered) if retro else 0,
        "invited": len(retro.invited) if retro else 0,
        "posted_at": iso(held.at) if held else "",
        "due_days": policy.retrospective.due_days,
        "named": named,
    }


async def home_of(ctx: Context, action: int) -> int:
    """The release with which an action item is decided: on whose checklist it stands, else whose retrospective
    resolved it. 0 when there is no such item."""
    async with ctx.store.database.reader.connect() as conn:
        product = await products.load(conn, ctx.product)
        found = next((a for a in product.actions if a.id == action), None)
        return await _home(ctx, conn, found) if found else 0


async def _home(ctx: Context, conn: Conn, action: ActionItem) -> int:
    made = None if action.on else await releases.find(conn, ctx.product, action.from_release)
    return made.id if made else action.on


async def owned(ctx: Context, person: str) -> list[dict[str, Any]]:
    """The open action items of one person that wait for a word, the first due first, each with the `release` where it
    is decided."""
    now = ctx.clock.now()
    async with ctx.store.database.reader.connect() as conn:
        product = await products.load(conn, ctx.product)
        found = [a for a in actions.open_of(product, person) if not a.kept]
        zone = (await ctx.active_policy(conn)).zone if found else ""
        return [
            actions.told(a) | {"late": actions.late(a, now, zone), "release": await _home(ctx, conn, a)} for a in found
        ]
