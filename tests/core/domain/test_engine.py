"""The walks of the lifecycle in the pure engine: each kind of release, and each way it can go wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.release import Phase, Release
from core.errors import Refused
from tests.core.domain.world import ERIKA, MIRA, OLU, PRIYA, QADIR, THEO, TRAIN, World


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [b.code for b in error.value.blockers]


def to_stabilization(w: World, r: Release) -> None:
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    freeze = w.again(r).freeze_at
    assert freeze is not None
    w.at(freeze)
    assert w.phase(r) is Phase.STABILIZATION


def to_preparation(w: World, r: Release) -> None:
    w.sign_all("ready", r)
    w.act(PRIYA if r.started_by == PRIYA else QADIR, "ready", r)
    assert w.phase(r) is Phase.PREPARATION


def approve(w: World, r: Release) -> None:
    for need in w.policy.rules(r.type).approvals:
        who = next(p for p in w.members()[need.role] if p != r.started_by)
        w.act(who, "approve", r)


def to_staging(w: World, r: Release) -> None:
    to_preparation(w, r)
    w.sign_all("rollback", r)
    approve(w, r)
    assert w.situation(w.again(r)).on_staging


def ship(w: World, r: Release) -> None:
    to_staging(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    if fresh.departs_at:
        assert fresh.coming_at
        w.at(fresh.coming_at)
        w.at(fresh.departs_at)
    else:
        w.at(w.now)
    for role in w.policy.rules(r.type).go:
        w.act(w.members()[role][0], "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT, w.steps[-1]
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.POST_RELEASE


def close(w: World, r: Release) -> None:
    w.sign_all("close", r)
    assert w.phase(r) is Phase.CLOSED


def minor(w: World) -> Release:
    r = w.start("minor")
    to_stabilization(w, r)
    return r


def test_a_minor_goes_from_start_to_closed_and_everybody_is_told_once():
    w = World()
    r = minor(w)
    ship(w, r)
    close(w, r)
    told = {"planned": ["stakeholders"], "frozen": ["team"], "coming": ["support"], "going_out": ["team"],
            "live": ["team", "stakeholders", "support"]}  # fmt: skip
    for moment, places in told.items():
        assert [p for p in w.said(moment) if p != "thread"] == places, moment
    assert w.environments["production"].version == "1.3.0"
    assert w.environments["production"].previous == "1.2.2"
    assert w.environments["production"].lock is None


def test_a_patch_is_cut_from_production_and_needs_no_train():
    w = World()
    r = w.start("patch")
    assert w.phase(r) is Phase.DEVELOPMENT
    with pytest.raises(Refused) as nothing:
        w.act(THEO, "candidate", r)
    assert codes(nothing) == ["head_moved"]
    w.commit("release/1.2.3", "fix1")
    w.look()
    w.act(THEO, "candidate", r)
    w.releases[r.id] = w.again(r)
    ship_patch = w.again(r)
    assert ship_patch.candidate and ship_patch.candidate.tag == "v1.2.3-rc.1"
    ship(w, r)
    close(w, r)


def test_a_major_needs_four_weeks_an_executive_and_two_for_go():
    w = World()
    with pytest.raises(Refused) as early:
        w.start("major")
    assert "notice" in codes(early)
    r = w.start("major", departs_at=TRAIN + timedelta(days=28))
    to_stabilization(w, r)
    to_preparation(w, r)
    with pytest.raises(Refused):
        w.act(MIRA, "approve", r)
    w.act(ERIKA, "approve", r)
    w.sign_all("go", r)
    fresh = w.again(r)
    assert fresh.coming_at and fresh.departs_at
    w.at(fresh.coming_at)
    w.at(fresh.departs_at)
    assert w.act(PRIYA, "go", r).notes["pending"] == "others"
    assert w.phase(r) is Phase.PREPARATION
    w.act(OLU, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_a_hotfix_needs_two_people_and_its_starter_is_not_one_of_them():
    w = World()
    r = w.start("hotfix", PRIYA)
    w.commit("hotfix/1.2.2-hotfix.1", "fix")
    w.look()
    w.act(PRIYA, "candidate", r)
    to_preparation(w, r)
    w.act(THEO, "approve", r)
    assert not w.situation(w.again(r)).on_staging
    w.act(OLU, "approve", r)
    assert w.situation(w.again(r)).on_staging
    with pytest.raises(Refused) as alone:
        w.start("hotfix", THEO)
    assert codes(alone) == ["signable"]


def test_the_author_of_a_commit_cannot_approve_a_patch():
    w = World()
    people = dict(w.policy.people)
    people["theo"] = people["theo"].model_copy(update={"emails": ("dana@asset-anchor.example",)})
    w = w.with_policy(people=people)
    r = w.start("patch")
    w.commit("release/1.2.3", "fix1")
    w.look()
    w.act(PRIYA, "candidate", r)
    to_preparation(w, r)
    with pytest.raises(Refused) as own:
        w.act(THEO, "approve", r)
    assert codes(own) == ["not_author"]


def test_a_hotfix_while_a_minor_stabilizes_is_carried_into_it_and_asks_for_a_new_candidate():
    w = World()
    r = minor(w)
    h = w.start("hotfix")
    w.commit("hotfix/1.2.2-hotfix.1", "hot")
    w.look()
    w.act(PRIYA, "candidate", h)
    ship(w, h)
    assert "production_changed" in [s.verb for s in w.steps if s.after.id == r.id]
    w.look()
    w.sign_all("ready", r)
    with pytest.raises(Refused) as lacks:
        w.act(PRIYA, "ready", r)
    assert "contains_production" in codes(lacks)
    w.act(PRIYA, "candidate", r)
    ship(w, r)
    assert w.environments["production"].version == "1.3.0"


def ship_until_deployment(w: World, r: Release) -> None:
    to_staging(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    if fresh.departs_at and fresh.coming_at:
        w.at(fresh.coming_at)
        w.at(fresh.departs_at)
    else:
        w.at(w.now)
    for role in w.policy.rules(r.type).go:
        w.act(w.members()[role][0], "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_move_recomputes_the_dates_and_tells_who_had_heard_of_the_old_one():
    w = World()
    r = minor(w)
    w.act(PRIYA, "move", r, to=(TRAIN + timedelta(days=14)).isoformat())
    assert w.again(r).departs_at == TRAIN + timedelta(days=14)
    assert "stakeholders" in w.said("moved")


def test_a_missed_departure_asks_once_and_a_later_train_helps():
    w = World()
    r = minor(w)
    end = w.again(r).window_ends_at
    assert end
    w.at(end + timedelta(minutes=1))
    w.at(end + timedelta(minutes=2))
    assert w.said("missed").count("thread") == 1
    w.act(PRIYA, "move", r, to=(TRAIN + timedelta(days=14)).isoformat())
    assert not w.again(r).missed_departure


def test_cancel_withdraws_requests_and_its_number_is_free_again():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    assert w.phase(r) is Phase.CANCELLED
    again = w.start("minor")
    assert again.version == "1.3.0"


def test_what_was_rolled_back_and_is_inside_needs_the_tech_leads_word():
    w = World()
    r = minor(w)
    ship(w, r)
    w.act(OLU, "rollback", r, reason="payments failed", severity="something is wrong")
    w.environments["production"] = w.environments["production"].__class__(
        "production", "1.2.2", "main0", previous="", previous_sha="")
    n = w.start("minor", departs_at=TRAIN + timedelta(days=28))
    assert n.version == "1.4.0"
    w.commit("develop", "dev9", *w.ancestors[w.heads["main"]])
    w.look()
    to_stabilization(w, n)
    assert "repaired.1.3.0" in w.situation(w.again(n)).signoff_items("ready")
    w.sign_all("ready", n)
    w.act(PRIYA, "ready", n)


def test_edit_corrects_before_the_first_candidate_only():
    w = World()
    r = w.start("minor")
    w.act(PRIYA, "edit", r, version="1.4.0", title="Winter")
    assert (w.again(r).version, w.again(r).branch, w.again(r).title) == ("1.4.0", "release/1.4.0", "Winter")
    with pytest.raises(Refused) as bad:
        w.act(PRIYA, "edit", r, version="1.2.9")
    assert codes(bad) == ["version_fits"]
    to_stabilization(w, r)
    with pytest.raises(Refused) as late:
        w.act(PRIYA, "edit", r, title="Late")
    assert "no_candidate" in codes(late)
