"""What is hidden until released: no fact, blocker or line of the thread that everybody reads has its title."""

from __future__ import annotations

from dataclasses import replace

from core.domain.facts import project
from core.domain.notes.embargo import Embargo, embargo
from core.domain.notes.model import Draft, Gap, Heading, Item
from core.domain.release import Change, Phase
from tests.core.domain.test_contents import drafted
from tests.core.domain.test_engine import minor
from tests.core.domain.world import PRIYA, World

HOLE = Item("#341", "Close the hole", Heading.SECURITY, pull=341, commits=("c1" * 20, "c2" * 20), breaking="!")
LACKS = (("unreviewed", "#341"), ("no_upgrade_note", "upgrade:#341"))


def test_it_covers_the_pull_request_its_commits_and_a_commit_without_one():
    lone = Item("ab12cd34ef56", "Lone", commits=("ab12cd34ef56" + "0" * 28,))
    found = embargo(Draft("", "", (HOLE, lone, Item("#9", "Open", pull=9))), {"#341", lone.id, "gone"})
    assert found.hides("c2" * 20) and found.hides("f" * 40, 341) and found.hides(lone.commits[0])
    assert not found.hides("f" * 40) and not found.hides("c3" * 20, 9)
    assert (found.title("#341", "Close"), found.title("#9", "Open")) == ("", "Open")
    both = embargo(None, {"#9"}) | Embargo(frozenset({"#341"}))
    assert both.hides("f" * 40, 9) and both.hides("f" * 40, 341)


def test_nothing_that_everybody_reads_has_the_title_before_it_is_live():
    w = World()
    r = minor(w)
    w.commit(r.branch, HOLE.commits[0])
    gaps = tuple(Gap(code, item, {"title": HOLE.title}) for code, item in LACKS)
    drafted(w, r, items=(HOLE,), gaps=gaps)
    w.report(r.id, "scope.read", {"branch": r.branch, "head": w.heads[r.branch], "changes": [], "late": HOLE.commits})
    assert HOLE.title in str(project(w.situation(w.again(r)))["late"])
    w.act(PRIYA, "classify", r, item="#341", embargoed=True)
    w.act(PRIYA, "scope_add", r, ref="#341")
    changes = (Change("a" * 40, "Open", "Kim", ""), Change(HOLE.commits[0], HOLE.title, "Kim", ""))
    facts = project(w.situation(replace(w.again(r), scope=changes)))
    held = facts.pop("held")
    assert HOLE.title not in str(facts) and [u["id"] for u in facts["notes"]["breaking"]] == ["#341"]
    assert [c["subject"] for c in facts["changes"]] == ["Open"] and facts["scope"]["count"] == 2
    assert [(place, c["subject"]) for place, c in held["changes"]] == [(1, HOLE.title)]
    assert held["titles"] == {"#341": HOLE.title}
    told = [data for _, moment, data in w.posts if moment == "scope_added"]
    assert told and HOLE.title not in str(told)
    live = project(w.situation(replace(w.again(r), phase=Phase.POST_RELEASE)))
    assert live["held"] == {} and HOLE.title in str(live["scope_items"])
    w.act(PRIYA, "classify", r, item="#341", embargoed=False)
    assert HOLE.title in str(project(w.situation(w.again(r)))["late"])
