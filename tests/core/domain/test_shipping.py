"""What goes out is what was signed: staging, a go on its way, publishing, and signatures taken back meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.due import next_wake
from core.domain.release import Phase, Release
from core.errors import Refused
from tests.core.domain.test_engine import approve, codes, minor, to_preparation, to_stabilization, to_staging
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, THEO, TRAIN, World

REFUSES = {"blockers": [{"code": "git.rejected", "facts": {"detail": "protected"}}]}


def at_go(w: World, r: Release) -> None:
    """Staged, signed, told, and the hour has come."""
    to_staging(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    if fresh.coming_at and fresh.departs_at:
        w.at(fresh.coming_at)
        w.at(fresh.departs_at)
    else:
        w.at(w.now)


def publishing(w: World, r: Release) -> None:
    """Go has fired and the push to main is on its way."""
    at_go(w, r)
    w.pumping = False
    for role in w.policy.rules(r.type).go:
        w.act(w.members()[role][0], "go", r)
    while w.phase(r) is Phase.PREPARATION:
        w._do(*w.queue.popleft())
    w.queue = type(w.queue)((n, e) for n, e in w.queue if e.kind == "git.push")


def test_a_staging_run_of_an_older_candidate_does_not_count_for_the_newer_one():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.pumping = False
    w.act(MIRA, "approve", r)
    late = next((n, e) for n, e in w.queue if e.kind == "deploy")
    w.queue.clear()
    w.pumping = True
    w.commit("release/1.3.0", "late")
    w.look()
    w.act(QADIR, "candidate", r)
    w._do(*late)  # the host has done rc.1 by now
    assert w.environments["staging"].candidate == "v1.3.0-rc.1"
    assert not w.situation(w.again(r)).on_staging
    to_staging(w, r)
    assert w.environments["staging"].candidate == "v1.3.0-rc.2"


def test_who_waits_for_staging_goes_on_when_it_is_free_without_anybody_acting():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    p = w.start("patch")
    w.commit(p.branch, "fix")
    w.look()
    w.act(THEO, "candidate", p)
    to_preparation(w, p)
    w.act(THEO, "approve", p)
    w.act(MIRA, "approve", r)
    assert w.situation(w.again(p)).on_staging and not w.situation(w.again(r)).on_staging
    w.act(QADIR, "back", p, reason="a second look")
    assert w.situation(w.again(r)).on_staging


def test_a_test_that_fails_again_blocks_go_until_it_has_passed():
    w = World()
    r = minor(w)
    at_go(w, r)
    w.ci_reports(r, "regression", verdict="failed")
    with pytest.raises(Refused) as open_again:
        w.act(PRIYA, "go", r)
    assert codes(open_again) == ["evidence.tests.regression"]
    w.ci_reports(r, "regression")
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


@pytest.mark.parametrize(("who", "event", "words"), [
    (MIRA, "withdraw", {"reason": "not this month"}),
    (MIRA, "reject", {"reason": "not this month"}),
    (DANA, "concern", {"reason": "search is slow"}),
    (QADIR, "hold", {"reason": "the bank called"}),
    (PRIYA, "move", {"to": (TRAIN + timedelta(days=14)).isoformat()}),
])  # fmt: skip
def test_what_changes_while_a_go_is_on_its_way_stops_it(who, event, words):
    w = World()
    r = minor(w)
    at_go(w, r)
    w.pumping = False
    w.act(PRIYA, "go", r)
    w.act(who, event, r, **words)
    w.pumping = True
    w.pump()
    assert w.phase(r) is Phase.PREPARATION and "go_refused" in [s.verb for s in w.steps]
    assert w.again(r).go is None and w.again(r).git is None


@pytest.mark.parametrize(("resumed", "reasons"), [(False, ["held"]), (True, ["go.interrupted"])])
def test_a_hold_while_a_go_is_on_its_way_is_the_reason_and_nobody_has_left_a_role(resumed, reasons):
    w = World()
    r = minor(w)
    at_go(w, r)
    w.pumping = False
    w.act(PRIYA, "go", r)
    w.act(QADIR, "hold", r, reason="the bank called")
    if resumed:
        w.act(QADIR, "resume", r)
    w.pumping = True
    w.pump()
    assert [d["problem"][0]["code"] for _, m, d in w.posts if m == "go_refused"] == reasons * 2
    assert all(len(d["problem"]) == 1 for _, m, d in w.posts if m == "go_refused")
    if resumed:
        w.act(PRIYA, "go", r)
        assert w.phase(r) is Phase.DEPLOYMENT


def test_sending_back_while_a_go_is_on_its_way_leaves_nothing_behind_that_blocks():
    w = World()
    r = minor(w)
    at_go(w, r)
    w.pumping = False
    w.act(PRIYA, "go", r)
    w.act(QADIR, "back", r, reason="a second look")
    w.pumping = True
    w.pump()
    assert w.again(r).git is None and w.phase(r) is Phase.STABILIZATION
    w.act(PRIYA, "ready", r)
    w.act(MIRA, "approve", r)


def test_a_dry_run_of_an_earlier_go_is_not_taken_for_a_later_one():
    w = World()
    r = minor(w)
    at_go(w, r)
    w.pumping = False
    w.act(PRIYA, "go", r)
    early = next((n, e) for n, e in w.queue if e.kind == "git.plan")
    w.act(PRIYA, "nogo", r, reason="wait a moment")
    w.queue.clear()
    w.act(PRIYA, "go", r)
    w._do(*early)
    assert w.again(r).go is not None and not w.again(r).go.dry_run
    w.pumping = True
    w.pump()
    assert w.phase(r) is Phase.DEPLOYMENT


def test_a_promotion_that_moved_while_it_went_out_is_planned_anew_and_published():
    w = World()
    r = minor(w)
    publishing(w, r)
    number, push = w.queue.popleft()
    assert push.kind == "git.push" and push.body["purpose"] == "promote"
    w.pumping = True
    w.report(number, "git.moved", {"purpose": "promote", "detail": "refs/heads/develop"})
    assert w.again(r).promotion_sha and w.environments["production"].version == "1.3.0"


@pytest.mark.parametrize("report", ["git.moved", "git.refused"])
def test_after_an_abort_a_push_that_did_not_happen_leaves_the_number_free_for_other_content(report):
    w = World()
    r = minor(w)
    publishing(w, r)
    w.act(PRIYA, "abort", r, reason="wrong hour")
    w.queue.clear()
    w.pumping = True
    w.report(r.id, report, {"purpose": "promote", "detail": "refs/heads/main", **REFUSES})
    fresh = w.again(r)
    assert not fresh.promotion_sha and not fresh.promoted_digest and not fresh.git_at_work
    w.commit("release/1.3.0", "late")
    w.look()
    w.act(QADIR, "candidate", r)
    to_staging(w, r)
    w.sign_all("go", r)
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_a_major_whose_dry_run_was_refused_can_be_given_go_again_by_both():
    w = World()
    r = w.start("major", departs_at=TRAIN + timedelta(days=28))
    to_stabilization(w, r)
    to_preparation(w, r)
    w.act(ERIKA, "approve", r)
    w.sign_all("go", r)
    fresh = w.again(r)
    assert fresh.coming_at and fresh.departs_at
    w.at(fresh.coming_at)
    w.at(fresh.departs_at)
    w.fails["git.plan"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], **REFUSES})
    w.act(PRIYA, "go", r)
    w.act(OLU, "go", r)
    assert w.phase(r) is Phase.PREPARATION and w.again(r).git.state == "failed"
    w.fails.clear()
    w.act(PRIYA, "go", r)
    w.act(OLU, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_a_candidate_that_could_not_be_tagged_can_be_tagged_on_the_newer_head():
    w = World()
    r = w.start("patch")
    w.commit(r.branch, "one")
    w.look()
    w.fails["git.plan"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], **REFUSES})
    w.act(THEO, "candidate", r)
    w.fails.clear()
    w.commit(r.branch, "two")
    w.look()
    w.act(THEO, "candidate", r)
    assert w.again(r).candidate and "two" in w.ancestors[w.again(r).candidate.sha]


def test_a_branch_that_could_not_be_cut_is_cut_by_retry():
    w = World()
    w.fails["git.plan"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], **REFUSES})
    r = w.start("patch")
    assert w.again(r).git.state == "failed"
    w.fails.clear()
    w.act(OLU, "retry", r)
    assert w.heads[r.branch] == r.base_sha and w.again(r).branch_head == r.base_sha
    with pytest.raises(Refused) as nothing:
        w.act(OLU, "retry", r)
    assert codes(nothing) == ["run.none"]


def test_nobody_signs_before_it_is_read_what_is_inside():
    """Else the author of a commit could approve it while the list of commits was still on its way."""
    w = World()
    r = w.start("patch")
    w.commit(r.branch, "fix")
    w.look()
    w.fails["scope.read"] = lambda e: ("posted", {"place": "nowhere", "moment": ""})
    w.act(THEO, "candidate", r)
    w.sign_all("ready", r)
    with pytest.raises(Refused) as unread:
        w.act(PRIYA, "ready", r)
    assert codes(unread) == ["scope_read"]


def test_what_was_ahead_and_is_taken_off_again_does_not_block_for_ever():
    w = World()
    r = minor(w)
    tagged = w.again(r).candidate.sha
    w.commit("release/1.3.0", "late")
    w.look()
    w.act(MIRA, "concern", r, reason="who pushed that?")
    w.act(MIRA, "settle", r, concern=1, reason="taken off")
    w.report(r.id, "scope.read", {"branch": "release/1.3.0", "head": "late", "changes": []})
    w.heads["release/1.3.0"] = tagged
    w.look()
    to_preparation(w, r)
    approve(w, r)


def test_the_hour_after_the_window_is_an_hour_to_wake_for():
    """A clock that jumps from one due instant to the next must not miss that the window is over."""
    w = World()
    r = minor(w)
    seen = 0
    while (due := next_wake(w.again(r), w.now)) is not None and seen < 10:
        w.at(due)
        seen += 1
    assert w.said("missed").count("thread") == 1 and w.again(r).missed_departure
