"""Gates about what makes a release stand still: a hold by a person's word, and an incident that is open."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.gates.people import iso
from core.domain.situation import Act, Situation
from core.errors import Blocker


def not_held(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is not on hold already."""
    if s.release.hold:
        yield from held_now(s)


def held(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is on hold; else there is nothing to resume."""
    if not s.release.hold:
        yield Blocker("not_held", {})


def held_now(s: Situation) -> Iterator[Blocker]:
    """The hold itself, as a reason against everything that does not pass a hold."""
    if s.release.hold:
        h = s.release.hold
        yield Blocker(
            "held",
            {"by": h.by, "reason": h.reason, "until": iso(h.until)},
            s.holders(*s.policy.permissions["hold"]),
            iso(h.at),
        )


def incident_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The incident is still open."""
    wanted = act.input.get("incident")
    if not any(i.id == wanted and i.resolved_at is None for i in s.release.incidents):
        yield Blocker("incident.gone", {"id": wanted})


def no_incident(s: Situation, act: Act) -> Iterator[Blocker]:
    """No incident of this release is open."""
    for i in s.release.incidents:
        if i.resolved_at is None:
            yield Blocker(
                "incident", {"id": i.id, "text": i.text}, s.holders("devops", "release_manager"), iso(i.detected_at)
            )
