"""What an approver should know before signing: single points, each with its facts. No point weighs, none is added up.

The words stand in `handlers/views/risk_words.py`. What depends on the hour alone (`HOURLY`) is judged when it is read,
because messages are drawn later than facts are stored; all the rest is stored with the release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.checklist import proof
from core.domain.evidence.model import KINDS
from core.domain.freezes import row_of, spans_of
from core.domain.notes.model import Draft
from core.domain.notes.schema import migrations_of
from core.domain.people import Hours as WorkingHours
from core.domain.policy_parts import SignOff
from core.domain.release import ReleaseType
from core.domain.results.judge import Judged, judged
from core.domain.situation import Situation
from core.domain.versions import Version

MOST_NAMED = 5
NEAR = timedelta(hours=24)  # a departure that leaves no time to repair
FREEZE_NEAR = timedelta(days=7)  # a repair after it would meet the freeze
LEAST_RECORD, FAR_LARGER = 3, 2  # shipped releases of the type that say what is usual, and how much more is unusual
HOURLY = ("departure_near", "outside_hours", "freeze_near")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing worth knowing; `data` are plain values for its words."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)


def points(s: Situation) -> tuple[Point, ...]:
    """All points of the candidate as it stands at this moment."""
    return (*standing(s), *by_hour(hour_facts(s), s.now))


def standing(s: Situation) -> tuple[Point, ...]:
    """The points that the hour does not change."""
    return tuple(point for look in _LOOKS for point in look(s))


# --- what is in it ----------------------------------------------------------------------------------------------------


def _draft(s: Situation) -> Draft | None:
    """What was read of the candidate itself; None while that is still being read."""
    return s.draft if s.draft and s.candidate and s.draft.head == s.candidate.sha else None


def _size(s: Situation) -> Iterator[Point]:
    scope, draft = s.release.scope, _draft(s)
    if not scope:
        return
    authors = {c.email.casefold() or c.author for c in scope}
    yield Point("size", {"changes": len(scope), "authors": len(authors), "files": draft.files if draft else 0})
    known = [size.changes for size in s.product.sizes.values() if size.type is s.release.type]
    usual = median(known) if len(known) >= LEAST_RECORD else 0
    if usual and len(scope) >= FAR_LARGER * usual:
        yield Point("larger", {"changes": len(scope), "usual": round(usual), "releases": len(known)})


def _content(s: Situation) -> Iterator[Point]:
    draft = _draft(s)
    if draft is None:
        return
    migrations = [f for f in draft.findings if f.kind == "migration"]
    paths = dict.fromkeys(f.path for f in migrations)
    if migrations:
        told = [f.what for f in migrations[:MOST_NAMED]]
        takes = sum(f.removed for f in migrations)
        classes = dict(Counter(m.kind for m in migrations_of(migrations)))
        yield Point("migrations", {"count": len(paths), "what": told, "removed": takes, "classes": classes})
        yield from _way_back(s)
    else:
        yield Point("no_migration")
    settings = [f for f in draft.findings if f.kind == "config"]
    if settings:
        told = [f.what for f in settings[:MOST_NAMED]]
        yield Point("settings", {"count": len(settings), "what": told})
    for area in draft.areas:
        whole = max(len(s.release.scope), len(area.items))
        touch = {"items": list(area.items[:MOST_NAMED]), "count": len(area.items), "of": whole}
        yield Point("area", {"area": area.name, "files": area.files, "paths": list(area.paths), **touch})
    if s.release.flags:
        yield Point("flags", {"count": len(s.release.flags), "what": list(s.release.flags[:MOST_NAMED])})


def _way_back(s: Situation) -> Iterator[Point]:
    """Whether somebody has said that the version before runs on the database that the migrations make."""
    found = [proof(s, name, item) for name, item in s.signoff_items("rollback").items()]
    if found and s.production.version:
        said = all(p.state == "met" for p in found)
        by = found[0].by if said else ""
        yield Point("way_back" if said else "way_back_open", {"version": s.production.version, "by": by})


def _notes(s: Situation) -> Iterator[Point]:
    notes = s.release.notes
    if notes is None:
        return
    if notes.breaking:
        yield Point("breaking", _units([u.id for u in notes.breaking]))
    lacking = [g for g in notes.gaps if g.code == "unreviewed"]
    if never := [g.item for g in lacking if not g.before]:
        yield Point("unreviewed", _units(never))
    if pushed := [g.item for g in lacking if g.before]:
        yield Point("reviewed_before", _units(pushed))
    if not lacking and judged(s, "review").state == "passed":
        yield Point("all_reviewed")
    for unit in notes.late:
        said = s.release.accepted.get(unit.id)
        if said:
            yield Point("late", {"item": unit.id, "by": said.by, "reason": said.reason})
    hidden = s.hidden
    held = sum(hidden.hides(c.sha, c.pull) for c in s.release.scope) if s.release.embargoed else 0
    if held:
        yield Point("embargoed", {"count": held})
    if notes.unclassified:
        yield Point("unclassified", {"count": len(notes.unclassified)})


def _units(ids: list[str]) -> dict[str, Any]:
    return {"items": ids[:MOST_NAMED], "count": len(ids)}


def _texts(s: Situation) -> Iterator[Point]:
    if not s.release.texts.edited_at:
        yield Point("texts_drafted")


# --- what was looked at -----------------------------------------------------------------------------------------------


def _evidence(s: Situation) -> Iterator[Point]:
    """Every kind that failed or still runs, those that are asked for and nobody reported; then what passed."""
    items = s.signoff_items("ready")
    asked = {item.by for item in items.values() if item.met == "evidence"}
    found = {kind: judged(s, kind) for kind in KINDS}
    for kind, j in found.items():
        if kind == "review":
            continue  # told by the changes that nobody looked at
        if j.state in ("failed", "running"):
            yield Point(f"evidence_{j.state}", _told(kind, j))
        elif j.state == "missing" and kind in asked:
            yield Point("evidence_missing", {"kind": kind})
    passed = [kind for kind, j in found.items() if j.state == "passed" and kind not in ("review", "build")]
    if passed:
        yield Point("evidence_passed", {"kinds": passed})
    for name, item in items.items():
        if item.met != "evidence" and _open(s, name, item):
            yield Point("item_open", {"title": item.title})


def _told(kind: str, j: Judged) -> dict[str, Any]:
    numbers = {k: v for k, v in j.numbers.items() if k in ("tests", "failed", "errors", "checks", "findings")}
    return {"kind": kind, "name": j.name, "url": j.url, "numbers": numbers, "failing": list(j.failing[:2])}


def _open(s: Situation, name: str, item: SignOff) -> bool:
    return not s.met_by_approval(item) and proof(s, name, item).state in ("open", "failed")


# --- how it came about ------------------------------------------------------------------------------------------------


def _course(s: Situation) -> Iterator[Point]:
    r = s.release
    if r.type is ReleaseType.HOTFIX:
        yield Point("hotfix", {"reason": r.reason})
    if (version := _taken_back(s)) is not None:
        yield Point("after_rollback", {"version": version})
    if r.candidate and r.candidate.number > 1:
        yield Point("candidate", {"number": r.candidate.number})
    for c in r.concerns:
        if c.settled_at is None:
            yield Point("concern", {"by": c.by, "text": c.text})
    for o in r.overrides:
        if o.stands:
            yield Point("override", {"title": o.title, "by": [o.first, o.second], "reason": o.reason})
    for stray in s.product.strays.values():
        if stray.answered_by:
            yield Point("moved_by_hand", {"ref": stray.ref, "by": stray.answered_by, "reason": stray.reason})


def _taken_back(s: Situation) -> str | None:
    """The version that was taken back last, when nothing that stayed was shipped after it."""
    burnt = sorted((Version.parse(v) for v in s.product.burnt if v != s.release.version), reverse=True)
    stayed = [Version.parse(v) for v in s.product.shipped if v not in s.product.burnt and v != s.release.version]
    if not burnt or any(v > burnt[0] for v in stayed):
        return None
    return str(burnt[0])


_LOOKS: tuple[Callable[[Situation], Iterator[Point]], ...] = (_evidence, _course, _content, _notes, _size, _texts)


# --- the hour ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hours:
    """What the points about the hour are judged from.

    Instants are aware UTC, `freezes` are those of the facts, `work` the policy's working hours in `zone`.
    """

    departs_at: datetime | None
    window_ends_at: datetime | None
    zone: str
    hotfix: bool
    work: WorkingHours
    freezes: Sequence[Mapping[str, Any]] = ()


def hour_facts(s: Situation) -> Hours:
    zone, r = s.policy.zone, s.release
    spans = [row_of(f, zone) for f in s.policy.freezes]
    hotfix = r.type is ReleaseType.HOTFIX
    return Hours(r.departs_at, r.window_ends_at, zone, hotfix, s.policy.working_hours.hours, spans)


def by_hour(h: Hours, now: datetime) -> tuple[Point, ...]:
    """The points that only the hour decides: when it leaves, and what comes soon after that.

    What waits for no train leaves when it is ready, so the hour of now counts for it.
    """
    leaves = max(h.departs_at, now) if h.departs_at else now
    found = []
    if h.departs_at and h.departs_at - NEAR <= now <= (h.window_ends_at or h.departs_at):
        found.append(Point("departure_near", {"at": h.departs_at.isoformat()}))
    local = leaves.astimezone(ZoneInfo(h.zone))
    minute = local.hour * 60 + local.minute
    if local.weekday() not in h.work.days or not h.work.begins <= minute < h.work.ends:
        found.append(Point("outside_hours", {"at": h.departs_at.isoformat() if h.departs_at else ""}))
    for freeze in () if h.hotfix else spans_of(h.freezes, leaves, leaves + FREEZE_NEAR):
        found.append(Point("freeze_near", {"name": freeze.name, "from": freeze.begins.isoformat()}))
    return tuple(found)
