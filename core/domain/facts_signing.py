"""The part of the projection about signing: the content by its parts, what is worth knowing, what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain.facts_parts import iso
from core.domain.manifest import LISTED, MOST_LINES, Manifest, Part, Signed, difference, part_json
from core.domain.moves.contents import notes_json
from core.domain.people import Hours as WorkingHours
from core.domain.release import Phase
from core.domain.risk import Hours, Point, by_hour, standing
from core.domain.situation import Situation

MOST_QUESTIONS = 10


def signing_of(s: Situation) -> dict[str, Any]:
    """What an approver is shown, also of what is hidden from others until it is released: nobody else is to read it.

    The points are those that the hour does not change; see `points_at`.
    """
    asking = s.release.phase in (Phase.STABILIZATION, Phase.PREPARATION)
    work = s.policy.working_hours.hours
    return {
        "content": _content(s),
        "points": [{"code": p.code, "data": p.data} for p in standing(s)] if asking and s.candidate else [],
        "working_hours": {"begins": work.begins, "ends": work.ends, "days": list(work.days)},
        "again": {p: _again(s, signed) for p, signed in s.release.last_signed.items()} if asking else {},
        "questions": [
            {"id": q.id, "by": q.by, "at": iso(q.at), "text": q.text, "to": list(q.to), "candidate": q.candidate}
            for q in s.release.questions[-MOST_QUESTIONS:]
        ],
    }


def _content(s: Situation) -> dict[str, Any] | None:
    """How much each part of the content holds; None for a candidate that is not kept by its parts."""
    m = s.candidate.manifest if s.candidate else None
    if m is None:
        return None
    return {name: len(m.part(name)) for name in LISTED} | {
        f"{name}_lines": list(m.part(name)[:MOST_LINES]) for name in LISTED
    }


def _again(s: Situation, signed: Signed) -> dict[str, Any]:
    """What is different from what somebody had signed; `parts` is empty where that is not known."""
    now = s.candidate.manifest if s.candidate else None
    return {
        "before": signed.candidate,
        "sha": signed.sha,
        "at": iso(signed.at),
        "why": signed.why,
        "parts": [part_json(part) for part in _parts(signed.manifest, now)],
        "came": list(signed.came),
        "more": signed.more,
        "went": list(signed.went),
        "gone": signed.gone,
        "notes": notes_json(signed.notes),
        "changes": signed.changes,
    }


def _parts(old: Manifest | None, new: Manifest | None) -> tuple[Part, ...]:
    return difference(old, new) if old and new else ()


def points_at(facts: Mapping[str, Any], now: datetime) -> list[Point]:
    """All points from the stored facts, as they are at this hour."""
    stored = [Point(str(p["code"]), dict(p["data"])) for p in facts.get("points") or ()]
    if not facts.get("candidate"):
        return stored
    work = facts.get("working_hours") or {}
    hours = Hours(
        _instant(facts.get("departs_at")),
        _instant(facts.get("window_ends_at")),
        str(facts.get("zone") or "UTC"),
        facts.get("type") == "hotfix",
        WorkingHours(work["begins"], work["ends"], tuple(work["days"])) if work else WorkingHours(),
        facts.get("freezes") or (),
    )
    return [*stored, *by_hour(hours, now)]


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
