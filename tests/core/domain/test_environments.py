"""Locks of people, access to environments and the pause of everything, on the pure engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.due import Due
from core.domain.environments import WAITING, at_the_hour, deployers, dues, name_of
from core.domain.product import Kept, Pause
from core.domain.release import Phase
from core.errors import Blocker, Refused
from tests.core.domain.test_engine import approve, codes, minor, to_preparation
from tests.core.domain.test_shipping import at_go
from tests.core.domain.world import OLU, PRIYA, QADIR, START, THEO, TRAIN, World

HOUR = timedelta(hours=1)


def keeps(w: World, **kept: Kept) -> None:
    """What people keep from now on; every open release looks again."""
    w.product = replace(w.product, kept=kept)
    looks(w)


def pauses(w: World, pause: Pause | None) -> None:
    w.product = replace(w.product, pause=pause)
    looks(w)


def looks(w: World) -> None:
    for r in [r for r in w.releases.values() if r.is_open]:
        w.report(r.id, "look_again", {})


def test_a_lock_stops_everybody_else_until_its_end() -> None:
    kept = Kept(PRIYA, START, "load test", START + HOUR)
    assert kept.stops(THEO, START) and kept.stops("", START) and not kept.stops(PRIYA, START)
    assert not kept.stops(THEO, START + HOUR) and replace(kept, until=None).stops(THEO, START + HOUR)


def stops_of(error: pytest.ExceptionInfo[Refused], code: str) -> Blocker:
    return next(b for b in error.value.blockers if b.code == code)


def limited(**deploy: Any) -> World:
    """A policy that names who may deploy where."""
    w = World()
    rules = {n: e.model_copy(update={"deploy": deploy.get(n, ())}) for n, e in w.policy.environments.items()}
    return w.with_policy(environments=rules)


def test_a_lock_on_staging_holds_the_candidate_back_until_it_is_cleared() -> None:
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.sign_all("rollback", r)
    keeps(w, staging=Kept(QADIR, w.now, "the load test runs"))
    approve(w, r)
    assert not w.situation(w.again(r)).on_staging and w.again(r).run("staging") is None
    keeps(w)
    assert w.situation(w.again(r)).on_staging


def test_a_lock_that_has_an_end_holds_nothing_back_after_it() -> None:
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.sign_all("rollback", r)
    keeps(w, staging=Kept(QADIR, w.now, "the load test runs", w.now + HOUR))
    approve(w, r)
    assert not w.situation(w.again(r)).on_staging
    w.at(w.now + HOUR)
    assert w.situation(w.again(r)).on_staging


def test_a_lock_on_production_stops_all_but_its_owner_and_is_named_whole() -> None:
    w = World()
    r = minor(w)
    at_go(w, r)
    ends = w.now + HOUR
    keeps(w, production=Kept(OLU, w.now, "the database moves", ends))
    with pytest.raises(Refused) as refused:
        w.act(PRIYA, "go", r)
    stop = stops_of(refused, "kept")
    assert stop.facts["by"] == OLU and stop.facts["reason"] == "the database moves"
    assert stop.facts["ends"] == ends.isoformat() and stop.since == w.now.isoformat() and OLU in stop.who
    keeps(w, production=Kept(PRIYA, w.now, "I ship this one"))
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_a_lock_of_a_person_does_not_stop_a_way_back() -> None:
    w = World()
    r = minor(w)
    at_go(w, r)
    w.act(PRIYA, "go", r)
    w.sign_all("deployed", r)
    keeps(w, production=Kept(QADIR, w.now, "an audit"))
    w.act(OLU, "rollback", r, reason="payments fail", severity="customers cannot work")
    assert w.again(r).outcome == "rolled back"


def test_who_may_deploy_there_is_asked_before_anything_else() -> None:
    w = limited(production=("devops",), staging=("devops",))
    r = minor(w)
    at_go(w, r)
    assert deployers(w.policy, "production") == ("devops",)
    assert deployers(w.policy, "integration") == w.policy.permissions["deploy"]
    with pytest.raises(Refused) as refused:
        w.act(PRIYA, "go", r)
    assert codes(refused) == ["access"] and refused.value.blockers[0].who == (OLU,)
    assert not w.situation(w.again(r)).signed("go", str(w.again(r).epoch)), "nothing was used up"


def test_a_roll_back_and_another_try_need_access_too() -> None:
    w = limited(production=("devops",), staging=("devops",))
    r = minor(w)
    w.fails["deploy"] = lambda e: ("run.failed", {"run": e.body["run"], "reason": "disk full"})
    to_preparation(w, r)
    w.sign_all("rollback", r)
    approve(w, r)
    with pytest.raises(Refused) as refused:
        w.act(PRIYA, "retry", r)
    assert codes(refused) == ["access"]
    w.fails.clear()
    w.act(OLU, "retry", r)
    assert w.situation(w.again(r)).on_staging


def test_a_policy_that_names_nobody_refuses_nobody() -> None:
    w = World()
    r = minor(w)
    at_go(w, r)
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT


def test_nothing_fires_while_everything_is_paused_and_all_of_it_afterwards() -> None:
    w = World()
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    pauses(w, Pause(THEO, w.now, "the data centre moves"))
    freeze = w.again(r).freeze_at
    assert freeze is not None
    w.at(freeze + HOUR)
    assert w.phase(r) is Phase.DEVELOPMENT, "the freeze waits"
    with pytest.raises(Refused) as refused:
        w.act(PRIYA, "freeze_early", r, reason="it is time")
    stop = stops_of(refused, "paused")
    assert stop.facts == {"by": THEO, "reason": "the data centre moves"} and {PRIYA, THEO, OLU} == set(stop.who)
    w.act(QADIR, "concern", r, reason="search is slow")
    w.act(PRIYA, "settle", r, reason="an index was missing", concern=1)
    pauses(w, None)
    assert w.phase(r) is Phase.STABILIZATION


def test_a_failure_that_comes_in_meanwhile_is_told_and_nothing_is_chosen() -> None:
    w = World()
    r = minor(w)
    at_go(w, r)
    w.fails["deploy"] = lambda e: None if w.product.pause is None else ("run.failed", {"run": e.body["run"]})
    w.pumping = False
    w.act(PRIYA, "go", r)
    while not any(e.kind == "deploy" for _, e in w.queue):
        w._do(*w.queue.popleft())
    w.product = replace(w.product, pause=Pause(THEO, w.now, "the data centre moves"))
    w.pumping = True
    w.pump()
    assert "team" in w.said("decision")
    with pytest.raises(Refused) as refused:
        w.act(OLU, "rollback", r, reason="payments fail", severity="customers cannot work")
    assert "paused" in codes(refused)


def test_a_new_release_is_not_started_while_everything_is_paused() -> None:
    w = World()
    w.product = replace(w.product, pause=Pause(THEO, w.now, "the data centre moves"))
    with pytest.raises(Refused) as refused:
        w.start("minor")
    assert codes(refused) == ["paused"]


def test_effects_that_reach_outside_wait_and_messages_do_not() -> None:
    assert {"git.push", "deploy", "forge.release"} <= WAITING
    assert not any(kind.startswith("slack.") for kind in WAITING)


def test_the_hour_ends_locks_once_and_asks_once_about_those_without_an_end() -> None:
    w = World()
    short, long = Kept(OLU, START, "a test", START + HOUR), Kept(QADIR, START, "a look")
    record = replace(w.product, kept={"staging": short, "production": long})
    assert list(dues(record)) == [
        Due(START + HOUR, "lock_ends", OLU, "staging"),
        Due(START + timedelta(days=1), "lock_stands", QADIR, "production"),
    ]
    assert at_the_hour(record, START) == (record, {}, {})
    after, over, asked = at_the_hour(record, START + timedelta(days=1))
    assert over == {"staging": short} and asked == {"production": long}
    assert after.kept == {"production": replace(long, reminded=True)}
    assert at_the_hour(after, TRAIN) == (after, {}, {}) and not [*dues(after)]


@pytest.mark.parametrize(
    ("typed", "meant"), [("prod", "production"), ("Staging,", "staging"), ("in", None), ("the", None)]
)
def test_an_environment_by_the_beginning_of_its_name(typed: str, meant: str | None) -> None:
    assert name_of(typed) == meant


def test_a_pause_stops_the_machine_and_people_sign_meanwhile() -> None:
    w = World()
    r = minor(w)
    to_preparation(w, r)
    pauses(w, Pause(THEO, w.now, "the data centre moves"))
    w.sign_all("rollback", r)
    approve(w, r)
    s = w.situation(w.again(r))
    assert all(s.approved(seat) for seat in w.policy.rules(r.type).approvals), "signatures are facts"
    assert w.again(r).run("staging") is None, "what they free waits"
    with pytest.raises(Refused) as refused:
        w.act(PRIYA, "go", r)
    assert "paused" in codes(refused)
    pauses(w, None)
    assert w.situation(w.again(r)).on_staging
