"""Drills of break-glass: the same two people and words on a record of its own; nothing ships and no release knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

KEPT = 20  # of the product's drills the newest
CHOICES = ("roll back", "fix forward", "wait")


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill: `first` asks to pass `gate` and says why, `second` confirms and decides as if production failed, and
    a third person says whether it was `right` and what `follows`."""

    id: int
    first: str
    at: datetime
    gate: str
    reason: str
    second: str = ""
    second_at: datetime | None = None
    choice: str = ""
    because: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    right: bool | None = None
    follows: str = ""


def waiting(drills: Iterable[Drill], number: int) -> Drill | None:
    """The drill of this number, as long as nobody has confirmed it."""
    return next((d for d in drills if d.id == number and not d.second), None)


def unreviewed(drills: Iterable[Drill], number: int) -> Drill | None:
    """The drill of this number, when two have done it and nobody has said what they think of it."""
    return next((d for d in drills if d.id == number and d.second and not d.reviewed_by), None)


def proven(drills: Iterable[Drill], broken_at: datetime | None) -> tuple[datetime, str] | None:
    """When two people last did it, and how: in a drill, or when it had to be; None when never."""
    found = [(d.second_at, "drill" if d.reviewed_by else "drill, not reviewed yet") for d in drills if d.second_at]
    found += [(broken_at, "override")] if broken_at else []
    return max(found, default=None)
