"""What those who plan are asked ahead: at its hour, as long as it matters, and nothing whose reason is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.domain.calendar import quarter
from core.domain.release import Phase, ReleaseType
from core.domain.reminders import Leaving, due_now
from tests.core.domain.world import PRIYA, THEO, policy

CHRISTMAS = datetime(2026, 12, 30, 15, tzinfo=UTC)  # the train of 30 December, two days before New Year's Day
PLAIN = datetime(2026, 12, 16, 15, tzinfo=UTC)


def asked(now: datetime, *leaving: Leaving, skipped: tuple[date, ...] = (), extra: tuple[datetime, ...] = ()):
    tables = {"main": policy().trains["main"].timetable(skipped, extra)}
    return [(r.code, r.occurrence, r.to) for r in due_now(policy(), tables, leaving, now)]


def on(when: datetime, kind: ReleaseType = ReleaseType.MINOR) -> Leaving:
    return Leaving(7, "1.4.0", kind, "main", when, THEO)


def test_a_free_train_is_asked_about_ten_working_days_before_until_its_freeze():
    free = ("train_free", PLAIN.isoformat(), "")
    due, freeze = datetime(2026, 12, 2, 15, tzinfo=UTC), datetime(2026, 12, 10, 15, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert [free in asked(at) for at in (due - second, due, freeze - second, freeze)] == [False, True, True, False]
    assert free not in asked(due, on(PLAIN)), "somebody has taken it"
    assert free not in asked(due, skipped=(PLAIN.date(),)), "it does not run"


def test_a_train_near_a_holiday_is_one_question_to_whom_it_concerns():
    """Ten working days before, Christmas not counted, that is 15 December."""
    now = datetime(2026, 12, 15, 15, tzinfo=UTC)
    assert asked(now - timedelta(seconds=1), on(PLAIN)) == []
    assert asked(now, on(PLAIN)) == [("train_near", CHRISTMAS.isoformat(), "")]
    assert asked(now, on(PLAIN), on(CHRISTMAS)) == [("train_near", CHRISTMAS.isoformat(), THEO)], "its lead decides"
    assert asked(now, on(PLAIN), skipped=(CHRISTMAS.date(),)) == []


def test_who_added_a_departure_knew_the_day():
    eve = datetime(2026, 12, 24, 15, tzinfo=UTC)
    assert asked(datetime(2026, 12, 15, 12, tzinfo=UTC), on(PLAIN), on(eve), extra=(eve,)) == []


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (datetime(2027, 1, 1, 16, tzinfo=UTC), False),  # a holiday
        (datetime(2027, 1, 4, 14, 59, tzinfo=UTC), False),
        (datetime(2027, 1, 4, 15, tzinfo=UTC), True),  # Monday, at the train's hour
        (datetime(2027, 1, 17, 15, tzinfo=UTC), True),
        (datetime(2027, 1, 18, 15, tzinfo=UTC), False),  # by then everybody knows
    ],
)
def test_a_quarter_without_a_major_is_asked_about_on_its_first_working_day(now: datetime, found: bool):
    about = ("quarter_major", "2027-01-01", "")
    march, april = datetime(2027, 3, 24, 14, tzinfo=UTC), datetime(2027, 4, 7, 14, tzinfo=UTC)
    assert (about in asked(now)) == found
    assert about not in asked(now, on(march, ReleaseType.MAJOR))
    assert (about in asked(now, on(april, ReleaseType.MAJOR), on(march))) == found


def test_quarters():
    assert quarter(date(2026, 12, 31)) == (date(2026, 10, 1), date(2027, 1, 1))
    assert quarter(date(2028, 2, 29)) == (date(2028, 1, 1), date(2028, 4, 1))
    assert {quarter(date(2027, m, 1))[0].month for m in range(1, 13)} == {1, 4, 7, 10}


def test_whose_turn_it_is_is_asked_about_a_free_train():
    led = policy().trains["main"].model_copy(update={"captains": ("theo", "priya")})
    turns = policy().model_copy(update={"trains": {"main": led}})
    found = list(due_now(turns, {"main": led.timetable()}, (), datetime(2026, 12, 2, 15, tzinfo=UTC)))
    assert [r.to for r in found] == [PRIYA]


def test_who_answers_for_the_product_hears_a_working_day_before_that_stakeholders_were_not_told():
    silent = replace(on(PLAIN), phase=Phase.PREPARATION, told=False)
    before, second = PLAIN - timedelta(days=1), timedelta(seconds=1)
    tables = {"main": policy().trains["main"].timetable()}

    def to(at: datetime, leaving: Leaving) -> list[str]:
        return [r.role for r in due_now(policy(), tables, (leaving,), at) if r.code == "not_told"]

    hours = (before - second, before, PLAIN - second, PLAIN)
    assert [to(at, silent) for at in hours] == [[], ["product_manager"], ["product_manager"], []]
    assert to(before, replace(silent, told=True)) == to(before, replace(silent, stands=True)) == []
    assert to(before, replace(silent, phase=Phase.DEPLOYMENT)) == []


def test_the_morning_of_the_release_day_reaches_its_lead_before_it_leaves():
    ready = replace(on(PLAIN), phase=Phase.PREPARATION)
    morning, second = datetime(2026, 12, 16, 13, 30, tzinfo=UTC), timedelta(seconds=1)
    told = ("release_day", PLAIN.isoformat(), THEO)
    assert [told in asked(at, ready) for at in (morning - second, morning, PLAIN - second, PLAIN)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert told not in asked(morning, replace(ready, stands=True)), "on hold, or on its way"
    assert told not in asked(morning, on(PLAIN)), "it is not ready, and `missed` says so"


def test_a_retrospective_is_asked_for_before_and_after_it_is_due_until_it_is_held():
    """Live on Wednesday 16 December, so it is due on Friday 18th, 10:11."""
    live = replace(on(PLAIN), phase=Phase.POST_RELEASE, live_at=PLAIN + timedelta(minutes=11), retro_open=True)
    due = datetime(2026, 12, 18, 15, 11, tzinfo=UTC)

    def codes(at: datetime, x: Leaving = live) -> set[str]:
        return {code for code, _, _ in asked(at, x) if code.startswith("retro")}

    eve = datetime(2026, 12, 17, 15, tzinfo=UTC)
    hours = [eve - timedelta(seconds=1), eve, due, due + timedelta(days=1)]
    assert [codes(at) for at in hours] == [set(), {"retro_due"}, set(), {"retro_overdue"}]
    assert codes(due + timedelta(days=14)) == set(), "after two weeks nobody is asked any more"
    assert {frozenset(codes(at, replace(live, retro_open=False))) for at in hours} == {frozenset()}
