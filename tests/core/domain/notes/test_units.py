"""Commits become units: one per pull request whatever way it was merged, and none is lost."""

import time

import pytest

from core.domain.forge import Pull
from core.domain.notes.model import NotesRules
from core.domain.notes.units import units
from core.domain.repository import Commit
from tests.core.domain.notes.told import AT, commit, drafted, line, sha, titles

LASTING = NotesRules().lasting


def folded(commits, *pulls: Pull) -> list[tuple[int | None, list[str]]]:
    return [(u.pull, [c.subject for c in u.commits]) for u in units(commits, {p.number: p for p in pulls}, LASTING)]


def test_a_squash_is_a_unit_and_so_is_a_direct_commit():
    history = line(commit("b", "Add x (#2)"), commit("a", "Hot patch"))
    assert folded(history) == [(2, ["Add x (#2)"]), (None, ["Hot patch"])]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Merge pull request #7 from team/x", "Saved searches\n\nmore"),
        ("Merge branch 'x' into 'develop'", "Saved searches\n\nSee merge request team/product!7"),
        ("Merged in x (pull request #7)", "Saved searches\n\nApproved-by: Theo"),
        ("Merged PR 7: Saved searches", ""),
        ("Saved searches (#7)", "Reviewed."),
    ],
    ids=["github", "gitlab", "bitbucket", "azure", "title as subject"],
)
def test_a_merged_pull_request_stands_for_its_branch_in_the_words_of_each_host(subject: str, body: str):
    history = line(
        commit("m", subject, body, ["z", "b"]),
        commit("b", "more wip", parents=["a"]),
        commit("a", "wip", parents=["base"]),
        commit("z", "Hot patch", parents=["base"]),
    )
    found = units(history, {}, LASTING)
    assert [(u.pull, u.title, len(u.commits)) for u in found] == [(7, "Saved searches", 3), (None, "", 1)]


def test_a_merge_of_a_lasting_branch_carries_and_is_no_unit():
    history = line(
        commit("m", "Merge pull request #50 from team/develop", "Release 1.3", ["p", "c"]),
        commit("c", "Add c (#12)", parents=["b"]),
        commit("b", "Add b (#11)", parents=["a"]),
        commit("a", "Direct", parents=["base"]),
    )
    assert folded(history) == [(12, ["Add c (#12)"]), (11, ["Add b (#11)"]), (None, ["Direct"])]


def test_a_pull_request_merged_into_another_is_its_own_unit_and_one_of_only_such_carries():
    inner = commit("n", "Merge pull request #8 from team/part", "A part", ["e", "w"])
    history = line(
        commit("m", "Merge pull request #9 from team/epic", "The whole", ["base", "n"]),
        inner,
        commit("w", "work on it", parents=["e"]),
        commit("e", "first of the epic", parents=["base"]),
    )
    assert [(u.pull, len(u.commits)) for u in units(history, {}, LASTING)] == [(9, 2), (8, 2)]
    only = line(
        commit("m", "Merge pull request #9 from team/epic", "The whole", ["base", "n"]),
        commit("n", "Merge pull request #8 from team/part", "A part", ["base", "w"]),
        commit("w", "work on it", parents=["base"]),
    )
    assert [(u.pull, len(u.commits)) for u in units(only, {}, LASTING)] == [(8, 2)]


def test_a_squash_inside_a_merged_branch_counts_alone_when_the_forge_knows_it():
    history = line(
        commit("m", "Merge pull request #9 from team/epic", "The whole", ["base", "b"]),
        commit("b", "Add b (#4)", parents=["a"]),
        commit("a", "start", parents=["base"]),
    )
    assert [u.pull for u in units(history, {}, LASTING)] == [9]
    assert [u.pull for u in units(history, {4: Pull(4, "Add b")}, LASTING)] == [9, 4]


def test_merges_of_branches_bring_nothing_and_hide_nothing():
    history = line(
        commit("m", "Merge branch 'feature/x' into develop", "", ["z", "b"]),
        commit("b", "Add b", parents=["u"]),
        commit("u", "Merge branch 'develop' into feature/x", "", ["a", "z"]),
        commit("a", "Add a", parents=["base"]),
        commit("z", "Add z", parents=["base"]),
    )
    assert [u.newest.subject for u in units(history, {}, LASTING)] == ["Add b", "Add a", "Add z"]


def test_rebased_commits_are_one_unit_by_their_number_or_by_what_the_forge_tells():
    told = line(commit("c", "test: x (#3)"), commit("b", "feat: x (#3)"), commit("a", "Other"))
    assert [(u.pull, len(u.commits)) for u in units(told, {}, LASTING)] == [(3, 2), (None, 1)]
    assert [(i.title, i.why) for i in drafted(told).items[:1]] == [("X", "prefix:feat")], "what leads names the unit"
    bare = line(commit("c", "test: x"), commit("b", "feat: x"), commit("a", "Other"))
    pull = Pull(3, "The search", state="merged", merge_sha=sha("c"), commits=2)
    assert [(u.pull, len(u.commits)) for u in units(bare, {3: pull}, LASTING)] == [(3, 2), (None, 1)]
    squashed = Pull(3, "test: x", state="merged", merge_sha=sha("c"), commits=5)
    assert [(u.pull, len(u.commits)) for u in units(bare, {3: squashed}, LASTING)] == [(3, 1), (None, 1), (None, 1)]


def test_the_number_may_stand_in_a_trailer_and_the_forges_title_wins():
    history = line(commit("a", "src: fix x", "PR-URL: https://forge.test/team/x/pull/77\nReviewed-By: Theo"))
    assert [u.pull for u in units(history, {}, LASTING)] == [77]
    assert titles(drafted(history, pulls=[Pull(77, "fix: the search")])) == ["The search"]


def test_a_merge_without_a_title_takes_the_branch_and_a_branch_may_tell_what_it_is():
    merge = commit("m", "Merge pull request #7 from team/fix/late-fees", "", ["base", "a"])
    found = drafted(line(merge, commit("a", "wip", parents=["base"]))).items[0]
    assert (found.title, found.why, found.fix) == ("Late fees", "branch:fix", True)


def test_a_long_history_of_merges_is_walked_once():
    history, tip = [], "base"
    for n in range(6_000):
        history.append(Commit(f"{n:08x}b", (sha(tip) if tip == "base" else tip,), "D", "d@x", AT, "wip"))
        merge = f"Merge pull request #{n + 1} from team/x"
        parents = (history[-1].parents[0], history[-1].sha)
        history.append(Commit(f"{n:08x}m", parents, "D", "d@x", AT, merge, f"Title {n}", n + 1))
        tip = history[-1].sha
    began = time.perf_counter()
    found = units(history[::-1], {}, LASTING)
    assert len(found) == 6_000 and {len(u.commits) for u in found} == {2}
    assert time.perf_counter() - began < 2.0, "each merge must not look at all that lies under it"


def test_a_chain_of_merges_of_merges_needs_no_stack_of_calls():
    history = [commit("base0", "start", parents=[])]
    for n in range(3_000):
        history.append(Commit(f"{n:08x}", (sha("base"), history[-1].sha), "D", "d@x", AT, "Merge branch 'x'"))
    assert [u.newest.subject for u in units(history[::-1], {}, LASTING)] == ["start"]
