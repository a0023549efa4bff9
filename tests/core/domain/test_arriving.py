"""Before the branch is cut: what the promotion would meet today, and what is out but never arrived on develop."""

from __future__ import annotations

import pytest

from core.domain.moves.rehearsing import rehearsal_wanted
from core.domain.release import Phase
from core.domain.repository import Promote
from core.errors import Refused
from tests.core.domain.test_engine import minor
from tests.core.domain.world import PRIYA, World

MISSED = {"absent": [{"version": "1.2.2-hotfix.1", "changes": ["Ines, “fix: sums”"]}], "absent_of": "dev0 beside"}
TRIED = {"head": "dev0", "branches": ["main", "develop"], "conflicts": [], "problem": []}


def test_no_branch_is_cut_while_something_released_is_missing_on_develop():
    w = World()
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.report(r.id, "heads.seen", {"heads": {}, **MISSED})
    w.at(w.again(r).freeze_at)
    assert w.phase(r) is Phase.DEVELOPMENT
    with pytest.raises(Refused) as refused:
        w.act(PRIYA, "freeze_early", r, reason="now")
    (found,) = refused.value.blockers
    assert found.code == "never_arrived" and found.facts["branch"] == "develop"
    assert (found.facts["version"], found.facts["changes"]) == ("1.2.2-hotfix.1", ["Ines, “fix: sums”"])
    w.report(r.id, "heads.seen", {"heads": {}})
    assert w.again(r).absent, "an older report says nothing about it"
    w.report(r.id, "heads.seen", {"heads": {}, "absent": [], "absent_of": ""})
    w.pump()
    assert w.phase(r) is Phase.STABILIZATION


def test_the_promotion_is_rehearsed_once_for_the_first_changes_and_publishes_nothing():
    w = World()
    r = w.start("minor")
    s = w.situation(w.again(r))
    assert s.release.scope and not rehearsal_wanted(s, s.release, "later"), "they were read before"
    w.report(r.id, "git.tried", TRIED)
    assert w.said("rehearsed") == ["thread"] and w.again(r).git is None
    first = World()
    first.pumping = False
    r = first.start("minor")
    while not any(e.kind == "git.try" for _, e in first.queue):
        first._do(*first.queue.popleft())
    (effect,) = [e for _, e in first.queue if e.kind == "git.try"]
    assert effect.lane == "rehearsal" and effect.body["order"]["is"] == Promote.__name__
    assert effect.body["order"]["candidate_sha"] == effect.body["head"] == first.heads["develop"]


def test_what_was_tried_is_not_told_any_more_when_there_is_a_candidate():
    w = World()
    r = minor(w)
    w.report(r.id, "git.tried", TRIED)
    assert w.said("rehearsed") == []
