"""What people say: a concern that two people carry on, and reports that QA triages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.checklist_rules import bugs_triaged
from core.domain.facts import project
from core.domain.gates import blockers
from core.domain.gates.people import no_concern
from core.domain.lifecycle import row
from core.domain.people import Colleague, Delegation
from core.domain.release import Release
from core.domain.situation import Act
from core.errors import Refused
from tests.core.domain.test_engine import minor, ship
from tests.core.domain.world import DANA, MIRA, PRIYA, QADIR, SANA, START, THEO, TRAIN, World


def _refused(w: World, who: str, event: str, r: Release, **given: Any) -> list[str]:
    with pytest.raises(Refused) as error:
        w.act(who, event, r, **given)
    return [b.code for b in error.value.blockers]


def _with_concern() -> tuple[World, Release]:
    w = World()
    r = w.start("minor")
    w.act(DANA, "concern", r, reason="search is slow", wants="an answer in 2 s", link="https://x.slack.com/p1")
    return w, r


def _open(w: World, r: Release) -> list[Any]:
    return [c for c in w.again(r).concerns if c.settled_at is None]


def _look_again(w: World) -> None:
    for r in [r for r in w.releases.values() if r.is_open]:
        w.report(r.id, "look_again", {})


def test_one_person_proposes_and_only_another_one_carries() -> None:
    w, r = _with_concern()
    assert _refused(w, PRIYA, "carry", r, concern=1) == ["reason"]
    w.act(PRIYA, "carry", r, concern=1, reason="the old search stays until then")
    assert _refused(w, PRIYA, "carry", r, concern=1, reason="again") == ["carry.second"]
    assert _refused(w, SANA, "carry", r, concern=1) == ["permission"]
    assert [c.id for c in _open(w, r)] == [1]
    stops = list(no_concern(w.situation(w.again(r)), Act(PRIYA, "ready")))
    assert [b.facts["first"] for b in stops if b.code == "concern"] == [PRIYA]
    w.act(THEO, "carry", r, concern=1)
    [gone] = w.again(r).concerns
    assert not _open(w, r) and (gone.settled_by, gone.how) == (THEO, "the old search stays until then")


def test_of_a_pair_both_still_may_and_a_delegate_with_the_holder_is_one() -> None:
    w, r = _with_concern()
    w.people[PRIYA] = Colleague(PRIYA, delegations=(Delegation(SANA, START, START + timedelta(days=90)),))
    w.act(PRIYA, "carry", r, concern=1, reason="the old search stays until then")
    assert _refused(w, SANA, "carry", r, concern=1) == ["carry.second"]
    w.people.clear()
    static = w.static
    w.static = {role: tuple(p for p in held if p != PRIYA) for role, held in static.items()}
    assert _refused(w, THEO, "carry", r, concern=1) == ["reason"], "the first has left, so it begins anew"
    assert len(_open(w, r)) == 1


def test_without_a_next_release_it_waits_for_the_one_that_starts_and_blocks_there() -> None:
    w, r = _with_concern()
    w.act(PRIYA, "carry", r, concern=1, reason="it can wait")
    w.act(THEO, "carry", r, concern=1)
    [waiting] = w.product.carried
    assert (waiting.version, waiting.concern.text) == ("1.3.0", "search is slow")
    hotfix = w.start("hotfix", base="1.2.2")
    assert not w.again(hotfix).concerns, "a hotfix is not held up by what is older"
    later = w.start("minor", departs_at=TRAIN + timedelta(14))
    _look_again(w)
    [came] = _open(w, later)
    assert (came.by, came.origin, came.wants) == (DANA, "1.3.0", "an answer in 2 s") and not w.product.carried
    assert (came.carry.by, came.carry.second) == (PRIYA, THEO)
    stops = list(no_concern(w.situation(w.again(later)), Act(PRIYA, "ready")))
    assert [b.facts["origin"] for b in stops if b.code == "concern"] == ["1.3.0"]
    assert [m for p, m, d in w.posts if m == "concern_came" and p.startswith("dm:")]


def test_of_several_it_goes_to_the_next_one_only_and_can_be_carried_once_more() -> None:
    w, r = _with_concern()
    near = w.start("minor", departs_at=TRAIN + timedelta(14))
    far = w.start("minor", departs_at=TRAIN + timedelta(28))
    for who in (PRIYA, THEO):
        w.act(who, "carry", r, concern=1, reason="it can wait")
    _look_again(w)
    assert len(_open(w, near)) == 1 and not _open(w, far)
    w.act(THEO, "carry", near, concern=1, reason="and again")
    assert len(_open(w, near)) == 1, "the pair of the first time does not count for the second"
    w.act(PRIYA, "carry", near, concern=1)
    _look_again(w)
    assert not _open(w, near) and [c.origin for c in _open(w, far)] == ["1.4.0"]
    w.act(DANA, "settle", far, concern=1, reason="it is fast now")
    _look_again(w)
    assert not _open(w, far) and not w.product.carried


def test_a_report_waits_for_qa_and_the_release_does_not_close_before() -> None:
    w = World()
    r = minor(w)
    ship(w, r)
    assert _refused(w, SANA, "report", r, reason="the page is empty") == ["report.kind"]
    w.act(SANA, "report", r, reason="the page is empty", kind="bug")
    assert [p for p, m, _ in w.posts if m == "reported" and p == f"dm:{QADIR}"]
    stops = {b.code: b for b in blockers(row("close"), w.situation(w.again(r)), Act("", "close"))}
    assert stops["report"].who == (QADIR, PRIYA) and stops["report"].since == w.now.isoformat()
    found = bugs_triaged(w.situation(w.again(r)))
    assert not found.met and found.facts["waiting"] == 1
    assert _refused(w, SANA, "triage", r, report=1, found="bug", reason="it is") == ["permission"]
    assert _refused(w, QADIR, "triage", r, report=1, found="nonsense", reason="it is") == ["report.found"]
    w.act(QADIR, "triage", r, report=1, found="duplicate", reason="it is AA-155")
    assert bugs_triaged(w.situation(w.again(r))).met
    assert _refused(w, QADIR, "triage", r, report=1, found="bug", reason="it is") == ["report.done"]
    assert _refused(w, QADIR, "triage", r, report=7, found="bug", reason="it is") == ["report.none"]
    [kept] = project(w.situation(w.again(r)))["reports"]
    assert (kept["found"], kept["why"], kept["triaged_by"]) == ("duplicate", "it is AA-155", QADIR)
    assert [p for p, m, _ in w.posts if m == "triaged" and p == f"dm:{SANA}"]


def test_what_is_found_to_be_for_the_next_release_comes_there_and_blocks_until_it_is_settled() -> None:
    w = World()
    r = minor(w)
    ship(w, r)
    near = w.start("minor", departs_at=TRAIN + timedelta(14))
    w.act(SANA, "report", r, reason="the page is empty", kind="bug")
    w.act(QADIR, "triage", r, report=1, found="next release", reason="it is small")
    _look_again(w)
    [came] = _open(w, near)
    assert (came.by, came.text, came.origin, came.report) == (SANA, "the page is empty", "1.3.0", "bug")
    assert [b.code for b in no_concern(w.situation(w.again(near)), Act("", "ready"))] == ["concern"]
    assert [m for p, m, _ in w.posts if p == f"dm:{PRIYA}"][-1] == "concern_came" and not w.product.carried
    w.act(PRIYA, "settle", near, concern=came.id, reason="#345 mends it")
    assert not _open(w, near) and not _open(w, r)


def test_nothing_is_reported_about_what_is_not_live() -> None:
    w = World()
    assert _refused(w, MIRA, "report", w.start("minor"), reason="the page is empty", kind="bug") == ["phase"]


def test_stored_concerns_of_before_have_no_history() -> None:
    w, r = _with_concern()
    old = replace(w.again(r).concerns[0], wants="", link="")
    w.releases[r.id] = replace(w.again(r), concerns=(old,))
    [shown] = project(w.situation(w.again(r)))["concerns"]
    assert shown["carry"] is None and shown["origin"] == ""


def test_a_release_that_is_merged_gives_its_open_concerns_to_the_one_that_ships_its_changes() -> None:
    w, r = _with_concern()
    near = w.start("minor", departs_at=TRAIN + timedelta(14))
    far = w.start("minor", departs_at=TRAIN + timedelta(28))
    w.act(PRIYA, "merge", r, into=far.version, reason="one train")
    _look_again(w)
    assert not _open(w, r) and not _open(w, near) and not w.product.carried
    [came] = _open(w, far)
    assert (came.by, came.origin, came.carry) == (DANA, "1.3.0", None)
