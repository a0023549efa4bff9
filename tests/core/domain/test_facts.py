"""What readers see is what the gates say: stored reasons and those of the hour together, at any moment."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.facts import blocker_json, blocker_of, next_event, project, timely
from core.domain.gates import blockers
from core.domain.gates.hours import no_freeze
from core.domain.lifecycle import BY_EVENT
from core.domain.own_reasons import NO_FACT
from core.domain.policy_parts import Freeze
from core.domain.release import Phase
from core.domain.situation import Act
from core.errors import Blocker
from tests.core.domain.test_engine import approve, minor, ship, to_preparation, to_staging
from tests.core.domain.world import MIRA, PRIYA, START, TRAIN, World

FREEZES = (Freeze(name="Year's end", first=date(2026, 12, 16), last=date(2027, 1, 3)),
           Freeze(name="Clock change", first=date(2027, 3, 14), last=date(2027, 3, 14)))  # fmt: skip


def frozen_world() -> World:
    return World().with_policy(freezes=FREEZES)


def planned(w: World):
    return w.start("minor")


def developing(w: World):
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    return r


def prepared(w: World):
    r = minor(w)
    to_preparation(w, r)
    return r


def approved(w: World):
    r = prepared(w)
    approve(w, r)
    return r


def hotfix(w: World):
    r = w.start("hotfix")
    w.commit(r.branch, "fix")
    w.look()
    w.act(PRIYA, "candidate", r)
    to_staging(w, r)
    return r


STORIES = {f.__name__: f for f in (planned, developing, minor, prepared, approved, hotfix)}


@pytest.mark.parametrize("story", list(STORIES))
@settings(max_examples=60, deadline=None)
@given(minutes=st.integers(0, 60 * 24 * 130), seconds=st.integers(0, 59))
def test_stored_and_timely_reasons_equal_the_gates_at_any_moment(story, minutes, seconds):
    """The facts are from the last change; whoever reads them later must see what a click would be told then."""
    w = _told.setdefault(story, _tell(story))
    r = w.releases[1]
    facts = project(w.situation(r))
    if facts["next"] not in ("go", "freeze"):
        assert not [b for b in timely(facts, START + timedelta(minutes=minutes)) if b.code != "expired"]
        return
    w.now = START + timedelta(minutes=minutes, seconds=seconds)
    said = {b["code"] for b in facts["blockers"]} | {b.code for b in timely(facts, w.now)}
    asked = blockers(BY_EVENT[facts["next"]], w.situation(r), Act(r.lead, facts["next"]))
    assert said == {b.code for b in asked} - NO_FACT


def _tell(story: str) -> World:
    w = frozen_world()
    STORIES[story](w)
    return w


_told: dict[str, World] = {}


@pytest.mark.parametrize("edge", ["departs_at", "window_ends_at"])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_at_the_edges_of_the_window_card_and_click_agree(edge, off):
    w = World()
    r = approved(w)
    facts = project(w.situation(w.again(r)))
    w.now = getattr(w.again(r), edge) + timedelta(seconds=off)
    asked = {b.code for b in blockers(BY_EVENT["go"], w.situation(w.again(r)), Act(PRIYA, "go"))}
    assert ("window" in asked) == ("window" in {b.code for b in timely(facts, w.now)})
    assert ("window" in asked) == ((edge, off) in {("departs_at", -1), ("window_ends_at", 1)})


def test_facts_are_plain_json_in_every_phase():
    w = World()
    ship(w, minor(w))
    seen = set()
    for step in w.steps:
        facts = project(w.situation(step.after))
        assert json.loads(json.dumps(facts)) == facts
        seen.add(facts["phase"])
    assert seen == set(Phase) - {Phase.CLOSED, Phase.CANCELLED}


def test_the_next_event_is_one_that_its_phase_has():
    w = World()
    r = minor(w)
    ship(w, r)
    for step in w.steps:
        s = w.situation(step.after)
        event = next_event(s)
        assert not event or step.after.phase in BY_EVENT[event].sources, (step.verb, event)


def test_what_is_met_and_what_blocks_never_overlap():
    w = World()
    r = prepared(w)
    w.act(MIRA, "approve", r)
    for step in w.steps:
        facts = project(w.situation(step.after))
        codes = {b["code"] for b in facts["blockers"]}
        assert not codes & set(facts["met"]), (step.verb, codes & set(facts["met"]))
    facts = project(w.situation(w.again(r)))
    assert "approval.product_manager" in facts["met"] and "signoff.staging.qa" in {b["code"] for b in facts["blockers"]}


def test_allowed_are_events_that_a_person_fires_and_that_words_alone_can_finish():
    w = World()
    r = prepared(w)
    allowed = set(project(w.situation(w.again(r)))["allowed"])
    assert {"approve", "reject", "back", "nogo", "hold", "cancel", "concern", "move", "words"} <= allowed
    assert not {"go", "freeze", "stage", "resume", "abort", "rollback", "begin", "edit", "retry"} & allowed


def test_a_blocker_survives_its_way_through_json():
    b = Blocker("expired", {"at": TRAIN, "people": (MIRA, PRIYA)}, (MIRA,), TRAIN.isoformat(), True)
    back = blocker_of(json.loads(json.dumps(blocker_json(b))))
    assert (back.code, back.who, back.since, back.later) == (b.code, b.who, b.since, b.later)
    assert back.facts == {"at": TRAIN.isoformat(), "people": [MIRA, PRIYA]}


def test_a_freeze_that_the_remote_refused_is_what_the_release_waits_for():
    """By itself it is not tried again, so whoever looks must be told who can."""
    w = World()
    no = blocker_json(Blocker("git.rejected", {"detail": "the branch is protected"}))
    w.fails["git.push"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], "blockers": [no]})
    r = minor_that_is_due(w)
    facts = project(w.situation(w.again(r)))
    (stop,) = facts["blockers"]
    assert stop["code"] == "git.failed" and stop["facts"]["problem"] == [no] and stop["who"]
    assert "git_free" not in facts["met"] and "freeze_early" in facts["allowed"]
    w.fails.clear()
    w.act(PRIYA, "freeze_early", r)
    assert w.phase(r) is Phase.STABILIZATION


def minor_that_is_due(w: World):
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    freeze = w.again(r).freeze_at
    assert freeze is not None
    w.at(freeze)
    return r


def test_of_two_freezes_that_overlap_each_holds_until_its_own_end():
    """Two departments may each write one; the reasons name both, so that nobody waits for the wrong day."""
    overlapping = (FREEZES[0], Freeze(name="Audit", first=date(2026, 12, 14), last=date(2026, 12, 18)))
    w = World().with_policy(freezes=overlapping)
    r = prepared(w)

    def named(day: date) -> list[object]:
        w.now = START.replace(month=day.month, day=day.day)
        return [b.facts["name"] for b in no_freeze(w.situation(r), Act(PRIYA, "go"))]

    assert [named(date(2026, 12, d)) for d in (15, 16, 19)] == [["Audit"], ["Year's end", "Audit"], ["Year's end"]]
