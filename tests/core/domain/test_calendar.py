"""Trains leave at local wall time, every other week, over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import WEEKLY, rrule
from dateutil.tz import gettz

from core.domain.calendar import (
    Timetable,
    ahead,
    departures,
    is_departure,
    phase_dates,
    retrospective_due,
    wall,
    working_days_before,
)
from core.domain.days_off import DaysOff

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


# --- ten years, everywhere -------------------------------------------------------------------------------------------

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe", "America/Sao_Paulo")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "anchor", [date(2015, 1, 7), date(2024, 1, 3)], ids=["while Sao Paulo had summer time", "with both ISO weeks 53"]
)
def test_ten_years_of_trains_leave_once_at_their_hour_on_the_wall(zone: str, anchor: date) -> None:
    """Counted by a calendar on paper: the anchor and every 14th day after it, each at ten by that zone's clocks."""
    table = Timetable(anchor, 2, time(10), zone)
    found = leaving(table, datetime.combine(anchor, time(), tzinfo=UTC) - timedelta(days=3), 261)
    days = [anchor + timedelta(days=14 * n) for n in range(261)]
    assert [(x.astimezone(ZoneInfo(zone)).date(), x.astimezone(ZoneInfo(zone)).time()) for x in found] == [
        (day, time(10)) for day in days
    ]
    offsets = {x.astimezone(ZoneInfo(zone)).utcoffset() for x in found}
    assert len(offsets) == (1 if (zone, anchor.year) == ("America/Sao_Paulo", 2024) else 2), "no change was crossed"
    assert any(day.isocalendar().week == 53 for day in days) or anchor.year == 2015
    for before, when, after in zip(found, found[1:], found[2:], strict=False):  # wherever one looks from
        assert leaving(table, before, 1) == [when] and leaving(table, after - timedelta(seconds=1), 1) == [after]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_ten_years_equal_the_rule_as_dateutil_reads_it_in_its_own_zones(zone: str, weeks: int) -> None:
    """`dateutil` has clocks of its own (`gettz`), and counts the rule with them instead of days without a zone."""
    anchor, count = date(2015, 1, 7), 520 // weeks
    rule = rrule(WEEKLY, interval=weeks, dtstart=datetime.combine(anchor, time(10), tzinfo=gettz(zone)), count=count)
    found = leaving(Timetable(anchor, weeks, time(10), zone), datetime(2015, 1, 1, tzinfo=UTC), count)
    assert found == [when.astimezone(UTC) for when in rule]


def test_iso_week_53_changes_no_rhythm() -> None:
    """2026 has a week 53: by even weeks the train after 23 Dec would leave three weeks later."""
    table = Timetable(date(2026, 12, 2), 2, time(10), ZONE)
    assert [x.date() for x in leaving(table, utc(2026, 12, 10), 4)] == [
        date(2026, 12, 16), date(2026, 12, 30), date(2027, 1, 13), date(2027, 1, 27),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day", "at", "leaves"),
    [
        ("America/New_York", date(2027, 3, 14), time(2, 30), "2027-03-14T03:30:00-04:00"),  # 2:30 is leapt over
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T01:30:00-04:00"),  # twice: the first
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:45:00+11:00"),  # half an hour only
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), "2027-04-04T01:45:00+11:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 0), "2018-11-04T01:00:00-02:00"),  # midnight did not exist
        ("America/Sao_Paulo", date(2018, 2, 17), time(23, 30), "2018-02-17T23:30:00-02:00"),
    ],
)
def test_a_train_whose_hour_is_leapt_over_or_doubled_leaves_once(zone: str, day: date, at: time, leaves: str) -> None:
    table = Timetable(day - timedelta(days=14), 2, at, zone)
    found = leaving(table, wall(day, time(), zone) - timedelta(days=1), 2)
    assert found[0] == datetime.fromisoformat(leaves)
    assert found[1].astimezone(ZoneInfo(zone)).time() == at, "the next one is back at its own hour"


def test_holidays_are_no_working_days() -> None:
    """Christmas Day 2026 is a Friday: the freeze four working days before 30 Dec lies a day earlier for it."""
    american = Timetable(TRAIN.anchor, 2, TRAIN.at, ZONE, off=DaysOff("US"))
    leaves = utc(2026, 12, 30, 15)
    assert ahead(TRAIN, leaves, 4) == utc(2026, 12, 24, 15)
    assert ahead(american, leaves, 4) == utc(2026, 12, 23, 15)
    hall = DaysOff("DE", "BY")
    assert DaysOff("DE").works(date(2027, 1, 6)) and not hall.works(date(2027, 1, 6)), "Epiphany is Bavaria's own"


def test_a_holiday_is_near_two_days_off_and_no_more() -> None:
    american = DaysOff("US")
    assert american.near(date(2026, 12, 30), 2) == (date(2027, 1, 1), "New Year's Day")
    assert american.near(date(2026, 11, 25), 2) == (date(2026, 11, 26), "Thanksgiving Day")
    assert american.near(date(2026, 12, 16), 2) is None
    assert DaysOff().near(date(2026, 12, 25), 2) is None


@pytest.mark.parametrize(
    ("live", "due"),
    [
        (utc(2026, 12, 16, 15, 11), utc(2026, 12, 18, 15, 11)),  # Wednesday: Saturday is none, so Friday
        (utc(2026, 12, 14, 15), utc(2026, 12, 17, 15)),  # Monday: Thursday
        (utc(2026, 12, 22, 15), utc(2026, 12, 24, 15)),  # the third day is Christmas
        (utc(2026, 12, 24, 23), utc(2026, 12, 27, 23)),  # nothing but days off in between: the 72 hours stand
    ],
)
def test_a_retrospective_is_due_72_hours_after_or_the_working_day_before(live: datetime, due: datetime) -> None:
    assert retrospective_due(live, Timetable(TRAIN.anchor, 2, TRAIN.at, ZONE, off=DaysOff("US"))) == due
