"""Remind somebody of what waits for them: one message, once per four hours, reason and person, in their hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.effects import CLICK, post
from core.domain.engine import Decided, take
from core.domain.moves.outcome import Outcome
from core.domain.situation import Act
from core.domain.voices import PAUSE, Nudge, Nudged
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, chains_of
from core.usecases.context import Context
from core.usecases.scene import Scene

MOST_KEPT = 500  # reminders of one release, for the metrics
ASKED = "ask."  # begins the code of what is no condition: somebody is asked to do what the other may not


async def remind(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Input: person, code (the condition), about (words). Raises NotFound.

    Returns {"sent": bool, "at": when it reaches the person, who does not work now; ""}; when somebody did it less than
    four hours ago also "by" whom and when ("before").
    """
    assert ask.release is not None
    number, person = ask.release, str(ask.input.get("person") or "")
    code, about = str(ask.input.get("code") or ""), str(ask.input.get("about") or "")[:300]

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, number)
        now, release = ctx.clock.now(), scene.s.release
        key = f"{code}|{person}"
        last = release.reminded.get(key)
        if last and now - last.at < PAUSE:
            return {"sent": False, "at": "", "by": last.by, "before": last.at.isoformat()}
        kept = {k: x for k, x in release.reminded.items() if now - x.at < PAUSE} | {key: Nudge(ask.actor, now)}
        message = post(f"dm:{person}", "reminder", CLICK, actor=ask.actor, about=about, code=code)
        before = release.later
        act = Act(ask.actor, ask.event)
        sent = _with(release.nudges, Nudged(now, code, person))
        outcome = Outcome(replace(release, reminded=kept, nudges=sent), (message,))
        after, step = take(scene.s, ask.event, act, outcome, ask.via, quiet=True)
        await scene.write(Decided(after, (step,)))
        await scene.save()
        waits = [x.at.isoformat() for x in after.release.later if x not in before]
        return {"sent": True, "at": waits[0] if waits else ""}

    answer: Mapping[str, Any] = await ctx.store.unit(work, verb="remind", key=ask.key, chains=chains_of(ctx, number))
    return dict(answer)


def _with(sent: tuple[Nudged, ...], new: Nudged) -> tuple[Nudged, ...]:
    """What was sent, as the metrics count it: nobody can say later whether somebody let themselves be asked."""
    return sent if new.code.startswith(ASKED) else (*sent, new)[-MOST_KEPT:]
