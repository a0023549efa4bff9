"""The chart of a report: how long changes took to production and how deployments went; the same in one sentence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from core.domain.metrics.model import FEW, Point, Report
from core.domain.picture import BARS, LINE, Panel, Picture, Series
from handlers.views.metrics_words import days, headline
from handlers.views.writing import counted, cut

MOST_POINTS, MOST_BARS = 52, 53
_DAY = 86400.0


def picture(report: Report, zone: str) -> Picture:
    """What is drawn. `zone` is that of the product, in which its weeks begin."""
    return Picture(cut(headline(report), 72), (_lead(report.points), _deployments(report, zone)))


def _lead(points: Sequence[Point]) -> Panel:
    """One point for each deployment; of many the newest."""
    shown = points[-MOST_POINTS:]
    thin = f"; hollow: fewer than {FEW} changes" if any(p.lead is not None and p.changes < FEW for p in shown) else ""
    left = f" (the newest {len(shown)} of {len(points)} deployments)" if len(points) > len(shown) else ""
    return Panel(
        f"Commit to production, median of each release{thin}{left}",
        "days",
        LINE,
        tuple(f"v{p.version}" for p in shown),
        (Series("median", tuple(None if p.lead is None else _days(p.lead) for p in shown)),),
        tuple(p.changes for p in shown),
        FEW,
    )


def _days(seconds: float) -> float:
    return round(seconds / _DAY, 1 if seconds >= _DAY else 2)


def _deployments(report: Report, zone: str) -> Panel:
    """Deployments by week, or by some weeks where a bar for each would be a comb."""
    every = max(1, ceil(len(report.weeks) / MOST_BARS))
    starts = [week.start for week in report.weeks[::every]]
    good, bad = ([0.0] * len(starts) for _ in range(2))
    for point in report.points:
        at = max(0, bisect_right(starts, point.at) - 1)
        (bad if point.failed else good)[at] += 1
    nothing = not report.points
    return Panel(
        "Production deployments by week" if every == 1 else f"Production deployments by {every} weeks",
        "",
        BARS,
        tuple(_monday(start, zone) for start in starts),
        (
            Series("went well", tuple(None if nothing else n for n in good)),
            Series("failed or taken back", tuple(None if nothing else n for n in bad), bad=True),
        ),
    )


def _monday(at: datetime, zone: str) -> str:
    day = at.astimezone(ZoneInfo(zone))
    return f"{day.day} {day:%b}"


def alt(report: Report) -> str:
    """The chart in one sentence, for who does not see it: what it shows, from where to where, and how it went."""
    known = [p for p in report.points if p.lead is not None]
    if not report.points:
        return f"Two charts without data: nothing went to production in {report.period.words}."
    first = f"Line chart: {counted(report.releases, 'release')} in {report.period.words}"
    lead = ", no lead times"
    if len(known) > 1 and known[0].lead is not None and known[-1].lead is not None:
        old, new = known[0].lead, known[-1].lead
        way = "falling" if new < old else "rising" if new > old else "staying"
        span = f"from {days(old)} to {days(new)}" if new != old else f"at {days(old)}"
        lead = f", lead time {way} {span}"
    elif known and known[0].lead is not None:
        lead = f", lead time {days(known[0].lead)}"
    failed = sum(bool(p.failed) for p in report.points)
    went = f"{counted(len(report.points), 'deployment')}, {failed or 'none'} failed or taken back"
    return f"{first}{lead}. Bar chart by week: {went}."
