"""Dates as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from handlers import dates
from handlers.parsing import Typed, parse

NOW = datetime(2026, 12, 14, 15, 2, tzinfo=UTC)  # Monday, 10:02 Eastern


def read(text: str) -> Typed:
    return parse(text, NOW, "America/New_York")


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("30 dec", date(2026, 12, 30), None),
        ("dec 30", date(2026, 12, 30), None),
        ("2026-12-16", date(2026, 12, 16), None),
        ("wed", date(2026, 12, 16), None),
        ("tomorrow 15:00", date(2026, 12, 15), time(15)),
        ("3 jan", date(2027, 1, 3), None),
        ("18 dec at 2pm", date(2026, 12, 18), time(14)),
        ("mon", date(2026, 12, 14), None),
        ("yesterday", date(2026, 12, 13), None),
        ("29 feb", date(2028, 2, 29), None),
        ("1 jan 2029", date(2029, 1, 1), None),
        ("15:30", date(2026, 12, 14), time(15, 30)),
    ],
)
def test_dates(text: str, day: date, at: time | None) -> None:
    found = read(f"move 1.3.0 {text}")
    assert found.when == dates.When(day, at)


@pytest.mark.parametrize(
    "text", ["2026-02-30 14:00", "30 feb 2027 14:00", "31 nov at 10:00", "9999-12-31 23:00", "0001-01-01", "9999-12-31"]
)
def test_a_day_that_does_not_exist_is_no_date_and_never_today(text: str) -> None:
    found = read(f"extra {text} party")
    assert found.when is None and found.reason == f"{text} party"
