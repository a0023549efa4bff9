"""Periods as people type them, and what is said to those who type none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.metrics.periods import INSTANT, before, period_of
from core.errors import NotFound

NOW = datetime(2026, 11, 23, 5, 40, tzinfo=UTC)
ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("said", "words", "start", "end"),
    [
        ("2026-q3", "July to September 2026", "2026-07-01 04:00", "2026-10-01 04:00"),
        ("Q3", "July to September 2026", "2026-07-01 04:00", "2026-10-01 04:00"),
        ("2026-07", "July 2026", "2026-07-01 04:00", "2026-08-01 04:00"),
        ("2025", "2025", "2025-01-01 05:00", "2026-01-01 05:00"),
        ("last month", "October 2026", "2026-10-01 04:00", "2026-11-01 04:00"),
        ("last quarter", "July to September 2026", "2026-07-01 04:00", "2026-10-01 04:00"),
        ("2026-07-01..2026-08-15", "1 July 2026 to 15 August 2026", "2026-07-01 04:00", "2026-08-16 04:00"),
        ("2026-01 .. 2026-q1", "1 January 2026 to 31 March 2026", "2026-01-01 05:00", "2026-04-01 04:00"),
        ("2026-10-31", "31 October 2026", "2026-10-31 04:00", "2026-11-01 04:00"),  # one of 25 hours follows
    ],
)
def test_a_period_has_the_days_of_the_product_s_zone(said: str, words: str, start: str, end: str) -> None:
    found = period_of(said, NOW, ZONE)
    told = [f"{at:%Y-%m-%d %H:%M}" for at in (found.start, found.end)]
    assert (found.words, *told, found.so_far) == (words, start, end, False)


@pytest.mark.parametrize(("said", "days"), [("", 90), ("last 90 days", 90), ("30d", 30), ("last 2 weeks", 14)])
def test_the_last_days_end_now(said: str, days: int) -> None:
    found = period_of(said, NOW, ZONE)
    assert found.end == NOW + INSTANT and found.so_far and found.name == f"last {days} days"
    assert timedelta(days) <= found.end - found.start < timedelta(days + 2)


def test_what_has_not_ended_is_cut_at_the_moment_and_compared_with_as_much_before() -> None:
    found = period_of("2026-q4", NOW, ZONE)
    assert found.so_far and found.end == NOW + INSTANT
    earlier = before(found)
    assert earlier.end == found.start and earlier.end - earlier.start == found.end - found.start


@pytest.mark.parametrize(
    ("said", "why", "words"),
    [
        ("2026-08-15..2026-07-01", "reversed", "the other way round it is 2026-07-01..2026-08-15"),
        ("2027", "future", "lies ahead: it begins on 1 January 2027"),
        ("2026-12..2027-01", "future", "lies ahead"),
        ("2026-13", "unreadable", "is no period; say 2026-q3"),
        ("2026-02-30", "unreadable", "is no period"),
        ("2026-q5", "unreadable", "is no period"),
        ("..", "unreadable", "is no period"),
        ("0001", "unreadable", "is no period"),
        ("last 0 days", "unreadable", "1 to 3660 days, not 0"),
        ("last 99999 days", "unreadable", "not 99999"),
        ("x" * 5000, "unreadable", "is no period"),
        ("2026-07'); drop table release; --", "unreadable", "is no period"),
    ],
)
def test_what_is_no_period_is_answered_kindly(said: str, why: str, words: str) -> None:
    with pytest.raises(NotFound, match=r".") as refused:
        period_of(said, NOW, ZONE)
    assert refused.value.facts["why"] == why and words in str(refused.value) and len(str(refused.value)) < 200
