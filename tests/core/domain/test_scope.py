"""Commits become changes: one per pull request, no merges."""

from core.domain.scope import fold


def commit(sha: str, subject: str, pull: int | None = None, parents: str = "p", body: str = "") -> dict:
    return {"sha": sha, "subject": subject, "author": "Dana", "email": "d@x", "pull": pull, "body": body,
            "parents": list(parents)}


def test_squash_rebase_and_merge_histories_give_the_same_units():
    assert [c.pull for c in fold([commit("a", "feat: x (#1)", 1), commit("b", "fix: y (#2)", 2)])] == [1, 2]
    assert [c.sha for c in fold([commit("b", "more of x (#1)", 1), commit("a", "x (#1)", 1)])] == ["b"]
    merged = fold([commit("m", "Merge pull request #7 from team/x", parents="zb", body="Saved searches\n\nmore"),
                   commit("b", "wip", parents="a"), commit("a", "more wip", parents="p"), commit("z", "Hot patch")])
    assert [(c.pull, c.subject) for c in merged] == [(7, "Saved searches"), (None, "Hot patch")]


def test_branch_merges_are_no_changes_and_direct_commits_are():
    found = fold([commit("m", "Merge branch 'main' into develop", parents="pa"), commit("a", "Hot patch")])
    assert [c.sha for c in found] == ["a"]


def test_a_merge_of_a_numbered_branch_is_counted_once():
    found = fold([commit("m", "Merge pull request #7 from x", parents="pa", body="t"), commit("a", "t (#7)", 7)])
    assert [(c.sha, c.pull) for c in found] == [("m", 7)]
