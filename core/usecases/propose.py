"""A line for the notes from somebody who may not write them: said in the thread, with who leads asked to take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.effects import CLICK, post
from core.domain.engine import Decided, take
from core.domain.moves.outcome import Outcome, thread
from core.domain.situation import Act
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, chains_of
from core.usecases.context import Context
from core.usecases.scene import Scene

LONGEST = 900


async def propose(ctx: Context, ask: Ask) -> str:
    """Input: place (the field of the notes or texts), text. Returns who was asked. Raises NotFound."""
    assert ask.release is not None
    number, place = ask.release, str(ask.input.get("place") or "")
    text = str(ask.input.get("text") or "")[:LONGEST]

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, number)
        lead = scene.s.release.lead
        told: dict[str, Any] = {"place_of": place, "line": text}
        effects = (
            thread("line_proposed", Act(ask.actor, ask.event), **told),
            post(f"dm:{lead}", "line_proposed", CLICK, actor=ask.actor, **told),
        )
        outcome = Outcome(scene.s.release, effects, record={"place": place, "text": text})
        after, step = take(scene.s, "propose_line", Act(ask.actor, ask.event), outcome, ask.via)
        await scene.write(Decided(after, (step,)))
        await scene.save()
        return {"asked": lead}

    answer: Mapping[str, Any] = await ctx.store.unit(work, verb="propose", key=ask.key, chains=chains_of(ctx, number))
    return str(answer["asked"])
