"""What a digest tells: the numbers of a closed release, or of a week, as plain data for a line of the thread."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.calendar import wall
from core.domain.marks import Marks
from core.domain.metrics.model import Measure, Period, Report
from core.domain.metrics.reading import rows_of
from core.domain.metrics.report import report
from core.domain.policy import Policy
from core.domain.release import Release

MONDAY = 0
TOLD = (
    "lead_time", "preparation_time", "deployment_success", "recovery_time", "time_to_resolve", "approval_wait",
    "trains_missed", "bugs", "feedback",
)  # fmt: skip


def of_release(release: Release, policy: Policy, now: datetime) -> dict[str, Any]:
    """The numbers of a release from its start until now; {} when the policy wants none or nothing was recorded."""
    rows = rows_of(release, release.marks or Marks())
    if not policy.digests.release or not (rows.deployments or rows.stories):
        return {}
    period = Period(release.tag, release.tag, release.started_at, now + timedelta(microseconds=1))
    found = report(rows, period, product=release.product, zone=policy.zone, made_at=now)
    live = release.live_at
    took = int((live - release.started_at).total_seconds()) if live and live > release.started_at else None
    return {**numbers(found), "took": took}


def numbers(found: Report) -> dict[str, Any]:
    """The measures that digests speak of, by their codes; those without data are left out."""
    measures = {code: _plain(found.measure(code)) for code in TOLD if found.measure(code).n}
    failed = sum(bool(p.failed) for p in found.points)
    return {"deployments": len(found.points), "failed": failed, "measures": measures}


def _plain(measure: Measure) -> dict[str, Any]:
    longest = next((name for name, part in measure.parts if part.value is not None), "")
    return {"n": measure.n, "value": measure.value, "part": measure.part, "few": list(measure.few), "longest": longest}


def week_of(now: datetime, policy: Policy) -> tuple[date, Period] | None:
    """The Monday on which a week is told, and that week; None at any other time, and when the policy wants none."""
    here = now.astimezone(ZoneInfo(policy.zone))
    if not policy.digests.weekly or here.weekday() != MONDAY or here.time() < policy.digests.at:
        return None
    today = here.date()
    first = today - timedelta(days=7)
    start, end = (wall(day, time(), policy.zone) for day in (first, today))
    return today, Period(f"{first}..{today - timedelta(days=1)}", "last week", start, end)


def next_week(now: datetime, policy: Policy) -> datetime | None:
    """When the next week is told; None when none is."""
    if not policy.digests.weekly:
        return None
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    monday = today + timedelta(days=-today.weekday() % 7)
    told = wall(monday, policy.digests.at, policy.zone)
    return told if told > now else wall(monday + timedelta(days=7), policy.digests.at, policy.zone)
