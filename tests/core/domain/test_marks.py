"""What is noted of each entry of the trail: when approvals were asked for, when they fell, and who had to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.marks import Marks, Wait, noted

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def signed(role: str, gate: str = "approval") -> list[str]:
    return [gate, "digest", role, "U0MIRA", "approve"]


def after(*entries: tuple[str, dict[str, Any]]) -> Marks:
    """One entry an hour."""
    marks = Marks()
    for hours, (verb, body) in enumerate(entries):
        marks = noted(marks, verb, AT + hours * HOUR, body)
    return marks


def test_an_answer_has_waited_since_its_role_was_asked_last() -> None:
    marks = after(
        ("ready", {}), ("approve", {"signed": [signed("tech_lead")]}),
        ("tick", {"signed": [signed("qa", "signoff:x")]}),
        ("content_changed", {"withdrawn": [signed("tech_lead")]}), ("approve", {"signed": [signed("product_manager")]}),
        ("approve", {"signed": [signed("tech_lead")]}), ("back", {"withdrawn": [signed("tech_lead")]}), ("ready", {}),
        ("reject", {"signed": [signed("tech_lead")]}),
    )  # fmt: skip
    hours = [(w.role, (w.asked_at - AT) / HOUR, (w.answered_at - AT) / HOUR) for w in marks.waits]
    assert hours == [("tech_lead", 0, 1), ("product_manager", 0, 4), ("tech_lead", 3, 5), ("tech_lead", 7, 8)]
    assert marks.ready_at == AT, "the first time counts"


def test_what_only_the_trail_tells_is_kept_and_nothing_else() -> None:
    told = {"input": {"detected_at": "2026-07-01T08:00:00+00:00"}, "record": {"incident": 2}}
    marks = after(
        ("missed", {}), ("missed", {}), ("flag_off", {}), ("fix_forward", {}), ("fixed", {}), ("incident", told),
        ("incident", {"input": {}, "record": {"incident": 3}}), ("approve", {"signed": [signed("tech_lead")]}),
        ("x", {}),
    )  # fmt: skip
    assert marks == Marks(
        missed=(AT, AT + HOUR), flags_off=(AT + 2 * HOUR,), fix_at=AT + 3 * HOUR, fixed_at=AT + 4 * HOUR, estimated=(2,)
    )
    assert marks.waits == () and Wait("a", AT, AT).role == "a", "an answer that nobody asked for has not waited"
