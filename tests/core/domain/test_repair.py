"""When production is broken: who holds its lock, who may touch it, and what a repair leaves behind."""

from __future__ import annotations

import pytest

from core.domain.release import Phase, Release
from core.errors import Refused
from tests.core.domain.test_engine import close, codes, minor, ship, ship_until_deployment, to_staging
from tests.core.domain.world import OLU, PRIYA, QADIR, THEO, World

BAD = {"reason": "payments fail", "severity": "customers cannot work"}


def breaks(w: World, kind: str = "deploy", version: str = "") -> None:
    """The next runs of this kind in production fail (of this version only, when one is named)."""
    w.fails["deploy"] = lambda e: (
        ("run.failed", {"run": e.body["run"], "reason": "2 of 12 smoke tests failed"})
        if e.body["environment"] == "production" and e.body["kind"] == kind and version in ("", e.body["version"])
        else None
    )


def broken(w: World) -> Release:
    """v1.3.0 stands half deployed in production."""
    r = minor(w)
    breaks(w)
    ship_until_deployment(w, r)
    return r


def hotfix_of(w: World, r: Release) -> Release:
    """A hotfix opened by fix forward, with its candidate tagged."""
    w.act(OLU, "fix_forward", r, reason="payments fail")
    h = w.start("hotfix", PRIYA, base=r.version, fixes=r.id)
    w.commit(h.branch, f"hot{h.id}", *w.ancestors[w.heads["main"]])
    w.look()
    w.act(PRIYA, "candidate", h)
    return h


def locked_by(w: World) -> int | None:
    lock = w.environments["production"].lock
    return lock.release_id if lock else None


def test_a_hotfix_that_is_cancelled_gives_the_lock_back_to_what_is_broken():
    w = World()
    r = broken(w)
    h = hotfix_of(w, r)
    assert locked_by(w) == h.id
    w.act(PRIYA, "cancel", h, reason="wrong idea")
    assert locked_by(w) == r.id
    w.fails.clear()
    w.act(OLU, "retry", r)
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.POST_RELEASE and locked_by(w) is None


def test_a_cancelled_hotfix_of_a_live_release_leaves_no_lock():
    w = World()
    r = minor(w)
    ship(w, r)
    h = hotfix_of(w, r)
    w.act(PRIYA, "cancel", h, reason="a flag was enough")
    assert locked_by(w) is None
    close(w, r)


def test_an_aborted_hotfix_keeps_the_lock_that_was_handed_to_it_and_goes_again():
    w = World()
    r = broken(w)
    h = hotfix_of(w, r)
    to_staging(w, h)
    w.sign_all("go", h)
    w.at(w.now)
    w.pumping = False
    w.act(OLU, "go", h)
    while w.phase(h) is Phase.PREPARATION:
        w._do(*w.queue.popleft())
    w.act(THEO, "abort", h, reason="one more look")
    assert locked_by(w) == h.id
    w.pumping = True
    w.pump()
    breaks(w, version=r.version)
    w.act(OLU, "go", h)
    w.sign_all("deployed", h)
    assert w.environments["production"].version == h.version
    assert (w.phase(r), w.again(r).outcome) == (Phase.POST_RELEASE, "fixed by")


def test_while_its_hotfix_holds_production_the_broken_release_does_not_touch_it():
    w = World()
    r = broken(w)
    h = hotfix_of(w, r)
    for event, words in {"retry": {}, "worked": {"reason": "looks fine"},
                         "flag_off": {"reason": "off", "flag": "search"}}.items():
        with pytest.raises(Refused) as refused:
            w.act(OLU, event, r, **words)
        assert "production.locked" in codes(refused), event
    ship_until_deployment(w, h)  # its own run fails too
    for event, words in {"rollback": BAD, "record": {"reason": "seen", "runs": "1.2.2"}}.items():
        with pytest.raises(Refused) as busy:
            w.act(OLU, event, r, **words)
        assert codes(busy) == ["production.busy"], event
    w.act(OLU, "rollback", h, **BAD)
    assert w.phase(h) is Phase.POST_RELEASE and w.environments["production"].version == "1.2.2"
    w.act(OLU, "rollback", r, **BAD)
    assert w.phase(r) is Phase.POST_RELEASE


def test_nobody_goes_while_another_release_stands_in_production():
    w = World()
    broken(w)
    p = w.start("patch")
    w.commit(p.branch, "fix")
    w.look()
    w.act(THEO, "candidate", p)
    to_staging_of_patch(w, p)
    with pytest.raises(Refused) as busy:
        w.act(PRIYA, "go", p)
    assert {"production.locked", "production.busy"} <= set(codes(busy))


