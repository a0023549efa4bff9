"""Rows for tests: a deployment, a change, a story, with everything that a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.metrics.model import Period
from core.domain.metrics.rows import Brought, Deployment, Story

JULY = datetime(2026, 7, 1, tzinfo=UTC)
QUARTER = Period("2026-q3", "July to September 2026", JULY, JULY + timedelta(days=91))
HOUR = timedelta(hours=1)


def deployment(release: int, at: datetime, *, took: timedelta = HOUR, done: bool = True, **more: Any) -> Deployment:
    """One that ended at `at`; `recovered` and `seen` are the times from its end and its beginning."""
    if recovered := more.pop("recovered", None):
        more["recovered_at"] = at + recovered
    if seen := more.pop("seen", None):
        more["signal_at"] = at - took + seen
    plain = {"number": 1, "version": f"1.{release}.0", "type": "minor", "train": "regular"} | more
    return Deployment(release, started_at=at - took, finished_at=at, done=done, **plain)


def change(release: int, live: datetime, lead: float | None, ident: str = "", **more: Any) -> Brought:
    """One that took `lead` days from its commit."""
    seconds = None if lead is None else round(lead * 86400)
    return Brought(release, ident or f"#{release}{lead}", "regular", live, seconds, more.get("cycle"), more.get("seen"))


def story(release: int, **more: Any) -> Story:
    plain = {"version": f"1.{release}.0", "type": "minor", "train": "regular", "started_at": JULY} | more
    return Story(release, **plain)
