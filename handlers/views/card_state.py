"""Which of the card's pictures a release shows, and what it waits for, out of its facts and the hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from core.domain.facts import timely
from core.domain.facts_overrides import passed_codes
from handlers.views.reasons import Reason, reasons
from handlers.views.writing import Facts, instant

State = Literal[
    "planning",
    "development",
    "stabilization",
    "pending",
    "approved",
    "running",
    "decision",
    "rolling back",
    "verifying",
    "post-release",
    "closed",
    "hold",
    "cancelled",
    "rolled back",
]


def state_of(facts: Facts) -> State:
    """The picture: the phase, or the overlay that matters more than the phase."""
    phase = str(facts.get("phase"))
    if phase == "cancelled":
        return "cancelled"
    if phase in ("post-release", "closed") and facts.get("outcome") == "rolled back":
        return "rolled back"
    if phase == "deployment":
        return _running(facts)
    if facts.get("hold"):
        return "hold"
    if phase == "preparation":
        return "approved" if approved(facts) else "pending"
    return phase if phase in ("planning", "development", "stabilization", "post-release", "closed") else "planning"  # type: ignore[return-value]


def _running(facts: Facts) -> State:
    run = facts.get("run") or {}
    if run.get("state") in ("failed", "waiting"):
        return "decision"
    if run.get("kind") == "roll back":
        return "rolling back"
    return "verifying" if run.get("state") == "done" else "running"


def approved(facts: Facts) -> bool:
    """Whether every approval is complete and nobody rejects."""
    asked = facts.get("approvals") or ()
    passed = passed_codes(facts)
    return bool(asked) and all(
        (len(a.get("given") or ()) >= a.get("need", 1) or f"approval.{a['role']}" in passed) and not a.get("rejected")
        for a in asked
    )


def open_reasons(facts: Facts, now: datetime) -> list[Reason]:
    """What the next step still needs, time-bound conditions judged at this moment."""
    return reasons(judged(facts, now), facts)


def quiet_concerns(facts: Facts, found: Sequence[Reason]) -> list[Reason]:
    """Open concerns that do not stop the next step, but one after it: they stand on the card all the same."""
    if facts.get("phase") in ("closed", "cancelled") or any(r.code == "concern" for r in found):
        return []
    quiet = [
        {"code": "concern", "facts": c, "who": [c["by"], "role:release_manager"], "since": c["at"]}
        for c in facts.get("concerns") or ()
    ]
    return reasons(quiet, facts)


def judged(facts: Facts, now: datetime) -> list[object]:
    """The stored blockers, with those that only the hour decides as they are now."""
    return [*(facts.get("blockers") or ()), *timely(facts, now)]


def at_the_hour(facts: Facts, now: datetime) -> bool:
    """Whether the window is open, or none is needed."""
    opens, closes = instant(facts.get("departs_at")), instant(facts.get("window_ends_at"))
    return opens is None or (opens <= now and (closes is None or now <= closes))
