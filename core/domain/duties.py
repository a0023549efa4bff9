"""The duties of the roles on one release: whose they are now, and what is asked two hours after it went live."""

from __future__ import annotations

from typing import Any

from core.domain.effects import REMINDER, Effect, post
from core.domain.policy_people import stage_of
from core.domain.release import Ending
from core.domain.situation import Situation


def duties_of(s: Situation) -> list[dict[str, Any]]:
    """The duty of each role in the present stage, with where it is met: for Home and the checklist."""
    stage = stage_of(s.release.phase)
    if stage is None:
        return []
    found = []
    for role, duties in s.policy.duties.items():
        duty = duties.at(stage)
        kind, name = duty.way
        item = s.signoff(name) if kind == "item" else None
        if kind == "item" and item is None:
            continue  # what a release of this type does not have, it does not ask for
        found.append(
            {
                "role": role,
                "stage": stage,
                "text": duty.text,
                "kind": kind,
                "name": name,
                "title": item.title if item else "",
                "people": list(s.called(role)),
            }
        )
    return found


def after_live(s: Situation) -> tuple[Effect, ...]:
    """Two hours after it went live those whose duty it is by the policy are asked how it is; not after a roll-back."""
    if s.release.outcome is not Ending.NONE:
        return ()
    people = [p for d in duties_of(s) if (d["kind"], d["name"]) == ("reminder", "live") for p in d["people"]]
    return tuple(post(f"dm:{p}", "live_duties", REMINDER) for p in dict.fromkeys(people))
