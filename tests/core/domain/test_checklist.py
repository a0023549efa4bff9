"""The checklists: which items each type has, and every way in which an item is met, is open, falls, or is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.domain.checklist import current_lists, items_of, proof
from core.domain.facts import project
from core.domain.policy_parts import ITEM_EVENTS, LISTS
from core.domain.release import Release, ReleaseType
from core.errors import Refused
from tests.core.domain.test_engine import minor, to_preparation
from tests.core.domain.test_shipping import at_go
from tests.core.domain.world import DANA, MIRA, PRIYA, QADIR, THEO, TRAIN, World, policy

STRATEGY = {  # items of the four lists, by type
    ReleaseType.MINOR: (11, 6, 7, 6),
    ReleaseType.MAJOR: (11, 6, 7, 6),
    ReleaseType.PATCH: (6, 3, 7, 6),
    ReleaseType.HOTFIX: (6, 3, 7, 6),
}


def stands(w: World, r: Release, name: str) -> str:
    s = w.situation(w.again(r))
    return proof(s, name, s.policy.signoffs[name]).state


def row(w: World, r: Release, name: str) -> dict[str, Any]:
    facts = project(w.situation(w.again(r)))
    return next(i for i in facts["signoffs"] if i["name"] == name)


def refused(w: World, who: str, event: str, r: Release, **words: Any) -> Refused:
    with pytest.raises(Refused) as no:
        w.act(who, event, r, **words)
    return no.value


@pytest.mark.parametrize("kind", list(ReleaseType))
def test_each_type_has_the_items_of_the_strategy_on_its_lists(kind: ReleaseType) -> None:
    items = [i for gate in ITEM_EVENTS for i in policy().signoffs_for(gate, kind).values()]
    assert tuple(sum(of in i.lists for i in items) for of in LISTS) == STRATEGY[kind]
    both = [i.title for i in policy().signoffs.values() if {"pre-release", "pre-deployment"} <= set(i.lists)]
    assert len(both) == 5, "one item may stand in two lists"  # documentation, tests, limited tests, benchmarks, scan


@pytest.mark.parametrize(("item", "how"), [
    ("branch.created", "automatic"), ("tests.regression", "evidence"), ("product.owner", "approval"),
])  # fmt: skip
@pytest.mark.parametrize("event", ["tick", "untick"])
def test_what_is_met_otherwise_is_not_ticked_by_hand_whoever_asks(item: str, how: str, event: str) -> None:
    w = World()
    r = minor(w)
    for who in (QADIR, DANA, PRIYA):
        (why,) = refused(w, who, event, r, item=item, reason="I did it myself").blockers
        assert (why.code, why.facts["how"], why.facts["item"]) == ("signoff.by_itself", how, item)


def test_evidence_meets_its_item_and_falls_again_with_the_newest_result() -> None:
    w = World()
    r = minor(w)
    assert stands(w, r, "tests.regression") == "open"
    w.ci_reports(r, "regression")
    told = row(w, r, "tests.regression")
    assert (told["state"], told["source"], told["done"], told["due"]) == ("met", "ci", None, False)
    w.ci_reports(r, "regression", verdict="failed")
    assert stands(w, r, "tests.regression") == "failed"
    w.sign_all("ready", r)
    assert "ready" in project(w.situation(w.again(r)))["allowed"], "CI has reported anew"
    w.ci_reports(r, "security", verdict="failed")
    (why,) = refused(w, PRIYA, "ready", r).blockers
    assert (why.code, why.facts["state"], why.who) == ("evidence.tests.security", "failed", (THEO,))


def test_an_item_is_taken_back_with_a_reason_and_asked_anew() -> None:
    w = World()
    r = minor(w)
    w.sign_all("ready", r)
    assert [b.code for b in refused(w, PRIYA, "untick", r, item="notes.final").blockers] == ["reason"]
    w.act(PRIYA, "untick", r, item="notes.final", reason="a line is wrong")
    assert stands(w, r, "notes.final") == "open"


def test_every_item_of_every_type_has_a_proof_in_every_phase() -> None:
    for kind in ReleaseType:
        w = World()
        r = w.start(kind.value, departs_at=TRAIN + timedelta(days=28))
        s = w.situation(w.again(r))
        assert {proof(s, name, item).state for _, name, item in items_of(s)} <= {"met", "open", "later"}
        assert len(project(s)["signoffs"]) == len(list(items_of(s)))


def test_the_lists_that_people_work_on_follow_the_phases() -> None:
    w = World()
    r = minor(w)
    now = lambda: current_lists(w.situation(w.again(r)))  # noqa: E731
    assert now() == ("pre-release",)
    at_go(w, r)
    assert now() == ("pre-release", "pre-deployment")
    w.act(PRIYA, "go", r)
    assert now() == ("deployment day",)
    w.sign_all("deployed", r)
    assert now() == ("post-release",)
    shown = [e.body["list"] for step in w.steps for e in step.outcome.effects if e.kind == "slack.list"]
    assert shown == list(LISTS), "each is shown in the thread when its phase begins, once"


def test_the_role_that_approves_meets_its_item_by_the_approval_and_else_signs() -> None:
    w = World()
    r = minor(w)
    to_preparation(w, r)
    assert (row(w, r, "product.owner")["met"], row(w, r, "product.owner")["due"]) == ("approval", False)
    assert (row(w, r, "tech.lead")["met"], row(w, r, "tech.lead")["due"]) == ("sign-off", True)
    codes = {b.code for b in refused(w, PRIYA, "go", r).blockers}
    assert "signoff.tech.lead" in codes and "approval.product_manager" in codes
    assert not {c for c in codes if c.endswith("product.owner")}, "the approval is asked for once"
    w.act(MIRA, "approve", r)
    assert row(w, r, "product.owner")["done"]["person"] == MIRA
