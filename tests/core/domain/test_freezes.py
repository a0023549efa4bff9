"""Freezes hold from day to day or by a rule, in their own zone; what cannot be meant is refused with the policy."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from core.domain.facts import project, timely
from core.domain.freezes import all_spans, fault_of, row_of, spans, spans_of
from core.domain.gates.hours import no_freeze
from core.domain.policy_parts import Freeze
from core.domain.release import Phase
from core.domain.situation import Act
from core.errors import Refused
from handlers.views.card import card
from handlers.views.card_stored import stored_card
from tests.core.domain.test_engine import minor, to_staging
from tests.core.domain.world import OLU, PRIYA, THEO, World

ZONE = "America/New_York"
YEARS_END = {"rule": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20", "days": 14}
FRIDAYS = {"rule": "FREQ=WEEKLY;BYDAY=FR", "from": time(15)}


def freeze(**said: Any) -> Freeze:
    return Freeze.model_validate({"name": "x"} | said)


DAY = {"first": date(2026, 12, 19), "last": date(2026, 12, 19)}
LEAP = {"first": date(2027, 3, 14), "last": date(2027, 3, 14)}
LAST_FRIDAY = {"rule": "FREQ=MONTHLY;BYDAY=-1FR"}
WEEK_53 = {"rule": "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "days": 7}
SECOND_FRIDAYS = {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "first": date(2026, 12, 4)}
IN_BERLIN = FRIDAYS | {"to": time(18), "zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("said", "when", "found"),
    [
        (YEARS_END, "2026-12-28T21:00", "2026-12-20T05:00 2027-01-03T05:00"),
        (YEARS_END, "2027-01-02T21:00", "2026-12-20T05:00 2027-01-03T05:00"),
        (YEARS_END, "2027-01-03T05:00", ""),
        (LAST_FRIDAY, "2026-11-27T21:00", "2026-11-27T05:00 2026-11-28T05:00"),
        (LAST_FRIDAY, "2026-11-20T21:00", ""),
        (FRIDAYS, "2027-03-12T21:00", "2027-03-12T20:00 2027-03-13T05:00"),  # winter time
        (FRIDAYS, "2027-03-19T21:00", "2027-03-19T19:00 2027-03-20T04:00"),  # summer time
        (FRIDAYS, "2027-03-19T18:59", ""),
        (IN_BERLIN, "2026-12-04T15:00", "2026-12-04T14:00 2026-12-04T17:00"),
        (FRIDAYS | {"last": date(2026, 12, 10)}, "2026-12-11T21:00", ""),
        (FRIDAYS | {"first": date(2026, 12, 11)}, "2026-12-04T21:00", ""),
        (SECOND_FRIDAYS, "2026-12-11T21:00", ""),
        (SECOND_FRIDAYS, "2026-12-18T21:00", "2026-12-18T05:00 2026-12-19T05:00"),
        (WEEK_53, "2026-12-30T21:00", "2026-12-28T05:00 2027-01-04T05:00"),
        (WEEK_53, "2027-12-30T21:00", ""),  # that year has none
        (DAY | {"from": time(2, 30)}, "2026-12-19T21:00", "2026-12-19T07:30 2026-12-20T05:00"),
        (LEAP | {"from": time(2, 30)}, "2027-03-14T21:00", "2027-03-14T07:30 2027-03-15T04:00"),  # leapt over
        (LEAP | {"to": time(2, 30)}, "2027-03-14T07:29", "2027-03-14T05:00 2027-03-14T07:30"),
    ],
)
def test_a_window_is_found_from_any_hour_in_it(said: dict[str, Any], when: str, found: str) -> None:
    one, at = freeze(**said), datetime.fromisoformat(f"{when}+00:00")
    assert fault_of(one) == ""
    kept = json.loads(json.dumps(row_of(one, ZONE)))  # a release keeps it as plain data
    for windows_then in (spans(one, ZONE, at, at), spans_of([kept], at, at)):
        assert " ".join(f"{s.begins:%Y-%m-%dT%H:%M} {s.ends:%Y-%m-%dT%H:%M}" for s in windows_then) == found


def test_a_year_of_fridays_is_each_friday_once_whatever_the_clocks_do() -> None:
    found = spans(freeze(**FRIDAYS), ZONE, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    days = [s.begins.astimezone(ZoneInfo(ZONE)).date() for s in found]
    assert days == [date(2026, 1, 2) + timedelta(weeks=n) for n in range(52)]


def test_whole_days_are_told_as_days_and_hours_as_hours() -> None:
    (whole,) = all_spans([freeze(**YEARS_END)], ZONE, *[datetime(2026, 12, 25, tzinfo=UTC)] * 2)
    (part,) = all_spans([freeze(**FRIDAYS)], ZONE, *[datetime(2026, 12, 25, 21, tzinfo=UTC)] * 2)
    assert (whole.days, whole.until) == ((date(2026, 12, 20), date(2027, 1, 2)), "2027-01-02")
    assert (part.days, part.until) == (None, "2026-12-26T05:00:00+00:00")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "says neither when nor how often"),
        ({"first": date(2026, 12, 24), "last": date(2026, 12, 20)}, "ends before it starts"),
        ({"first": date(2026, 12, 24), "last": date(2026, 12, 24), "from": time(15), "to": time(9)}, "ends before it"),
        ({"first": date(2026, 12, 24), "last": date(2026, 12, 24), "days": 3}, "`days`, which belong to a `rule`"),
        (FRIDAYS | {"to": time(9)}, "ends before it starts"),
        (YEARS_END | {"first": date(2027, 1, 1), "last": date(2026, 1, 1)}, "ends before it starts"),
        ({"rule": "FREQ=DAILY"}, "needs FREQ, one of YEARLY, MONTHLY, WEEKLY"),
        ({"rule": "FREQ=WEEKLY"}, "names no day"),
        ({"rule": "FREQ=WEEKLY;BYDAY=FR;COUNT=3"}, "'COUNT', which is not read here; `last` ends it"),
        ({"rule": "FREQ=WEEKLY;BYDAY=FR;BYHOUR=9"}, "`from` and `to` are its hours"),
        ({"rule": "FREQ=WEEKLY;BYDAY=FR;INTERVAL=2"}, "no `first` to count from"),
        ({"rule": "FREQ=WEEKLY;BYDAY=FR;INTERVAL=0"}, "no number from 1 to 52"),
        ({"rule": "FREQ=WEEKLY;BYDAY=FRIDAY"}, "its rule is none"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "means no day at all"),
        ({"rule": "every friday"}, "which is not read here"),
    ],
)
def test_what_nobody_could_mean_is_refused(said: dict[str, Any], fault: str) -> None:
    assert fault in fault_of(freeze(**said))


def test_a_rule_stops_at_its_hours_only_and_the_card_says_the_same_without_being_stored_again() -> None:
    w = World().with_policy(freezes=(freeze(name="Fridays", **FRIDAYS),))
    r = minor(w)
    to_staging(w, r)
    facts = project(w.situation(w.again(r)))
    text = json.dumps(facts)
    friday = datetime(2028, 12, 15, 20, tzinfo=UTC)  # two years after anything was stored
    for now, stopped in ((friday, True), (friday - timedelta(seconds=1), False), (friday + timedelta(hours=9), False)):
        w.now = now
        asked = [b.facts for b in no_freeze(w.situation(w.again(r)), Act(PRIYA, "go"))]
        assert bool(asked) == stopped
        assert [b.facts for b in timely(facts, now) if b.code == "freeze"] == asked
        assert stored_card(text, now) == card(json.loads(text), now)


def test_a_zone_that_nobody_knows_is_refused_where_it_stands() -> None:
    with pytest.raises(ValidationError, match="'Mars' is no time zone of the IANA list"):
        freeze(**FRIDAYS, zone="Mars")


def test_two_people_pass_a_freeze_by_rule_and_a_hotfix_needs_nobody() -> None:
    wednesdays = freeze(name="Wednesdays", rule="FREQ=WEEKLY;BYDAY=WE")
    w = World().with_policy(freezes=(wednesdays,))
    r = minor(w)
    to_staging(w, r)
    w.sign_all("go", r)
    for at in (w.again(r).coming_at, w.again(r).departs_at):
        assert at is not None
        w.at(at)
    with pytest.raises(Refused) as stopped:
        w.act(PRIYA, "go", r)
    assert [b.code for b in stopped.value.blockers] == ["freeze"]
    w.act(THEO, "override", r, item="freeze", reason="customers cannot pay")
    w.act(OLU, "override", r, item="freeze")
    w.act(PRIYA, "go", r)
    assert w.again(r).go or w.phase(r) is Phase.DEPLOYMENT
    fix = World().with_policy(freezes=(wednesdays,)).start("hotfix")
    assert not list(no_freeze(replace(w.situation(fix), now=w.now), Act(PRIYA, "go")))
