"""Signatures, objections and holds: what they block, what voids them, and what each click is answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.facts import project
from core.domain.release import Phase, Release
from core.errors import Refused, Stale
from tests.core.domain.test_engine import codes, minor, to_preparation, to_staging
from tests.core.domain.world import DANA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, World


def test_a_rejection_blocks_until_that_person_lifts_it():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.act(MIRA, "reject", r, reason="wrong month")
    assert "rejected" in [b["code"] for b in facts_of(w, r)["blockers"]]
    w.act(MIRA, "approve", r)
    assert w.situation(w.again(r)).on_staging


def facts_of(w: World, r: Release) -> dict:
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


def test_a_go_shows_every_reason_at_once():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    with pytest.raises(Refused) as early:
        w.act(PRIYA, "go", r)
    assert {"approval.product_manager", "staging.other", "signoff.staging.qa", "signoff.plan.reviewed",
            "signoff.tech.lead", "told.support", "window"} <= set(codes(early))
