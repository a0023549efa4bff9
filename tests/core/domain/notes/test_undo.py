"""Reverts: both in the range are gone, a revert of what shipped stays, a revert of a revert brings back."""

import pytest

from core.domain.forge import Pull
from core.domain.notes.model import Heading
from tests.core.domain.notes.told import commit, drafted, line, sha, titles


def reverting(name: str, of: str, title: str, number: str = ""):
    return commit(name, f'Revert "{title}"{number}', f"This reverts commit {sha(of)}.")


def test_both_in_the_range_cancel_and_are_listed():
    revert = reverting("r", "a", "feat: x (#1)", " (#2)")
    found = drafted(line(revert, commit("b", "fix: y"), commit("a", "feat: x (#1)")))
    assert titles(found) == ["Y"]
    assert [(r.item.id, r.by.id) for r in found.reverted] == [("#1", "#2")]


def test_a_revert_of_a_revert_brings_it_back_and_again():
    first = [reverting("r", "a", "feat: x"), commit("a", "feat: x")]
    second = [reverting("q", "r", 'Revert "feat: x"'), *first]
    third = [reverting("p", "q", 'Revert "Revert "feat: x""'), *second]
    assert titles(drafted(line(*second))) == ["X"]
    assert titles(drafted(line(*third))) == []
    kept = drafted(line(*second))
    assert [(r.item.title[:6], r.by.title[:6]) for r in kept.reverted] == [("Revert", "Revert")]
    reapplied = commit("q", 'Reapply "feat: x"', f"This reverts commit {sha('r')}.")
    assert titles(drafted(line(reapplied, *first))) == ["X"]


def test_a_revert_of_what_shipped_is_kept_and_is_a_fix():
    item = drafted(line(reverting("r", "gone", "feat: x (#1)", " (#2)"))).items[0]
    assert (item.title, item.heading, item.why, item.fix) == ("Reverted: feat: x", Heading.FIXES, "revert", True)
    again = drafted(line(reverting("r", "gone", 'Revert "feat: x (#1)" (#2)', " (#3)"))).items[0]
    assert (again.title, again.heading, again.why) == ("Re-applied: X", Heading.FEATURES, "reapplied:prefix:feat")


def test_a_revert_of_something_in_the_range_that_shipped_by_a_backport_is_kept():
    history = line(reverting("r", "a", "feat: x"), commit("a", "feat: x"))
    found = drafted(history, shipped={sha("a"): "1.2.1"})
    assert titles(found) == ["Reverted: feat: x"] and [s.version for s in found.shipped] == ["1.2.1"]


def test_whole_pull_requests_cancel_by_number_by_merge_and_by_all_their_commits():
    branch = [commit("b", "more", parents=["a"]), commit("a", "some", parents=["base"])]
    merge = commit("m", "Merge pull request #7 from team/x", "Saved searches", ["base", "b"])
    by_number = commit("r", 'Revert "Saved searches" (#8)', "Reverts team/product#7", ["m"])
    by_merge = commit("r", "Revert \"Merge pull request #7 from team/x\"",
                      f"This reverts commit {sha('m')}, reversing\nchanges made to {sha('base')}.", ["m"])  # fmt: skip
    both = f"This reverts commit {sha('b')}.\nThis reverts commit {sha('a')}."
    by_all = commit("r", 'Revert "Saved searches" (#8)', both, ["m"])
    for revert in (by_number, by_merge, by_all):
        assert titles(drafted(line(revert, merge, *branch))) == []
    part = commit("r", 'Revert "more"', f"This reverts commit {sha('b')}.", ["m"])
    assert titles(drafted(line(part, merge, *branch))) == ["Reverted: more", "Saved searches"], "only a part is gone"


def test_titles_decide_where_nothing_else_is_told():
    assert titles(drafted(line(commit("r", "revert: feat: x"), commit("b", "fix: y"), commit("a", "feat: x")))) == ["Y"]
    plain = "Revert the sort order to ascending"
    assert titles(drafted(line(commit("r", plain)))) == [plain]


def test_a_revert_after_a_re_application_takes_the_newer_one():
    history = line(
        commit("c", 'Revert "feat: x"'), commit("b", "feat: x"), reverting("r", "a", "feat: x"), commit("a", "feat: x")
    )  # fmt: skip
    found = drafted(history)
    assert titles(found) == [] and [r.item.id for r in found.reverted] == [sha("b")[:12], sha("a")[:12]]


def test_a_pull_request_that_reverts_is_known_by_its_commits_and_text():
    pull = Pull(8, 'Revert "Saved searches"', "Reverts team/product#7", state="merged")
    history = line(commit("r", "Take it out (#8)"), commit("a", "Saved searches (#7)"))
    assert titles(drafted(history, pulls=[pull, Pull(7, "Saved searches")])) == []


@pytest.mark.parametrize("title", ['Revert "', 'Revert ""', "Revert", "revert:", 'Revert "Revert "Revert "', "Reapply"])
def test_broken_forms_lose_nothing(title: str):
    found = drafted(line(commit("r", title), commit("a", "feat: x")))
    assert len(found.items) == 2
