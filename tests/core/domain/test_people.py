"""Working hours and stand-ins: by example at the edges, by property for any roster at any instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.days_off import DaysOff
from core.domain.moves.landing import escalates_at
from core.domain.people import Away, Colleague, Delegation, Hours, Roster, seated

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
PEOPLE = ("UA", "UB", "UC", "UD")
ROLES = ("qa", "devops")
START = datetime(2026, 12, 14, tzinfo=UTC)  # a Monday


def at(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def roster(*people: Colleague, zone: str = NEW_YORK) -> Roster:
    return Roster({p.id: p for p in people}, zone)


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("2026-12-15 09:00", "2026-12-15 09:00"),
        ("2026-12-15 16:59", "2026-12-15 16:59"),
        ("2026-12-15 17:00", "2026-12-16 09:00"),
        ("2026-12-15 03:00", "2026-12-15 09:00"),
        ("2026-12-18 17:30", "2026-12-21 09:00"),  # over the weekend
        ("2026-03-08 02:30", "2026-03-09 09:00"),  # a Sunday without this hour
    ],
)
def test_a_request_lands_in_the_persons_hours(asked, lands):
    assert roster(Colleague("UA")).next_hour("UA", at(asked)) == at(lands)


def test_nobody_is_reached_on_a_holiday_of_the_policys_country_but_who_lives_elsewhere() -> None:
    people = (Colleague("UA"), Colleague("UB", "Europe/Berlin"))
    team = replace(roster(*people), off=DaysOff("US"))
    assert team.next_hour("UA", at("2026-12-31 18:00")) == at("2027-01-04 09:00")  # New Year, then a weekend
    assert team.next_hour("UB", at("2026-11-26 11:00", "Europe/Berlin")) == at("2026-11-26 11:00", "Europe/Berlin")


def test_a_person_without_a_zone_has_the_policys_and_one_with_a_zone_their_own():
    known = roster(Colleague("UA", zone=BERLIN))
    assert known.next_hour("UA", at("2026-12-15 04:00")) == at("2026-12-15 04:00"), "10:00 in Berlin"
    assert known.next_hour("UB", at("2026-12-15 04:00")) == at("2026-12-15 09:00")


def test_own_hours_and_absences_count():
    late = Colleague("UA", hours=Hours(12 * 60, 20 * 60, (1, 3)), away=(Away(at("2026-12-15 13:00"), START.replace(
        day=17, hour=20)),))
    known = roster(late)
    assert known.next_hour("UA", at("2026-12-14 09:00")) == at("2026-12-15 12:00"), "Tuesday noon"
    assert known.next_hour("UA", at("2026-12-15 14:00")) == at("2026-12-17 15:00"), "the moment of being back"
    never = roster(Colleague("UA", hours=Hours(days=())))
    assert never.next_hour("UA", START) == START, "who never works is asked at once, not never"


def test_somebody_else_is_asked_when_the_last_day_before_the_deadline_ends():
    known = roster(Colleague("UA", hours=Hours(9 * 60, 17 * 60 + 30)))
    asked = at("2026-12-15 10:00")
    assert escalates_at(known, "UA", asked, at("2026-12-16 10:00")) == at("2026-12-15 16:30"), "an hour before"
    assert escalates_at(known, "UA", asked, at("2026-12-18 10:00")) == at("2026-12-17 16:30"), "not on the first day"
    assert escalates_at(known, "UA", asked, at("2026-12-15 17:00")) is None, "the deadline comes in working time"
    late = at("2026-12-15 18:00")
    assert escalates_at(known, "UA", late, at("2026-12-16 08:00")) == late + timedelta(seconds=1), "at once"


def test_a_standing_delegate_stands_in_only_while_one_is_away_or_the_day_has_ended():
    gone = Away(at("2026-12-16 00:00"), at("2026-12-17 00:00"))
    known = roster(Colleague("UA", delegations=(Delegation("UB", START),), away=(gone,)))
    held = {"qa": ("UA",)}
    assert seated(held, known, at("2026-12-15 10:00"))[0]["qa"] == ("UA",)
    members, stands = seated(held, known, at("2026-12-16 10:00"))
    assert members["qa"] == ("UA", "UB") and stands["qa"]["UB"].why == "away"
    day = at("2026-12-15 17:00")
    assert seated(held, known, day, {"UA": day})[1]["qa"]["UB"].why == "day"


def test_a_delegation_for_one_role_leaves_the_others_alone_and_ends_by_itself():
    one = Delegation("UB", START, at("2026-12-18 17:00"), "qa")
    known, held = roster(Colleague("UA", delegations=(one,))), {"qa": ("UA",), "devops": ("UA",)}
    assert seated(held, known, at("2026-12-18 16:59"))[0] == {"qa": ("UA", "UB"), "devops": ("UA",)}
    assert seated(held, known, at("2026-12-18 17:00"))[0] == held


# --- any roster -----------------------------------------------------------------------------------------------------

hours = st.integers(0, 72).map(lambda h: START + timedelta(hours=h))
spans = st.tuples(hours, st.integers(1, 24)).map(lambda x: Away(x[0], x[0] + timedelta(hours=x[1])))
lendings = st.builds(Delegation, st.sampled_from(PEOPLE), hours, st.none() | hours, st.sampled_from(("", *ROLES)))
colleagues = st.builds(
    lambda lent, gone: Colleague("", delegations=tuple(lent), away=tuple(gone)),
    st.lists(lendings, max_size=3), st.lists(spans, max_size=2),
)  # fmt: skip
rosters = st.dictionaries(st.sampled_from(PEOPLE), colleagues).map(
    lambda found: Roster({k: Colleague(k, delegations=c.delegations, away=c.away) for k, c in found.items()}))
helds = st.fixed_dictionaries(
    {r: st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3).map(tuple) for r in ROLES})


@given(rosters, helds, hours, st.dictionaries(st.sampled_from(PEOPLE), hours, max_size=2))
def test_nobody_is_lent_on_or_seated_twice_and_who_is_away_stands_in_for_nobody(known, held, now, ended):
    members, stands = seated(held, known, now, ended)
    for role, people in members.items():
        assert len(people) == len(set(people))
        assert people[: len(held[role])] == held[role], "nobody loses a role by lending it"
        for who, how in stands.get(role, {}).items():
            assert how.principal in held[role] and who not in held[role], "one step, from a holder to no holder"
            assert known.away(who, now) is None
            lent = [d for d in known.people[how.principal].delegations if d.to == who and d.role in ("", role)]
            assert any(d.since <= now and (d.until is None or now < d.until) for d in lent)
            assert how.why != "away" or known.away(how.principal, now)
            assert how.why != "day" or how.principal in ended
        assert set(people) == {*held[role], *stands.get(role, {})}


@given(rosters, helds, hours, st.integers(0, 96))
def test_between_two_changes_by_the_hour_nobody_begins_or_ends_to_stand_in(known, held, now, later):
    change = known.changes_at(now)
    then = now + timedelta(hours=later)
    if change is None or then < change:
        assert seated(held, known, then)[0] == seated(held, known, now)[0]
