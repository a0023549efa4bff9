"""What has reached its age: which logs and which packages are deleted on the first of a month, and what is held.

Ages are counted in months from the day on which a release was live, or on which it ended without having been.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from core.domain.policy_retention import RetentionRules
from core.domain.release import Release

What = Literal["logs", "package"]
COUNTED = ("live_at", "closed_at", "phase_since", "started_at")  # the first that is known; its age is counted from it
KEPT_FIELDS = (
    "id", "product", "version", "type", "phase", "epoch", "policy_hash", "started_by", "started_at", "lead", "base_tag",
    "base_sha", "branch", "train", "departs_at", "freeze_at", "prepare_at", "window_ends_at", "phase_since", "outcome",
    "fixed_by", "fixes", "candidates", "promotion_sha", "promoted_digest", "live_at", "closed_at", "closed_by", "burnt",
    "missed_departure", "announced", "posts", "posts_beside", "frozen_sha", "page", "record",
    "marks",  # instants and roles: with them the numbers of the metrics stay what they were
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expiring:
    """One thing that reaches its age; `since` is the day from which it is counted."""

    release: int
    version: str
    what: What
    since: date


@dataclass(frozen=True, slots=True)
class Month:
    """What is deleted on one first of a month, and the releases that a legal hold keeps out of it."""

    first: date
    things: tuple[Expiring, ...] = ()
    held: tuple[Expiring, ...] = ()

    def count(self, what: What) -> int:
        return sum(one.what == what for one in self.things)


@dataclass(frozen=True, slots=True)
class Ended:
    """A release that has ended, as far as its age goes: what of it is kept is counted from `since`."""

    id: int
    version: str
    since: datetime

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Ended:
        """From a stored record, without reading all of it: there may be thousands."""
        at = next(str(record[name]) for name in COUNTED if record.get(name))
        return cls(int(record["id"]), str(record["version"]), datetime.fromisoformat(at))


def month_of(
    first: date,
    releases: Iterable[Ended],
    rules: RetentionRules,
    *,
    zone: str,
    gone: Collection[tuple[int, str]] = (),
    with_logs: Collection[int] = (),
    held: Collection[int] = (),
) -> Month:
    """What reaches its age by a first of a month. `gone` was deleted before, `with_logs` have logs at all."""
    due = [
        thing
        for release in releases
        for thing in _of(release, first, rules, zone)
        if (release.id, thing.what) not in gone and (thing.what == "package" or release.id in with_logs)
    ]
    whole = {thing.release for thing in due if thing.what == "package"}
    due = [thing for thing in due if thing.what == "package" or thing.release not in whole]  # logs go with it
    free = tuple(thing for thing in due if thing.release not in held)
    return Month(first, free, tuple(thing for thing in due if thing.release in held))


def _of(release: Ended, first: date, rules: RetentionRules, zone: str) -> Iterable[Expiring]:
    since = release.since.astimezone(ZoneInfo(zone)).date()
    ages: Mapping[What, int] = {"logs": rules.logs_months, "package": rules.packages_months}
    for what, months in ages.items():
        if after(since, months) <= first:
            yield Expiring(release.id, release.version, what, since)


def after(day: date, months: int) -> date:
    """The same day so many months later; the last one of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_first(now: datetime, zone: str) -> date:
    """The next first of a month, today when it is one."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return today if today.day == 1 else after(today.replace(day=1), 1)


def to_tell(now: datetime, rules: RetentionRules, zone: str) -> date | None:
    """The month of which people should have been told by now; None when it is too early for the next one."""
    today, first = now.astimezone(ZoneInfo(zone)).date(), next_first(now, zone)
    return first if first - timedelta(days=rules.tell_days) <= today else None


def may_run(now: datetime, first: date, told_at: datetime, rules: RetentionRules, zone: str) -> bool:
    """Whether the month has come, and everybody had the days that they were promised to object."""
    local = ZoneInfo(zone)
    return first <= now.astimezone(local).date() >= told_at.astimezone(local).date() + timedelta(days=rules.tell_days)


def bare(release: Release) -> Release:
    """What stays of a release whose package has expired: number, dates, commits and how it ended, nobody's words."""
    blank = Release(**{name: getattr(release, name) for name in KEPT_FIELDS})
    runs = tuple(replace(run, reason="", steps=(), done=(), pushed=None) for run in release.runs)
    incidents = tuple(replace(one, text="") for one in release.incidents)
    return replace(blank, runs=runs, incidents=incidents)
