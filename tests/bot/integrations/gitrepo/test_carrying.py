"""Changes that are pulled in, pulled out and brought home: whole, with their authors, or refused by file and person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.integrations.gitrepo import GitRepository
from core.domain.repository import CutBranch, FinalTag, MergeBranch, Pick, Revert, Solve
from core.domain.scope import writers
from core.errors import Refused
from core.store.records import encode
from tests.bot.integrations.gitrepo.conftest import MADE_AT

BRANCH = "release/1.3.0"
FILES = {"version_files": (("VERSION", r"^(\d\S*)$"),), "changelog": "CHANGELOG.md"}


def pick(yard, *commits: str, **changes) -> Pick:
    return Pick(BRANCH, yard.head(BRANCH), commits, MADE_AT, **changes)


def revert(yard, *commits: str, **changes) -> Revert:
    return Revert(BRANCH, yard.head(BRANCH), commits, MADE_AT, **changes)


def merged_pull(yard) -> tuple[str, list[str]]:
    """A pull request of two people merged into develop with a merge commit; that commit, and those of its branch."""
    yard.product.branch("feature/lists", "develop")
    yard.product.commit("feature/lists", "lists.txt", "one\n", author="Ines", subject="Begin lists")
    tip = yard.product.commit("feature/lists", "lists.txt", "one\ntwo\n", author="Jo", subject="Go on")
    message = "Merge pull request #350 from feature/lists\n\nfeat: lists"
    merge = yard.product.merge("develop", tip, {"lists.txt": "one\ntwo\n"}, author="Kim", message=message)
    return merge, yard.product.git("rev-list", f"{merge}^2", f"^{merge}^1").split()


async def refusal(yard, order):
    before = yard.product.refs()
    with pytest.raises(Refused) as refused:
        await yard.bot().plan(order)
    assert yard.product.refs() == before
    (blocker,) = refused.value.blockers
    return blocker


async def test_a_pull_request_is_pulled_in_with_its_author_and_where_it_came_from(ready):
    message = "feat: notes (#350)\n\nWhy\n\nAcked-by: Jo"
    ready.product.commit("develop", "notes.txt", "one\n", author="Zoë Ünïcode", subject=message)
    sha, head = ready.head("develop"), ready.head(BRANCH)

    assert (await ready.do(pick(ready, sha))).outcome == "done"

    made = ready.head(BRANCH)
    assert ready.product.git("rev-parse", f"{made}^") == head
    assert ready.product.git("show", "-s", "--format=%an|%cn|%s", made) == "Zoë Ünïcode|Release Bot|feat: notes (#350)"
    assert ready.product.git("show", "-s", "--format=%at", made) == ready.product.git("show", "-s", "--format=%at", sha)
    body = ready.product.git("show", "-s", "--format=%b", made)
    assert body == f"Why\n\nAcked-by: Jo\n(cherry picked from commit {sha})"
    assert ready.product.git("diff-tree", "-r", "--no-commit-id", "--name-status", made) == "A\tnotes.txt"
    read = await ready.bot().read_range(made, sha)
    assert read.shipped[sha] == made, "what was picked is known as the same change"
    ready.product.git("fsck", "--strict")


async def test_a_picked_commit_has_the_tree_that_git_cherry_pick_gives(ready, tmp_path):
    ready.product.commit("develop", "README.md", "# Asset Anchor\n\nNew words\n", subject="Words")
    sha, head = ready.product.merge_pull(340), ready.head(BRANCH)
    first = ready.product.git("rev-parse", f"{sha}^")
    await ready.do(pick(ready, sha, first))

    work = tmp_path / "work"
    ready.product.git("clone", "--quiet", "--branch", BRANCH, str(ready.product.path), str(work))
    at = ["-C", str(work), "--git-dir", str(work / ".git"), "--work-tree", str(work)]
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    ready.product.git(*at, "reset", "--quiet", "--hard", head)
    ready.product.git(*at, *who, "cherry-pick", first)
    ready.product.git(*at, *who, "cherry-pick", sha)
    assert ready.product.git(*at, "rev-parse", "HEAD^{tree}") == ready.product.tree_of(BRANCH)


async def test_a_merge_stands_for_all_that_it_brought_and_names_who_wrote_it(ready):
    merge, brought = merged_pull(ready)
    head = ready.head(BRANCH)

    await ready.do(pick(ready, merge, *brought))

    assert ready.product.git("rev-parse", f"{BRANCH}^") == head, "one commit"
    subject, body = ready.product.git("show", "-s", "--format=%s%x00%b", BRANCH).split("\0")
    assert subject == "feat: lists (#350)"
    assert body.splitlines() == [
        f"(cherry picked from commit {merge})",
        "Co-authored-by: Jo <jo@asset-anchor.example>", "Co-authored-by: Ines <ines@asset-anchor.example>",
    ]  # fmt: skip
    read = await ready.bot().read_range(ready.head(BRANCH), merge)
    assert {merge, *brought} == read.shipped.keys()


async def test_nobody_who_wrote_is_hidden_by_the_pick_of_a_merge(ready):
    ready.product.branch("feature/lists", "develop")
    who = "Begin lists\n\nCo-Authored-By: Theo B. <theo@asset-anchor.example>"
    ready.product.commit("feature/lists", "lists.txt", "one\n", author="First", subject=who)
    for n in range(201):
        ready.product.commit("feature/lists", "lists.txt", f"{n}\n", author="Ines", subject="Go on")
    ready.product.branch("feature/side", "develop")
    side = ready.product.commit("feature/side", "side.txt", "one\n", author="Ines", subject="Aside")
    mixed = {"lists.txt": "200\n", "side.txt": "another\n"}
    tip = ready.product.merge("feature/lists", side, mixed, author="Olu", message="Merge branch 'side'")
    message = "Merge pull request #350 from feature/lists\n\nfeat: lists"
    await ready.do(pick(ready, ready.product.merge("develop", tip, mixed, author="Kim", message=message)))

    (commit,) = await ready.bot().changes(ready.product.commit_of(f"{BRANCH}^"), ready.head(BRANCH))
    names = ("first", "ines", "kim", "olu", "theo")
    assert sorted(writers([encode(commit)])) == [f"{name}@asset-anchor.example" for name in names]


async def test_pulled_out_and_in_again_is_as_it_was(ready):
    tree = ready.product.tree_of(BRANCH)
    merge = next(c.sha for c in await ready.bot().changes(ready.head("main"), ready.head(BRANCH)) if c.pull == 342)
    brought = ready.product.git("rev-list", f"{merge}^2", f"^{merge}^1").split()

    await ready.do(revert(ready, merge, *brought))

    assert ready.product.tree_of(BRANCH) != tree
    subject, body = ready.product.git("show", "-s", "--format=%s%x00%b", BRANCH).split("\0")
    assert subject == 'Revert "feat(api): GET /api/properties answers in pages of 50, AA-158 (#342)"'
    assert body.startswith(f"This reverts commit {merge}, reversing\nchanges made to ")
    assert ready.product.git("show", "-s", "--format=%an", BRANCH) == "Release Bot"

    await ready.do(pick(ready, merge))
    assert ready.product.tree_of(BRANCH) == tree

    undo = ready.product.git("rev-parse", f"{BRANCH}^")
    await ready.do(revert(ready, undo, merge))
    assert ready.product.git("rev-list", "--count", f"{undo}..{BRANCH}") == "2", "of the two one was undone already"


@pytest.mark.parametrize("kind", [pick, revert])
async def test_a_conflict_is_refused_by_file_with_who_touched_it(ready, kind):
    sha = ready.product.commit("develop", "README.md", "# Asset Anchor, next\n", author="Dana", subject="Say next")
    if kind is revert:
        ready.product.branch(BRANCH, sha)
    ready.product.commit(BRANCH, "README.md", "# Asset Anchor 1.3\n", author="Kim", subject="Say 1.3")

    blocker = await refusal(ready, kind(ready, sha))

    assert blocker.code == "git.conflict"
    assert (blocker.facts["branch"], blocker.facts["files"], blocker.facts["commit"]) == (BRANCH, ["README.md"], sha)
    assert blocker.facts["people"]["README.md"][0] == "Kim"


@pytest.mark.parametrize("back", [False, True])
async def test_what_conflicts_lies_with_its_marks_on_a_branch_and_people_keep_what_they_do_there(ready, back):
    sha = ready.product.commit("develop", "README.md", "# Asset Anchor, next\n", author="Dana", subject="Say next")
    if back:
        ready.product.branch(BRANCH, sha)
    head = ready.product.commit(BRANCH, "README.md", "# Asset Anchor 1.3\n", author="Kim", subject="Say 1.3")
    order = Solve("solve/v1.3.0-pick-1", head, (sha,), MADE_AT, back)

    assert (await ready.do(order)).outcome == "done"

    made = ready.head(order.branch)
    assert ready.product.git("rev-parse", f"{made}^") == head == ready.head(BRANCH), "the release's own branch stays"
    text = ready.product.git("show", f"{made}:README.md")
    assert "<<<<<<<" in text and "# Asset Anchor 1.3" in text and ">>>>>>>" in text
    words = ready.product.git("show", "-s", "--format=%an|%B", made)
    assert words.startswith('Release Bot|Revert "Say next"' if back else "Dana|Say next") and sha in words
    solved = ready.product.commit(order.branch, "README.md", "# Asset Anchor, 1.3\n", author="Kim", subject="Solve it")
    assert (await ready.do(order)).outcome == "already" and ready.head(order.branch) == solved


async def test_what_is_in_already_or_out_already_is_said(ready):
    held = ready.product.git("rev-parse", "develop")
    assert (await refusal(ready, pick(ready, held))).code == "git.nothing"
    fresh = ready.product.commit("develop", "x.txt", "x\n", subject="X")
    blocker = await refusal(ready, revert(ready, fresh))
    assert (blocker.code, blocker.facts["kind"], blocker.facts["commits"]) == ("git.nothing", "revert", [fresh])


async def test_a_branch_that_moved_or_is_gone_is_not_touched(ready):
    sha = ready.product.commit("develop", "x.txt", "x\n", subject="X")
    order = pick(ready, sha)
    ready.product.commit(BRANCH, "y.txt", "y\n", subject="Y")
    assert (await refusal(ready, order)).code == "git.branch_moved"
    assert (await refusal(ready, replace(order, branch="release/9.9.9"))).code == "git.branch_missing"
    assert (await refusal(ready, replace(pick(ready, sha), commits=("deadbeef" * 5,)))).code == "git.commit_missing"


async def test_a_stored_pick_is_made_again_elsewhere_and_stopped_by_the_lease(ready):
    sha = ready.product.commit("develop", "x.txt", "x\n", subject="X")
    order = pick(ready, sha)
    plan = await ready.bot("here").plan(order)

    async def somebody_is_faster(_name: str) -> None:
        ready.product.commit(BRANCH, "y.txt", "y\n", subject="Y")

    other = GitRepository(ready.settings("there"), failpoint=somebody_is_faster)
    assert (await other.push(order, plan)).outcome == "moved"
    again = pick(ready, sha)
    assert (await ready.bot("third").push(again, await ready.bot("here").plan(again))).outcome == "done"


async def test_a_picked_changelog_entry_and_version_do_not_conflict(ready):
    old = ready.product.read("develop", "CHANGELOG.md")
    ours = old.replace("## [1.2.2]", "## [1.3.0]\n\n- Ours\n\n## [1.2.2]")
    ready.product.commit(BRANCH, "CHANGELOG.md", ours, subject="a")
    ready.product.commit(BRANCH, "VERSION", "1.3.0\n", subject="b")
    theirs = old.replace("## [1.2.2]", "## [Unreleased]\n\n- Next\n\n## [1.2.2]")
    ready.product.commit("develop", "CHANGELOG.md", theirs, subject="c")
    head = ready.head("develop")
    assert (await refusal(ready, pick(ready, head))).code == "git.conflict", "not unless the policy names the file"

    await ready.do(pick(ready, head, **FILES))
    text = ready.product.read(BRANCH, "CHANGELOG.md")
    assert "## [Unreleased]\n\n- Next\n\n## [1.3.0]\n\n- Ours\n\n## [1.2.2]" in text

    assert (await refusal(ready, revert(ready, head, **FILES))).code == "git.nothing", "words are not taken back"


async def test_hostile_authors_dates_and_messages_are_carried(ready):
    tree = ready.product.tree_of(ready.product.commit("develop", "x.txt", "x\n", subject="X"))
    raw = (
        f"tree {tree}\nparent {ready.head('develop~1')}\nauthor  <> 1765897200 +0545\n"
        "committer Kim <k@x.example> 1765897200 +0000\nencoding ISO-8859-1\n\ncaf\xe9 --amend\n\n" + "w" * 300_000
    )
    options = ("-t", "commit", "-w", "--literally", "--stdin")
    sha = ready.product.git("hash-object", *options, stdin=raw.encode("latin-1"))
    ready.product.branch("develop", sha)

    await ready.do(pick(ready, sha))

    said = ready.product.git("show", "-s", "--format=%an|%ai|%s", BRANCH)
    assert said == "unknown|2025-12-16 20:45:00 +0545|café --amend"
    assert len(ready.product.git("show", "-s", "--format=%b", BRANCH)) > 300_000


async def test_the_first_commit_of_a_history_can_be_picked(yard):
    root = yard.product.git("rev-list", "--max-parents=0", "main")
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    empty = yard.product.git("mktree")
    yard.product.branch(BRANCH, yard.product.git(*who, "commit-tree", empty, "-m", "Begin"))

    await yard.do(pick(yard, root))
    assert yard.product.tree_of(BRANCH) == yard.product.tree_of(root)

    await yard.do(revert(yard, yard.head(BRANCH)))
    assert yard.product.tree_of(BRANCH) == empty


async def test_the_fixes_of_a_cancelled_release_come_home_without_its_version(ready):
    old = ready.product.read("develop", "CHANGELOG.md")
    ready.product.commit(BRANCH, "VERSION", "1.3.0\n", subject="Prepare")
    theirs = old.replace("## [1.2.2]", "## [1.3.0]\n\n- x\n\n## [1.2.2]")
    ready.product.commit(BRANCH, "CHANGELOG.md", theirs, subject="Prepare")
    develop, source = ready.head("develop"), ready.head(BRANCH)

    order = MergeBranch("develop", develop, source, MADE_AT, "Bring the fixes of 1.3.0 home", **FILES)
    assert (await ready.do(order)).outcome == "done"

    assert ready.product.git("rev-parse", "develop^1", "develop^2").split() == [develop, source]
    assert ready.product.read("develop", "VERSION") == "1.2.2\n"
    assert ready.product.read("develop", "CHANGELOG.md") == old
    assert "\\u2019" in ready.product.read("develop", "asset_anchor/pages/properties.py"), "the fix came home"

    again = replace(order, head=ready.head("develop"))
    assert (await ready.do(again)).outcome == "already"


async def test_a_merge_home_that_conflicts_is_refused(ready):
    ready.product.commit(BRANCH, "README.md", "# one\n", author="Kim", subject="One")
    ready.product.commit("develop", "README.md", "# two\n", author="Dana", subject="Two")
    blocker = await refusal(ready, MergeBranch("develop", ready.head("develop"), ready.head(BRANCH), MADE_AT))
    assert blocker.code == "git.conflict"
    assert blocker.facts["people"]["README.md"] == ["Kim", "Dana"]


async def test_a_final_tag_outside_of_a_release(yard):
    order = FinalTag("v1.3.0", yard.head("develop"), MADE_AT, "Release notes\n\n- Über ✓")
    assert (await yard.do(order)).outcome == "done"
    assert yard.tagged("v1.3.0") == yard.head("develop")
    assert "- Über ✓" in yard.product.git("cat-file", "tag", "refs/tags/v1.3.0")

    later = replace(order, made_at=MADE_AT.replace(hour=18))
    assert (await yard.do(later, "elsewhere")).outcome == "already"
    assert (await refusal(yard, replace(order, sha=yard.head("main")))).code == "git.tag_exists"
    assert (await refusal(yard, replace(order, tag="-x"))).code == "git.bad_name"


async def test_hostile_names_of_branches_are_refused(yard):
    head = yard.head("develop")
    for name in ("-x", "HEAD", "@{-1}", "refs/heads/main"):
        for order in (Pick(name, head, (head,), MADE_AT), Revert(name, head, (head,), MADE_AT),
                      MergeBranch(name, head, head, MADE_AT), CutBranch(name, head, MADE_AT)):  # fmt: skip
            assert (await refusal(yard, order)).code == "git.bad_name"
