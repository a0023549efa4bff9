"""The walks of the lifecycle in the pure engine: each kind of release, and each way it can go wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.release import Phase, Release
from core.errors import Refused, Stale
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, TRAIN, World


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
    for moment, places in {"planned": ["stakeholders"], "frozen": ["team"], "coming": ["support"], "going_out": ["team"],
                           "live": ["team", "stakeholders", "support"]}.items():
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


def test_a_rejection_blocks_until_that_person_lifts_it():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.act(MIRA, "reject", r, reason="wrong month")
    assert "rejected" in [b["code"] for b in facts_of(w, r)["blockers"]]
    w.act(MIRA, "approve", r)
    assert w.situation(w.again(r)).on_staging


def facts_of(w: World, r: Release) -> dict:
    from core.domain.facts import project
    return project(w.situation(w.again(r)))


def test_a_new_candidate_voids_every_signature_and_takes_it_back_to_stabilization():
    w = World()
    r = minor(w)
    to_staging(w, r)
    old = w.again(r).digest
    w.commit("release/1.3.0", "late")
    w.look()
    assert "branch_moved" in [s.verb for s in w.steps]
    w.act(QADIR, "candidate", r)
    assert w.phase(r) is Phase.STABILIZATION
    assert w.again(r).digest != old
    assert w.said("withdrawn") == [f"dm:{MIRA}"]
    with pytest.raises(Refused):
        w.act(PRIYA, "ready", r)


def test_a_stale_button_is_told_so_and_two_who_sign_in_the_same_second_both_count():
    w = World()
    h = w.start("hotfix")
    w.commit("hotfix/1.2.2-hotfix.1", "hot")
    w.look()
    w.act(PRIYA, "candidate", h)
    to_preparation(w, h)
    digest = w.again(h).digest[:16]
    w.act(THEO, "approve", h, digest)
    w.act(OLU, "approve", h, digest)
    assert w.situation(w.again(h)).on_staging
    with pytest.raises(Stale):
        w.act(THEO, "approve", h, "0" * 16)


def test_the_second_click_is_told_when_the_first_was():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.act(MIRA, "approve", r)
    steps = len(w.steps)
    again = w.act(MIRA, "approve", r)
    assert again.said is not None and again.steps == () and len(w.steps) == steps


def test_a_stranger_is_refused_before_anything_else_is_looked_at():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    with pytest.raises(Refused) as stranger:
        w.act(DANA, "approve", r, "0" * 16)
    assert codes(stranger) == ["not_holder"] and stranger.value.blockers[0].who == (MIRA,)


def test_an_approval_expires():
    w = World()
    r = minor(w)
    to_staging(w, r)
    w.sign_all("go", r)
    w.now += timedelta(days=8)
    with pytest.raises(Refused) as late:
        w.act(PRIYA, "go", r)
    assert "expired" in codes(late)
    w.act(MIRA, "approve", r)
    with pytest.raises(Refused) as other:
        w.act(PRIYA, "go", r)
    assert "expired" not in codes(other)


def test_who_left_the_group_before_go_is_named_and_go_does_not_fire():
    w = World()
    r = minor(w)
    to_staging(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    assert fresh.coming_at and fresh.departs_at
    w.at(fresh.coming_at)
    w.at(fresh.departs_at)
    w.pumping = False
    w.act(PRIYA, "go", r)
    w.groups = {"S0PM": ()}
    w.pumping = True
    w.pump()
    assert w.phase(r) is Phase.PREPARATION
    refused = next(d for p, m, d in w.posts if m == "go_refused" and p == "thread")
    assert [b["code"] for b in refused["problem"]] == ["approval.product_manager"]
    assert w.again(r).go is None and w.environments["production"].lock is None


def test_a_failed_step_waits_and_a_rollback_locks_production_until_somebody_clears_it():
    w = World()
    r = minor(w)
    w.fails["deploy"] = lambda e: ("run.failed", {"run": e.body["run"], "reason": "2 of 12 smoke tests failed"}) \
        if e.body["environment"] == "production" and e.body["kind"] == "deploy" else None
    ship_until_deployment(w, r)
    assert w.said("decision") == ["team"]
    w.act(OLU, "rollback", r, reason="payments failed", severity="customers cannot work")
    assert w.phase(r) is Phase.POST_RELEASE and w.again(r).outcome == "rolled back"
    assert w.environments["production"].version == "1.2.2"
    assert w.environments["production"].lock and w.environments["production"].lock.until_cleared
    assert [p for p in w.said("rolled_back") if p != "thread"] == ["team", "stakeholders", "support"]
    w.sign_all("close", r)
    assert w.phase(r) is Phase.POST_RELEASE  # the lock is not cleared
    assert "1.3.0" in w.product.burnt


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


def test_two_people_record_what_production_runs():
    w = World()
    r = minor(w)
    w.fails["deploy"] = lambda e: ("run.failed", {"run": e.body["run"], "reason": "nobody knows"}) \
        if e.body["environment"] == "production" else None
    ship_until_deployment(w, r)
    w.act(OLU, "record", r, runs="1.2.2", reason="looked at the host")
    assert w.phase(r) is Phase.DEPLOYMENT
    w.act(THEO, "record", r, runs="1.2.2", reason="I see it too")
    assert w.phase(r) is Phase.POST_RELEASE and w.again(r).outcome == "rolled back"


def test_abort_before_anything_changed_and_the_same_content_goes_again_with_the_same_tag():
    w = World()
    r = minor(w)
    to_staging(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    assert fresh.coming_at and fresh.departs_at
    w.at(fresh.coming_at)
    w.at(fresh.departs_at)
    w.pumping = False
    w.act(PRIYA, "go", r)
    while w.phase(r) is Phase.PREPARATION:
        w._do(*w.queue.popleft())
    w.act(PRIYA, "abort", r, reason="wrong hour")
    assert w.phase(r) is Phase.PREPARATION and w.environments["production"].lock is None
    w.pumping = True
    w.pump()  # the push was on its way
    assert w.again(r).promotion_sha
    w.sign_all("go", r)
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.POST_RELEASE


def test_a_push_that_the_remote_refuses_takes_the_deployment_back():
    w = World()
    r = minor(w)
    w.fails["git.push"] = lambda e: ("git.refused", {"purpose": "promote", "blockers": [
        {"code": "git.rejected", "facts": {"detail": "protected"}}]}) if e.body["purpose"] == "promote" else None
    to_staging(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    assert fresh.coming_at and fresh.departs_at
    w.at(fresh.coming_at)
    w.at(fresh.departs_at)
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.PREPARATION and w.environments["production"].lock is None
    assert f"dm:{PRIYA}" in w.said("git_failed")
    w.fails.clear()
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_fix_forward_hands_the_lock_to_the_hotfix_and_ends_as_fixed_by():
    w = World()
    r = minor(w)
    ship(w, r)
    w.act(OLU, "fix_forward", r, reason="payments fail")
    h = w.start("hotfix", PRIYA, base="1.3.0", fixes=r.id)
    assert h.version == "1.3.0-hotfix.1"
    w.commit(h.branch, "hot", *w.ancestors[w.heads["main"]])
    w.look()
    w.act(PRIYA, "candidate", h)
    ship(w, h)
    assert w.again(r).outcome == "fixed by" and w.environments["production"].version == "1.3.0-hotfix.1"


def test_hold_stops_everything_but_what_may_pass_and_resume_goes_on():
    w = World()
    r = minor(w)
    w.act(THEO, "hold", r, reason="waiting for the bank")
    with pytest.raises(Refused) as held:
        w.act(PRIYA, "ready", r)
    assert codes(held)[0] == "held"
    w.act(QADIR, "resume", r)
    to_preparation(w, r)


def test_a_concern_of_anybody_blocks_until_it_is_settled():
    w = World()
    r = minor(w)
    w.act(DANA, "concern", r, reason="search is slow on staging")
    w.sign_all("ready", r)
    with pytest.raises(Refused) as concerned:
        w.act(PRIYA, "ready", r)
    assert codes(concerned) == ["concern"]
    with pytest.raises(Refused):
        w.act(SANA, "settle", r, concern=1, reason="it is fine")
    w.act(DANA, "settle", r, concern=1, reason="measured again, fast")
    w.act(PRIYA, "ready", r)


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


def test_a_go_shows_every_reason_at_once():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    with pytest.raises(Refused) as early:
        w.act(PRIYA, "go", r)
    assert {"approval.product_manager", "staging.other", "signoff.staging.qa", "signoff.predeploy", "told.support",
            "window"} <= set(codes(early))
