"""Remind somebody of what waits for them: one message, once per four hours, reason and person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.effects import CLICK
from core.store import due, releases
from core.store.unit_of_work import Unit, release_chain
from core.usecases.advance import Ask
from core.usecases.context import Context

PAUSE = 4 * 3600


async def remind(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Input: person, code (the condition), about (words). Returns {"sent": bool}; raises NotFound."""
    assert ask.release is not None
    number, person = ask.release, str(ask.input.get("person") or "")
    code, about = str(ask.input.get("code") or ""), str(ask.input.get("about") or "")[:300]

    async def work(unit: Unit) -> dict[str, Any]:
        facts, _ = await releases.facts_of(unit.conn, number)
        now = ctx.clock.now()
        slot = int(now.timestamp()) // PAUSE
        if not await due.claim(unit, "remind", f"{number}:{code}:{person}", str(slot), now):
            return {"sent": False}
        data = {"actor": ask.actor, "reason": "", "about": about, "code": code, "facts": dict(facts)}
        await unit.outbox(
            f"dm:{person}",
            "slack.post",
            {"release": number, "place": f"dm:{person}", "moment": "reminder", "data": data},
            cause=release_chain(number),
            rank=CLICK,
        )
        return {"sent": True}

    answer: Mapping[str, Any] = await ctx.store.unit(work, verb="remind", key=ask.key, chains=(release_chain(number),))
    return dict(answer)
