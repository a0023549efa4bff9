"""Who fills which role on a release: handed over with the open points."""

from __future__ import annotations

from dataclasses import replace

from core.domain.casts import LEAD, changed, wanted_cast
from core.domain.effects import CLICK, post
from core.domain.moves.outcome import Outcome, thread
from core.domain.situation import Act, Situation


def cast(s: Situation, act: Act) -> Outcome:
    """Who fills which role from now on; who is new in one gets its open points, and is asked as the holders were."""
    asked = act.input.get("cast")
    then, moved = wanted_cast(s.release, asked), changed(s.release, asked)
    lead = then.pop(LEAD)
    new: dict[str, list[str]] = {}
    for role, (_, person) in moved.items():
        if person:
            new.setdefault(person, []).append(role)
    told = [{"role": role, "before": before, "then": person} for role, (before, person) in moved.items()]
    return Outcome(
        replace(s.release, cast=then, lead=lead),
        (
            thread("cast", act, moved=told),
            *(post(f"dm:{p}", "handover", CLICK, actor=act.actor, roles=roles) for p, roles in new.items()),
        ),
        record={"cast": then, "lead": lead},
    )
