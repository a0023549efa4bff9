"""Remind somebody of what waits for them: one message, once per four hours, reason and person, in their hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.effects import CLICK, post
from core.domain.engine import Decided, take
from core.domain.moves.outcome import Outcome
from core.domain.situation import Act
from core.store import due
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, chains_of
from core.usecases.context import Context
from core.usecases.scene import Scene

PAUSE = 4 * 3600


async def remind(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Input: person, code (the condition), about (words). Raises NotFound.

    Returns {"sent": bool, "at": when it reaches the person, who does not work now; ""}.
    """
    assert ask.release is not None
    number, person = ask.release, str(ask.input.get("person") or "")
    code, about = str(ask.input.get("code") or ""), str(ask.input.get("about") or "")[:300]

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, number)
        now = ctx.clock.now()
        slot = int(now.timestamp()) // PAUSE
        if not await due.claim(unit, "remind", f"{number}:{code}:{person}", str(slot), now):
            return {"sent": False, "at": ""}
        message = post(f"dm:{person}", "reminder", CLICK, actor=ask.actor, about=about, code=code)
        before = scene.s.release.later
        act = Act(ask.actor, ask.event)
        after, step = take(scene.s, ask.event, act, Outcome(scene.s.release, (message,)), ask.via, quiet=True)
        await scene.write(Decided(after, (step,)))
        await scene.save()
        waits = [x.at.isoformat() for x in after.release.later if x not in before]
        return {"sent": True, "at": waits[0] if waits else ""}

    answer: Mapping[str, Any] = await ctx.store.unit(work, verb="remind", key=ask.key, chains=chains_of(ctx, number))
    return dict(answer)