def to_staging_of_patch(w: World, p: Release) -> None:
    w.sign_all("ready", p)
    w.act(PRIYA, "ready", p)
    w.act(THEO, "approve", p)
    w.sign_all("go", p)


def test_a_release_is_fixed_forward_once_at_a_time_and_also_after_a_failed_rollback():
    w = World()
    r = broken(w)
    w.fails["deploy"] = lambda e: ("run.failed", {"run": e.body["run"], "reason": "host is away"})
    w.act(OLU, "rollback", r, **BAD)
    run = w.again(r).run()
    assert run and (run.kind, run.state) == ("roll back", "waiting")
    h = hotfix_of(w, r)
    with pytest.raises(Refused) as twice:
        w.act(OLU, "fix_forward", r, reason="again")
    assert codes(twice) == ["being_fixed"]
    w.fails.clear()
    ship(w, h)
    assert w.again(r).outcome == "fixed by" and w.phase(r) is Phase.POST_RELEASE


def test_a_hotfix_of_a_hotfix_repairs_both():
    w = World()
    r = broken(w)
    h = hotfix_of(w, r)
    ship_until_deployment(w, h)
    w.fails.clear()
    h2 = hotfix_of(w, h)
    assert h2.version == "1.3.0-hotfix.2"
    ship(w, h2)
    assert [w.again(x).outcome for x in (r, h)] == ["fixed by", "fixed by"]
    assert {w.phase(x) for x in (r, h, h2)} == {Phase.POST_RELEASE}


def test_after_a_rollback_what_was_signed_for_closing_counts_no_more():
    w = World()
    r = minor(w)
    ship(w, r)
    close(w, r)
    w.act(OLU, "rollback", r, **BAD)
    assert w.phase(r) is Phase.POST_RELEASE
    w.unlock()
    assert w.phase(r) is Phase.POST_RELEASE, "notes and knowledge base are to be corrected first"
    close(w, r)


def test_rolling_back_a_deployment_that_never_finished_keeps_the_way_back():
    w = World()
    r = broken(w)
    w.act(OLU, "rollback", r, **BAD)
    production = w.environments["production"]
    assert (production.version, production.previous) == ("1.2.2", "1.2.1")


def test_a_retry_is_a_touch_so_that_only_roll_back_and_fix_lead_out():
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
    w.act(PRIYA, "stop", r)
    w.pumping = True
    w.pump()
    run = w.again(r).run()
    assert run and run.state == "waiting" and not run.changed
    w.pumping = False
    w.act(PRIYA, "retry", r)
    with pytest.raises(Refused) as late:
        w.act(PRIYA, "abort", r, reason="too late")
    assert codes(late) == ["run.changed"]


def test_on_hold_nothing_starts_in_production_but_what_happened_is_taken_in():
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
    w.act(QADIR, "hold", r, reason="the bank called")
    w.pumping = True
    w.pump()
    run = w.again(r).run()
    assert run and run.state == "waiting" and run.reason == "the release is on hold"
    assert w.said("decision") == ["team"]
    with pytest.raises(Refused) as held:
        w.act(PRIYA, "retry", r)
    assert codes(held) == ["held"]
    w.act(QADIR, "resume", r)
    w.act(PRIYA, "retry", r)
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.POST_RELEASE


def test_a_rollback_ends_also_on_hold():
    w = World()
    r = broken(w)
    w.act(QADIR, "hold", r, reason="nobody touches it")
    w.act(OLU, "rollback", r, **BAD)
    assert (w.phase(r), w.again(r).outcome) == (Phase.POST_RELEASE, "rolled back")


@pytest.mark.parametrize(("runs", "sha"), [("1.2.1", "main-1"), ("1.2.2", "main0")])
def test_what_two_people_record_stands_with_the_commit_of_that_version(runs, sha):
    w = World()
    r = broken(w)
    for person in (OLU, PRIYA):
        w.act(person, "record", r, runs=runs, reason="looked at the host")
    assert (w.environments["production"].version, w.environments["production"].sha) == (runs, sha)


def test_the_same_person_records_once_and_a_second_one_is_needed():
    w = World()
    r = broken(w)
    w.act(OLU, "record", r, runs="1.2.2", reason="looked at the host")
    again = w.act(OLU, "record", r, runs="1.2.2", reason="looked once more")
    assert again.said is not None and again.steps == () and w.phase(r) is Phase.DEPLOYMENT
