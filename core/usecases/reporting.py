"""Keep what somebody reports about a version that was live before the bot: it waits for the next release."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.authorise import only_looks
from core.domain.gates.people import reason_lacks
from core.domain.product import Carried
from core.domain.voices import Concern
from core.errors import Refused
from core.store import products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.environments import desk_of, tell, written


async def keep_report(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Keep it for the next release, where it blocks until it is settled; who triages is told.

    Input: version, reason, kind ("" where nobody said). Returns {"version", "people": who was told}. Raises Refused.
    """
    chain = product_chain(ctx.product)

    async def work(unit: Unit) -> dict[str, Any]:
        desk = await desk_of(ctx, unit.conn)
        if (looks := only_looks(desk.members, ask.actor, "report")) is not None:
            raise Refused([looks], asked="report")
        text = str(ask.input.get("reason") or "").strip()
        if lacks := list(reason_lacks(text, ask.actor)):
            raise Refused(lacks, asked="report")
        version, kind = str(ask.input["version"]), str(ask.input.get("kind") or "bug")
        item = Concern(1, ask.actor, desk.now, text, settled_by=ask.actor, settled_at=desk.now, left=True, report=kind)
        key = f"{version}:{unit.seq(chain)}"
        await products.put(unit, replace(desk.record, carried=(*desk.record.carried, Carried(key, version, item))))
        said = {"version": version, "kind": kind, "text": text, "author": ask.actor}
        await written(ctx, unit, ask.actor, "report", desk.policy.hash, said)
        people = tuple(p for p in desk.holders(desk.policy.permissions["triage"]) if p != ask.actor)
        for person in people:
            await tell(ctx, unit, desk.policy, f"dm:{person}", "report_kept", said)
        return {"event": "report", "version": version, "people": list(people)}

    return dict(await ctx.store.unit(work, verb="report", key=ask.key, chains=(chain,)))
