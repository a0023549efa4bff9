"""Commits become changes: one per pull request, no merges."""

from datetime import UTC, datetime

from core.domain.forge import Pull
from core.domain.notes.draft import draft
from core.domain.notes.model import Draft, Item, NotesRules, Shipped
from core.domain.repository import Commit
from core.domain.scope import as_drafted, fold, writers
from tests.core.domain.world import QADIR, THEO, World


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


def test_everybody_who_wrote_in_the_range_is_known_also_behind_a_merge_or_a_later_commit_of_the_same_number():
    theo = {"email": "Theo@X"}
    merged = [commit("m", "Merge pull request #7 from team/x", parents="pb", body="Saved searches"),
              commit("b", "wip", parents="p") | theo]
    assert [c.email for c in fold(merged)] == ["d@x"] and writers(merged) == {"d@x": "m", "theo@x": "b"}
    assert writers([commit("b", "more of x (#1)", 1), commit("a", "x (#1)", 1) | theo])["theo@x"] == "a"
    assert writers([commit("m", "Merge branch 'x'", parents="pa") | theo]) == {"theo@x": "m"}, "it may hold more"
    squashed = commit("s", "x (#1)", 1, body="* wip\n\nCo-authored-by: Theo <theo@x>\nCo-Authored-By: Jo <jo@x> \n")
    assert writers([squashed]) == {"d@x": "s", "theo@x": "s", "jo@x": "s"}
    assert writers([commit("s", "x", body="as co-authored-by: nobody <no@x>")]) == {"d@x": "s"}, "a sentence is none"


def test_a_mail_that_github_hides_is_that_of_its_login_whatever_number_stands_before_it():
    hidden = [commit("a", "x") | {"email": "123+Theo-AA@users.noreply.github.com"},
              commit("b", "y", body="Co-authored-by: O <Olu-aa@users.noreply.github.company.example>")]
    assert {"theo-aa@users.noreply.github.com", "olu-aa@users.noreply.github.com"} < writers(hidden).keys()
    policy = World().policy
    assert {"theo@asset-anchor.example", "theo-aa@users.noreply.github.com"} == policy.emails_of(THEO)
    assert not [m for m in policy.emails_of(QADIR) if "noreply" in m], "no login, no such mail"


def test_a_secret_in_a_subject_is_not_told():
    (change,) = fold([commit("a", "fix: use ghp_abcdefghij0123456789ABCDEFGHIJ012345 (#1)", 1)])
    assert change.subject == "fix: use [removed] (#1)"


def test_a_change_knows_its_dates_who_reviewed_it_and_who_brought_it_before():
    days = [datetime(2026, 7, day, tzinfo=UTC) for day in (1, 3, 9)]
    merge = commit("m", "Merge pull request #7 from team/x", parents="pb", body="Saved searches")
    found = fold([merge | {"at": days[2].isoformat()}, commit("b", "wip", parents="a") | {"at": days[1].isoformat()},
                  commit("a", "more", parents="p") | {"at": days[0].isoformat()}, commit("z", "Hot patch")])
    assert [(c.at, c.first_at) for c in found] == [(days[1], days[0]), (None, None)], "the merge is no work"
    pull = Pull(7, "Saved searches", author="dana", reviewers=("dana", "theo"), opened_at=days[0])
    one = Commit("m", ("p",), "Dana", "d@x", days[2], "Saved searches (#7)", pull=7)
    drafted = draft([one], shipped={}, pulls={7: pull}, difference=None, rules=NotesRules(), base="p", head="m")
    old = Draft("p", "m", drafted.items, (Shipped(Item("z", "Hot patch", commits=("z",)), "1.2.9"),))
    seven, patch = as_drafted(found, old, asked=True)
    assert (seven.reviewers, seven.opened_at, seven.shipped) == (("theo",), days[0], "")
    assert (patch.reviewers, patch.shipped) == ((), "1.2.9"), "nobody reviewed what has no pull request"
    assert as_drafted(found, Draft("p", "m"), asked=False) == found
