"""A quarter of six releases, one of them taken back, as rows of metrics; written by hand, so that numbers are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.domain.metrics.rows import Brought, Deployment, Rows, Story, Trouble, Wait

FIRST = datetime(2026, 10, 7, 14, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def quarter(first_id: int = 1) -> Rows:
    """A release every fortnight with 6 changes each; lead times fall from 9 to 4 days, the fourth is rolled back."""
    deployments: list[Deployment] = []
    changes: list[Brought] = []
    stories: list[Story] = []
    for n in range(6):
        at, release = FIRST + n * 14 * DAY, first_id + n
        bad, well = n == 3, at + timedelta(minutes=12)
        deployments.append(
            Deployment(
                release, n + 1, f"1.{n}.0", "minor", "main", at - timedelta(minutes=8), at, True,
                failed="rolled back" if bad else "", signal_at=at + timedelta(minutes=3) if bad else None,
                recovered_at=well if bad else None, back_at=well if bad else None,
            )
        )  # fmt: skip
        lead = int((9 - n) * DAY.total_seconds())
        changes += [Brought(release, f"{n}-{c}", "main", at, lead, lead + 3600, c > 0) for c in range(6)]
        waits = tuple(
            Wait(role, at - 2 * DAY, at - 2 * DAY + hours * HOUR) for role, hours in (("qa", 2), ("product_manager", 9))
        )
        burned = (Trouble("critical", at + timedelta(minutes=3), at + timedelta(minutes=45)),) if bad else ()
        stories.append(
            Story(release, f"1.{n}.0", "minor", "main", at - 12 * DAY, at - 2 * DAY, at, 4, waits, incidents=burned)
        )
    return Rows(tuple(deployments), tuple(changes), tuple(stories))
