"""The report of a period: every metric of the table, the deployments and weeks for charts, and the period before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.calendar import wall
from core.domain.metrics.definitions import METRICS, View, view
from core.domain.metrics.model import Measure, Period, Point, Report, Week
from core.domain.metrics.numbers import median
from core.domain.metrics.periods import before
from core.domain.metrics.rows import Brought, Deployment, Rows
from core.domain.metrics.samples import compared, measure

MOST_NAMED = 5


def report(rows: Rows, period: Period, *, product: str, zone: str, train: str = "", made_at: datetime) -> Report:
    """Everything of the rows that lies in the period. They may hold more; those of the period before are compared."""
    rows = _of_train(rows, train) if train else rows
    versions = {d.release: d.version for d in rows.deployments} | {s.release: s.version for s in rows.stories}
    now, earlier = view(rows, period), before(period)
    was = {m.code: m for m in _measures(view(rows, earlier), versions)}
    measures = tuple(compared(m, was[m.code]) for m in _measures(now, versions))
    return Report(
        product,
        period,
        measures,
        tuple(_points(now)),
        tuple(_weeks(now, zone)),
        len({d.release for d in now.deployments}),
        sum(d.failed == "rolled back" for d in now.deployments),
        earlier,
        train,
        made_at,
        tuple(_notes(now, measures)),
    )


def _of_train(rows: Rows, train: str) -> Rows:
    return Rows(
        tuple(d for d in rows.deployments if d.train == train),
        tuple(c for c in rows.changes if c.train == train),
        tuple(s for s in rows.stories if s.train == train),
    )


def _measures(v: View, versions: Mapping[int, str]) -> list[Measure]:
    return [measure(definition, count(v), versions) for definition, count in METRICS]


def _points(v: View) -> Iterator[Point]:
    """The deployments, oldest first."""
    brought: dict[int, list[Brought]] = {}
    for change in v.changes:
        brought.setdefault(change.release, []).append(change)
    for d in sorted(v.deployments, key=lambda d: (d.finished_at or d.started_at, d.release, d.number)):
        mine = brought.get(d.release, [])
        leads = sorted(c.lead for c in mine if c.lead is not None and c.lead >= 0)
        yield Point(
            d.release, d.version, d.type, d.finished_at or d.started_at, d.failed, _took(d), len(mine),
            median(leads) if leads else None,
        )  # fmt: skip


def _took(d: Deployment) -> float | None:
    seconds = (d.finished_at - d.started_at).total_seconds() if d.finished_at else -1.0
    return seconds if seconds >= 0 else None


def _weeks(v: View, zone: str) -> Iterator[Week]:
    """Each week that the period touches, from its Monday."""
    mondays = list(_mondays(v.period, zone))
    mine: list[list[Deployment]] = [[] for _ in mondays]
    for d in v.deployments:
        place = bisect_right(mondays, d.finished_at or d.started_at) - 1
        mine[place].append(d)
    for start, found in zip(mondays, mine, strict=True):
        back = sum(d.failed == "rolled back" for d in found)
        yield Week(start, sum(d.done for d in found), sum(bool(d.failed) for d in found), back)


def _mondays(period: Period, zone: str) -> Iterator[datetime]:
    local = period.start.astimezone(ZoneInfo(zone)).date()
    monday = local - timedelta(days=local.weekday())
    while (start := wall(monday, time(), zone)) < period.end:
        yield start
        monday += timedelta(days=7)


def _notes(v: View, measures: tuple[Measure, ...]) -> Iterator[str]:
    """What a reader has to know before believing a number."""
    burning = sorted((d.release, d.version) for d in v.deployments if d.failed and d.recovered_at is None)
    if burning:
        names = ", ".join(f"v{version}" for _, version in burning[-MOST_NAMED:])
        yield f"{names}: not recovered yet, so not in the recovery time"
    unresolved = sum(i.resolved_at is None and v.period.holds(i.detected_at) for s in v.stories for i in s.incidents)
    if unresolved:
        yield f"{unresolved} incident{'s' if unresolved > 1 else ''} not resolved yet, so not in the time to resolve"
    for m in measures:
        if m.excluded:
            yield f"{m.title}: {m.excluded} left out, because the end lies before the beginning"
