"""Places on the train that are given up, ends that are told, and a second look before and after production."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from core.domain.release import Phase, ReleaseType
from core.errors import Refused
from tests.core.domain.test_engine import approve, close, minor, ship, ship_until_deployment, to_preparation
from tests.core.domain.world import DANA, MIRA, OLU, PRIYA, QADIR, THEO, TRAIN, World

BAD = {"reason": "payments fail", "severity": "customers cannot work"}
LATER = (TRAIN + timedelta(days=14)).isoformat()


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [b.code for b in refused.value.blockers]


# --- hold ------------------------------------------------------------------------------------------------------------


def test_a_place_that_is_given_up_is_free_for_another_release_at_once():
    w = World()
    r = minor(w)
    with pytest.raises(Refused) as taken:
        w.start("minor")
    assert codes(taken) == ["departure_free"]
    w.act(THEO, "hold", r, reason="waits for the bank", keep_place=False)
    held = w.again(r)
    assert held.departs_at is None and held.window_ends_at is None and held.hold and held.hold.gave_up == TRAIN
    assert w.start("minor").departs_at == TRAIN


def test_what_gave_up_its_place_goes_on_with_a_departure_that_is_free():
    w = World()
    r = minor(w)
    w.act(THEO, "hold", r, reason="waits for the bank", keep_place=False)
    w.start("minor")
    for words, code in (({}, "departure_needed"), ({"to": TRAIN.isoformat()}, "departure_free"),
                        ({"to": (w.now - timedelta(days=1)).isoformat()}, "departure_past")):
        with pytest.raises(Refused) as refused:
            w.act(PRIYA, "resume", r, **words)
        assert codes(refused) == [code], words
    w.act(PRIYA, "resume", r, to=LATER)
    assert w.again(r).hold is None and w.again(r).departs_at == TRAIN + timedelta(days=14)
    assert w.said("moved") == ["stakeholders", "stakeholders"], "that it does not leave, and when it does"


def test_a_place_is_kept_unless_it_is_given_up_and_a_patch_has_none():
    w = World()
    r = minor(w)
    w.act(THEO, "hold", r, reason="waits for the bank")
    assert w.again(r).departs_at == TRAIN and w.again(r).hold.keep_place
    w.act(PRIYA, "resume", r)
    p = w.start("patch")
    w.act(THEO, "hold", p, reason="waits for the bank", keep_place=False)
    w.act(PRIYA, "resume", p)
    assert w.again(p).hold is None


def test_no_train_is_missed_by_what_has_no_place_and_its_freeze_stays_when_it_was_frozen():
    w = World()
    r = minor(w)
    frozen = w.again(r).freeze_at
    w.act(THEO, "hold", r, reason="waits for the bank", keep_place=False)
    w.at(TRAIN + timedelta(days=3))
    assert not w.again(r).missed_departure and w.again(r).freeze_at == frozen


# --- who is told -----------------------------------------------------------------------------------------------------


def test_who_has_a_change_in_what_missed_its_departure_is_told_once_and_nobody_else():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.at(w.again(r).window_ends_at + timedelta(minutes=1))
    assert w.said("missed_author") == [f"dm:{DANA}"], "the change is hers"
    w.at(w.now + timedelta(hours=2))
    assert len(w.said("missed_author")) == 1 and w.said("missed") == ["thread", f"dm:{PRIYA}"]


def test_the_lead_is_asked_and_not_told_a_second_time_and_a_stranger_is_nobody_here():
    w = World()
    r = minor(w)
    mail = {"priya@asset-anchor.example": "c1", "somebody@else.example": "c2", "qadir@asset-anchor.example": "c3"}
    w.releases[r.id] = replace(w.again(r), scope=(), written_by=mail)
    w.at(w.again(r).window_ends_at + timedelta(minutes=1))
    assert w.said("missed_author") == [f"dm:{QADIR}"]


def test_an_end_is_told_to_who_heard_that_it_comes():
    w = World()
    w.act(PRIYA, "cancel", w.start("minor"), reason="scope fell apart")
    assert w.said("cancelled") == ["thread", "team"], "nobody outside had heard of it"
    w = World()
    r = minor(w)
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    assert w.said("cancelled") == ["thread", "team", "stakeholders"]
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.at(w.again(r).coming_at)
    w.act(PRIYA, "move", r, to=LATER)  # support hears of the coming update anew
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    assert "support" not in w.said("cancelled")


def test_what_is_only_on_the_branch_of_a_cancelled_release_is_carried_to_develop():
    w = World()
    r = minor(w)
    w.commit(r.branch, "late-fix")
    w.look()
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    assert "late-fix" in w.ancestors[w.heads["develop"]] and w.again(r).git is None
    assert (w.said("carried"), w.said("left_behind")) == (["thread"], [])
    w = World()
    r = minor(w)
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    assert w.said("carried") == [] and w.heads["develop"] == "dev0", "only what the bot prepared is there"


def test_fixes_that_cannot_be_carried_are_named_to_who_ended_it():
    w = World()
    r = minor(w)
    w.commit(r.branch, "late-fix")
    w.look()
    why = [{"code": "git.conflict", "facts": {"branch": "develop", "files": ["app/fee.py"], "people": {}}}]
    w.fails["git.plan"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], "blockers": why})
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    assert w.said("left_behind") == ["thread", f"dm:{PRIYA}"]
    assert "late-fix" not in w.ancestors[w.heads["develop"]] and w.said("carried") == []


# --- a second look ---------------------------------------------------------------------------------------------------


def test_a_rollback_needs_the_word_of_somebody_else_that_the_older_version_runs_on_the_database():
    w = World()
    r = minor(w)
    ship(w, r)
    w.act(THEO, "untick", r, item="schema.back", reason="a column was dropped")
    with pytest.raises(Refused) as refused:
        w.act(OLU, "rollback", r, **BAD)
    assert codes(refused) == ["signoff.schema.back"] and refused.value.blockers[0].who == (THEO,)
    w.act(THEO, "tick", r, item="schema.back")
    with pytest.raises(Refused) as own:
        w.act(THEO, "rollback", r, **BAD)
    assert codes(own) == ["second_person"] and set(own.value.blockers[0].who) == {PRIYA, OLU}
    w.act(OLU, "rollback", r, **BAD)
    assert w.again(r).outcome == "rolled back"


def test_that_word_is_about_one_content_and_can_be_given_also_when_the_release_is_closed():
    w = World()
    r = minor(w)
    w.sign_all("rollback", r)
    w.commit(r.branch, "late-fix")
    w.look()
    w.act(PRIYA, "candidate", r)
    assert not w.situation(w.again(r)).given("rollback")
    ship(w, r)
    w.act(THEO, "untick", r, item="schema.back", reason="a column was dropped")
    close(w, r)
    assert w.phase(r) is Phase.CLOSED
    w.act(THEO, "tick", r, item="schema.back")
    w.act(OLU, "rollback", r, **BAD)
    assert w.phase(r) is Phase.POST_RELEASE


def test_a_flag_that_is_switched_off_after_going_live_is_verified_before_it_closes():
    w = World()
    r = minor(w)
    ship(w, r)
    w.act(OLU, "flag_off", r, reason="search is wrong", flag="new_search")
    assert w.phase(r) is Phase.POST_RELEASE
    w.sign_all("close", r)
    assert w.phase(r) is Phase.POST_RELEASE, "what was verified has changed"
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.CLOSED


def test_what_is_rolled_back_after_a_flag_is_not_verified_any_more():
    w = World()
    r = minor(w)
    ship(w, r)
    w.act(OLU, "flag_off", r, reason="search is wrong", flag="new_search")
    w.act(OLU, "rollback", r, **BAD)
    w.unlock()
    w.sign_all("close", r)
    assert w.phase(r) is Phase.CLOSED


# --- approvers who come and go ---------------------------------------------------------------------------------------


def test_who_joins_is_asked_as_long_as_an_answer_is_awaited():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    assert w.again(r).asked == (MIRA,)
    w.groups["S0PM"] = (MIRA, "U0JO")
    w.report(r.id, "look_again", {})
    assert w.again(r).asked == (MIRA, "U0JO") and w.said("joined") == ["thread"]
    approve(w, r)
    w.groups["S0PM"] = (MIRA, "U0JO", "U0KIM")
    w.report(r.id, "look_again", {})
    assert w.again(r).asked == (MIRA, "U0JO"), "it was approved by then"


def test_an_answer_that_is_late_is_told_once_and_not_on_hold():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    by = w.again(r).answer_by
    assert by == w.now + timedelta(hours=24)
    w.at(by)
    w.at(by + timedelta(minutes=1))
    assert w.said("answer_due") == ["thread"]
    approve(w, r)
    assert w.again(r).answer_by is None
    w.act(MIRA, "withdraw", r, reason="I looked at the wrong build")
    assert w.again(r).answer_by == w.now + timedelta(hours=24)
    w.act(THEO, "hold", r, reason="waits for the bank")
    w.at(w.again(r).answer_by)
    assert w.said("answer_due") == ["thread"]


# --- the channel's budget --------------------------------------------------------------------------------------------


def test_what_is_over_the_channels_budget_goes_to_the_thread_and_counts_no_more():
    w = World()
    w = w.with_policy(noise=w.policy.noise.model_copy(update={"channel_posts": 2, "outside": ()}))
    r = minor(w)
    ship_until_deployment(w, r)
    quiet = {m: [e.body.get("in_thread", False) for s in w.steps for e in s.outcome.effects
                 if e.body.get("moment") == m and e.body.get("place") == "team"] for m in ("frozen", "going_out")}
    assert quiet == {"frozen": [False], "going_out": [True]}, "the card and the freeze were two"
    assert w.again(r).posts == 2


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "version", "following"), [
    ("major", "99999999.0.0", "2.0.0"), ("minor", "1.5.0", "1.3.0"), ("patch", "1.2.9", "1.2.3"),
    ("hotfix", "1.2.2-hotfix.7", "1.2.2-hotfix.1"),
])
def test_a_number_that_leaves_a_free_one_out_is_refused(kind, version, following):
    with pytest.raises(Refused) as refused:
        World().start(kind, version=version, departs_at=TRAIN + timedelta(days=28))
    assert codes(refused) == ["version_next"]
    assert refused.value.blockers[0].facts["next"] == following


def test_the_next_number_may_be_named_also_behind_one_in_flight():
    w = World()
    w.start("minor", version="1.3.0")
    assert w.start("minor", version="1.4.0", departs_at=TRAIN + timedelta(days=14)).version == "1.4.0"


# --- the window of a major -------------------------------------------------------------------------------------------


def refused(act: Callable[[], object]) -> list[str]:
    """The codes of the refusal; none when it is done."""
    try:
        act()
    except Refused as no:
        return [b.code for b in no.blockers]
    return []


def test_a_major_has_its_window_for_itself_whichever_train_another_one_waits_for():
    """Two hours from 13 January, 10:00; others may leave right before and right after, and not in them."""
    w = World()
    leaves = TRAIN + timedelta(days=28)
    major = w.start("major", departs_at=leaves)
    assert w.again(major).window_ends_at == leaves + timedelta(hours=2)
    for off, found in ((30, ["own_window"]), (-30, ["own_window"]), (120, []), (-120, []), (0, ["departure_free"])):
        other = partial(w.copy().start, "minor", departs_at=leaves + timedelta(minutes=off))
        assert refused(other) == found, off
    small = w.start("minor")
    into = (leaves + timedelta(minutes=30)).isoformat()
    assert refused(lambda: w.act(PRIYA, "move", small, to=into)) == ["own_window"]
    w.start("minor", departs_at=leaves + timedelta(days=14))
    near = w.start("minor", departs_at=leaves + timedelta(days=14, minutes=30))
    assert w.again(near).departs_at, "two minors may share hours"
    assert refused(lambda: w.act(PRIYA, "edit", near, type="major", version="3.0.0")) == ["own_window"]


def test_a_type_may_have_a_longer_window_than_its_train():
    w = World()
    longer = w.policy.rules(ReleaseType.MAJOR).model_copy(update={"window_minutes": 300})
    w = w.with_policy(types={**w.policy.types, ReleaseType.MAJOR: longer})
    leaves = TRAIN + timedelta(days=28)
    assert w.again(w.start("major", departs_at=leaves)).window_ends_at == leaves + timedelta(hours=5)
    assert w.again(w.start("minor")).window_ends_at == TRAIN + timedelta(hours=2)
