"""Versions, seats, trains and effects against a plain second way of saying the same, on random input."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations, product
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.calendar import (
    Timetable,
    departures,
    is_departure,
    phase_dates,
    wall,
    working_days_before,
)
from core.domain.effects import Effect, post
from core.domain.manifest import LISTED, Manifest
from core.domain.moves.outcome import content_digest, order_json, order_of
from core.domain.policy_faults import can_be_signed
from core.domain.policy_parts import Approval
from core.domain.release import ReleaseType
from core.domain.repository import CutBranch, Promote, TagCandidate
from core.domain.versions import Version, fits, newest, proposed
from tests.core.domain.test_engine import close, minor, ship
from tests.core.domain.world import THEO, World, policy

NEW_YORK = ZoneInfo("America/New_York")
SMALL = st.integers(0, 3)
VERSIONS = st.builds(Version, SMALL, SMALL, SMALL, SMALL, SMALL)
NUMBERS = st.builds(Version, SMALL, SMALL, SMALL, SMALL)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROLES = ("tech_lead", "devops", "qa")
PEOPLE = ("U1", "U2", "U3", "U4")


def older(a: Version, b: Version) -> bool:
    """The order in words: by number; of one number rc before final; a hotfix and its rc after what it fixes."""
    if (a.major, a.minor, a.patch) != (b.major, b.minor, b.patch):
        return (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    if a.hotfix != b.hotfix:
        return a.hotfix < b.hotfix
    if bool(a.rc) != bool(b.rc):
        return bool(a.rc)
    return a.rc < b.rc


@given(VERSIONS, VERSIONS, VERSIONS)
def test_versions_have_one_order(a, b, c):
    assert (a < b) == older(a, b)
    assert (a < b) + (a == b) + (b < a) == 1
    assert not (a < b and b < c) or a < c


@given(VERSIONS)
def test_text_tag_branch_and_candidate_lead_back(v):
    assert Version.parse(str(v)) == Version.parse(v.tag) == v
    assert v.candidate(2).final == v.final and v.candidate(2) < v.final <= v.final
    assert Version.parse(v.branch.partition("/")[2]) == v.final
    assert v.branch.startswith("hotfix/" if v.hotfix else "release/")


@given(st.text(max_size=30) | st.from_regex(r"v?[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-[a-z0-9.]{0,12})?", fullmatch=True))
def test_any_text_is_a_version_that_keeps_its_value_or_none(text):
    found = Version.maybe(text)
    assert found is None or Version.parse(str(found)) == found


@given(st.sampled_from(["patch", "minor", "major", "hotfix"]), NUMBERS, st.lists(VERSIONS, max_size=12))
def test_the_proposed_number_is_free_newer_and_fits(kind, live, taken):
    found = proposed(kind, live, taken)
    assert fits(kind, found, live) and found > live
    assert found not in {v.final for v in taken} and not found.rc


@given(st.lists(VERSIONS, max_size=8))
def test_the_newest_is_a_final_one_that_none_is_newer_than(found):
    best = newest([v.tag for v in found] + ["not-a-version", "v1"])
    finals = [v for v in found if not v.rc]
    assert best == (max(finals) if finals else None)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(ROLES), st.integers(1, 2)), min_size=1, max_size=3, unique_by=lambda s: s[0]),
       st.dictionaries(st.sampled_from(ROLES), st.sets(st.sampled_from(PEOPLE)), min_size=3),
       st.sets(st.sampled_from(PEOPLE), max_size=2))
def test_seats_can_be_filled_when_some_assignment_of_different_people_fills_them(seats, members, barred):
    needs = [Approval(role=role, count=count) for role, count in seats]
    holders = {role: tuple(sorted(people)) for role, people in members.items()}
    wanted = [role for role, count in seats for _ in range(count)]
    free = [p for p in PEOPLE if p not in barred]
    brute = any(all(person in holders[role] for role, person in zip(wanted, chosen, strict=True))
                for chosen in permutations(free, len(wanted)))  # fmt: skip
    assert can_be_signed(policy(), needs, without=barred, members=holders) == brute


def test_a_group_of_unknown_people_counts_as_fillable_until_its_members_are_known():
    needs = [Approval(role="product_manager"), Approval(role="tech_lead")]
    assert can_be_signed(policy(), needs) and not can_be_signed(policy(), needs, without=(THEO,))
    assert not can_be_signed(policy(), needs, members={"product_manager": (), "tech_lead": (THEO,)})


# --- trains -----------------------------------------------------------------------------------------------------------


def train(skipped=(), extra=()) -> Timetable:
    return Timetable(date(2026, 12, 2), 2, time(10), "America/New_York", frozenset(skipped), tuple(extra))


@given(INSTANTS)
def test_every_departure_is_every_other_wednesday_at_ten_on_the_wall(after):
    found = [x for x, _ in zip(departures(train(), after), range(8), strict=False)]
    assert found == sorted(set(found)) and all(after < x for x in found)
    for x in found:
        local = x.astimezone(NEW_YORK)
        assert (local.weekday(), local.hour, local.minute) == (2, 10, 0)
        assert (local.date() - date(2026, 12, 2)).days % 14 == 0
        assert is_departure(train(), x) and not is_departure(train(), x + timedelta(minutes=1))


@given(INSTANTS, st.sets(st.integers(0, 20), max_size=6), st.lists(INSTANTS, max_size=4))
def test_skipped_trains_do_not_leave_and_extra_ones_leave_once(after, skipped, extra):
    days = {date(2026, 12, 2) + timedelta(days=14 * n) for n in skipped}
    found = [x for x, _ in zip(departures(train(days, extra), after), range(12), strict=False)]
    assert found == sorted(set(found)) and all(x > after for x in found)
    assert not [x for x in found if x not in extra and x.astimezone(NEW_YORK).date() in days]
    assert {x for x in extra if after < x <= found[-1]} <= set(found)


@given(INSTANTS, st.integers(0, 30))
def test_working_days_are_counted_one_by_one(when, days):
    def count(first: date, last: date) -> int:
        return sum((first + timedelta(days=n)).weekday() < 5 for n in range((last - first).days))

    local = when.astimezone(NEW_YORK).date()
    before = working_days_before(when, days, "America/New_York")
    assert count(before, local) == days
    assert not days or before.weekday() < 5


@given(st.integers(0, 120), st.integers(3, 5), st.integers(1, 2))
def test_freeze_preparation_and_notice_to_support_come_in_order_across_every_clock_change(n, freeze, prepare):
    departs = wall(date(2026, 12, 2) + timedelta(days=14 * n), time(10), "America/New_York")
    d = phase_dates(departs, train(), freeze_days=freeze, prepare_days=prepare, window=timedelta(hours=2))
    assert d.freeze < d.prepare <= d.coming < d.departs < d.window_ends
    for when in (d.freeze, d.prepare, d.coming):
        local = when.astimezone(NEW_YORK)
        assert local.weekday() < 5 and local.hour == 10


# --- effects ----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(["team", "thread", "stakeholders", "support", "dm:U1", "dm:U2"]))
def test_thread_and_team_share_a_lane_and_everybody_else_has_one_of_their_own(place):
    lane = post(place, "live").lane
    assert lane == ("team" if place in ("team", "thread") else place)


def test_every_effect_of_a_whole_story_is_json_and_nothing_else():
    w = World()
    r = minor(w)
    ship(w, r)
    close(w, r)
    effects: list[Effect] = [e for step in w.steps for e in step.outcome.effects]
    assert {e.kind for e in effects} >= {"slack.post", "slack.card", "slack.ask", "git.plan", "git.push", "deploy"}
    for e in effects:
        assert json.loads(json.dumps(e.body)) == e.body, e.kind
        assert e.lane and e.rank in (0, 1, 2)


@given(INSTANTS, st.lists(st.sampled_from(["develop", "release/1.3.0"]), unique=True), st.booleans())
def test_a_git_order_comes_back_from_its_json(at, branches, tagged):
    orders = (CutBranch("release/1.3.0", "a" * 40, at, "v1.3.0-rc.1" if tagged else None),
              TagCandidate("release/1.3.0", "b" * 40, "v1.3.0-rc.2", at, "words"),
              Promote("c" * 40, "v1.3.0", at, merge_into=tuple(branches), known=("d" * 40,)))  # fmt: skip
    for order in orders:
        assert order_of(json.loads(json.dumps(order_json(order)))) == order


def test_what_is_signed_is_every_part_of_the_content_under_its_type_and_policy():
    r, m = World().start("minor"), Manifest("a" * 40, "1.3.0")
    places = [r, replace(r, type=ReleaseType.MAJOR), replace(r, policy_hash="0" * 64), replace(r, product="other")]
    contents = [m, replace(m, commit="b" * 40), replace(m, version="1.3.1"), replace(m, notes="c" * 64),
                *(replace(m, **{part: ("x: adds",)}) for part in LISTED)]  # fmt: skip
    assert len({content_digest(x, y) for x, y in product(places, contents)}) == len(places) * len(contents)
    assert content_digest(replace(r, title="Winter", lead="U1"), m) == content_digest(r, m)
    two = replace(m, flags=("a", "b")), replace(m, flags=("b", "a"))
    assert content_digest(r, two[0]) == content_digest(r, two[1]), "the order in which things were found is no content"
