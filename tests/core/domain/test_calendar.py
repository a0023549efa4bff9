"""Trains leave at local wall time, every other week, over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from core.domain.calendar import (
    Timetable,
    departures,
    is_departure,
    phase_dates,
    wall,
    working_days_before,
)

ZONE = "America/New_York"
TRAIN = Timetable(anchor=date(2026, 12, 2), every_weeks=2, at=time(10), zone=ZONE)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def leaving(table: Timetable, after: datetime, count: int) -> list[datetime]:
    return list(islice(departures(table, after), count))


def test_every_other_wednesday_at_ten_in_winter_and_in_summer() -> None:
    """In UTC it is 15:00 before and 14:00 after the clocks change on 14 March 2027; on the wall it is always ten."""
    found = leaving(TRAIN, utc(2027, 3, 1), 3)
    assert found == [utc(2027, 3, 10, 15), utc(2027, 3, 24, 14), utc(2027, 4, 7, 14)]


@pytest.mark.parametrize("day", range(0, 400, 13))
def test_the_rhythm_is_kept_wherever_one_looks_from(day: int) -> None:
    after = utc(2026, 11, 1) + timedelta(days=day)
    for when in leaving(TRAIN, after, 4):
        local = when.astimezone(ZoneInfo(ZONE))
        assert when > after
        assert (local.weekday(), local.hour, local.minute) == (2, 10, 0)
        assert (local.date() - TRAIN.anchor).days % 14 == 0


def test_a_train_that_leaves_now_has_left() -> None:
    assert leaving(TRAIN, utc(2026, 12, 2, 15), 1) == [utc(2026, 12, 16, 15)]
    assert leaving(TRAIN, utc(2026, 12, 2, 14, 59), 1) == [utc(2026, 12, 2, 15)]


def test_nothing_leaves_before_the_anchor() -> None:
    assert leaving(TRAIN, utc(2020, 1, 1), 1) == [utc(2026, 12, 2, 15)]


def test_skipped_and_extra_departures() -> None:
    extra = utc(2026, 12, 18, 19)
    table = Timetable(TRAIN.anchor, 2, TRAIN.at, ZONE, frozenset({date(2026, 12, 30)}), (extra,))
    assert leaving(table, utc(2026, 12, 10), 3) == [utc(2026, 12, 16, 15), extra, utc(2027, 1, 13, 15)]
    assert is_departure(table, extra)
    assert not is_departure(table, utc(2026, 12, 30, 15))
    assert not is_departure(table, utc(2026, 12, 16, 16))


def test_an_extra_departure_on_the_regular_hour_leaves_once() -> None:
    table = Timetable(TRAIN.anchor, 2, TRAIN.at, ZONE, extra=(utc(2026, 12, 16, 15),))
    assert leaving(table, utc(2026, 12, 10), 2) == [utc(2026, 12, 16, 15), utc(2026, 12, 30, 15)]


def test_a_time_that_the_clocks_leap_over_is_moved_on() -> None:
    assert wall(date(2027, 3, 14), time(2, 30), ZONE) == utc(2027, 3, 14, 7, 30)


def test_working_days_leave_out_the_weekend() -> None:
    wednesday = utc(2026, 12, 16, 15)
    assert working_days_before(wednesday, 4, ZONE) == date(2026, 12, 10)


def test_the_dates_of_a_release_come_in_order() -> None:
    dates = phase_dates(utc(2026, 12, 16, 15), TRAIN, freeze_days=4, prepare_days=2, window=timedelta(hours=2))
    assert dates.freeze == utc(2026, 12, 10, 15)
    assert dates.prepare == utc(2026, 12, 14, 15)
    assert dates.coming == utc(2026, 12, 15, 15)
    assert dates.window_ends == utc(2026, 12, 16, 17)
