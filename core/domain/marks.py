"""What measures need of the trail and the record alone does not keep, noted as it happens.

`noted` takes one entry of the trail after the other, so the same marks come of a stored trail: that is how releases
from before there were marks get theirs, and how a test proves that both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Wait:
    """An approver was asked in a role and answered, one way or the other."""

    role: str
    asked_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Marks:
    """`asked_at`: when approvals were last asked for; `again`: role -> when its approval fell and was asked anew."""

    ready_at: datetime | None = None
    asked_at: datetime | None = None
    again: dict[str, datetime] = field(default_factory=dict)
    waits: tuple[Wait, ...] = ()
    missed: tuple[datetime, ...] = ()
    flags_off: tuple[datetime, ...] = ()
    fix_at: datetime | None = None  # when somebody decided to fix it forward
    fixed_at: datetime | None = None  # when the fix was live and verified
    estimated: tuple[int, ...] = ()  # incidents of which a person said when they were detected


def noted(marks: Marks, verb: str, at: datetime, body: Mapping[str, Any]) -> Marks:
    """The marks after one entry of the release's trail; most entries leave them as they are."""
    if verb == "ready":
        return replace(marks, ready_at=marks.ready_at or at, asked_at=at, again={})
    if verb == "missed":
        return replace(marks, missed=(*marks.missed, at))
    if verb == "flag_off":
        return replace(marks, flags_off=(*marks.flags_off, at))
    if verb == "fix_forward":
        return replace(marks, fix_at=marks.fix_at or at)
    if verb == "fixed":
        return replace(marks, fixed_at=marks.fixed_at or at)
    if verb == "incident" and body.get("input", {}).get("detected_at"):
        return replace(marks, estimated=(*marks.estimated, int(body["record"]["incident"])))
    return _signed(marks, at, body)


def _signed(marks: Marks, at: datetime, body: Mapping[str, Any]) -> Marks:
    """Approvals that were given or refused, and those that fell."""
    for gate, _, role, *_ in body.get("signed", ()):
        if gate == APPROVAL and marks.asked_at is not None:
            asked = marks.again.get(role, marks.asked_at)
            marks = replace(marks, waits=(*marks.waits, Wait(role, asked, at)))
    fallen = {role: at for gate, _, role, *_ in body.get("withdrawn", ()) if gate == APPROVAL}
    return replace(marks, again=marks.again | fallen) if fallen else marks
