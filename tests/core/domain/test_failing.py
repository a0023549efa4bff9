"""A deployment that goes wrong: a failed step, an abort, a refused push, what two people record, fix forward."""

from __future__ import annotations

import pytest

from core.domain.release import Phase
from core.errors import Refused
from tests.core.domain.test_engine import minor, ship, ship_until_deployment, to_staging
from tests.core.domain.world import OLU, PRIYA, THEO, World


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


def test_two_people_record_what_production_runs():
    w = World()
    r = minor(w)
    w.fails["deploy"] = lambda e: ("run.failed", {"run": e.body["run"], "reason": "nobody knows"}) \
        if e.body["environment"] == "production" else None
    ship_until_deployment(w, r)
    said = {"runs": "1.2.2", "reason": "looked at the host"}
    with pytest.raises(Refused, match=r"result\.link"):
        w.act(OLU, "record", r, **said, url="javascript:alert(1)")
    told = w.act(OLU, "record", r, **said, url="https://code.example/deploys/7").effects[0]
    assert told.body["data"]["url"] == "https://code.example/deploys/7"  # type: ignore[index]
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
