"""The daily progress of a release: when its morning comes, and what has moved since the one before.

In development and stabilization, on working days. A hotfix has no days; on hold nothing is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from core.domain.calendar import Timetable, wall
from core.domain.checklist import items_of, proof
from core.domain.parts import Progress
from core.domain.prepared import MESSAGE
from core.domain.release import Phase, Release, ReleaseType
from core.domain.reminders.releases import View
from core.domain.situation import Situation

MORNING = time(9, 30)  # in the train's zone
SILENT = 3  # working days without movement after which the thread says so once
TOLD = ("development", "stabilization")


def next_morning(base: datetime, table: Timetable) -> datetime:
    """The morning of the first working day after that of `base`."""
    day = table.local(base).date() + timedelta(days=1)
    while not table.off.works(day):
        day += timedelta(days=1)
    return wall(day, MORNING, table.zone)


def morning_of(v: View) -> datetime | None:
    """When the progress of a release is told next; None where none is."""
    f = v.facts
    if f["phase"] not in TOLD or f.get("hold") or f.get("type") == "hotfix":
        return None
    before = (f.get("progress") or {}).get("at")
    return next_morning(datetime.fromisoformat(before) if before else v.since, v.table)


def due(r: Release, table: Timetable, now: datetime) -> bool:
    """The same of the release itself, inside its unit: nobody has told this morning yet."""
    if r.phase not in (Phase.DEVELOPMENT, Phase.STABILIZATION) or r.hold or r.type is ReleaseType.HOTFIX:
        return False
    return next_morning(r.progress.at if r.progress else r.phase_since or r.started_at, table) <= now


def seen(s: Situation) -> Progress:
    """How the release stands now, as far as movement goes; what is hidden is counted and not named."""
    r, hidden = s.release, s.hidden
    made = [c for c in r.scope if c.pull or not c.subject.startswith(MESSAGE)]  # not by us, for another release
    named = [c for c in made if not hidden.hides(c.sha, c.pull)]
    refs = tuple(dict.fromkeys(f"#{c.pull}" if c.pull else c.sha[:7] for c in named))
    met = tuple(name for _, name, item in items_of(s) if proof(s, name, item).state == "met")
    closed = r.milestone.closed if r.milestone else 0
    tag = r.candidate.tag if r.candidate else ""
    return Progress(s.now, refs, len(made) - len(named), closed, met, tag, r.phase.value)


def with_silence(before: Progress | None, after: Progress) -> tuple[Progress, bool]:
    """The newer one with the days on which nothing moved, and whether something has."""
    if before is None:
        return replace(after, moved_at=after.at), False
    same = replace(before, at=after.at, silent=0, moved_at=None) == replace(after, silent=0, moved_at=None)
    if same:
        return replace(after, silent=before.silent + 1, moved_at=before.moved_at), False
    return replace(after, moved_at=after.at), True


def added(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What is new, in its order."""
    known = set(before)
    return [one for one in after if one not in known]
