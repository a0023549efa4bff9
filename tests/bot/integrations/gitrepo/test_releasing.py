"""From the cut to the promotion on a real remote: what is published is what was signed, made by anybody."""

from __future__ import annotations

import pytest

from core.domain.repository import CutBranch, Promote
from core.errors import Refused


async def test_cut_makes_the_branch_and_its_first_candidate(yard):
    plan = await yard.bot().plan(yard.cut())

    assert [change.ref for change in plan.refs] == ["refs/heads/release/1.3.0", "refs/tags/v1.3.0-rc.1"]
    assert [change.old for change in plan.refs] == ["", ""]
    assert "refs/heads/release/1.3.0" not in yard.product.refs(), "a plan moves nothing"

    assert (await yard.bot().push(yard.cut(), plan)).outcome == "done"
    assert yard.head("release/1.3.0") == yard.tagged("v1.3.0-rc.1") == yard.head("develop") == plan.commit
    assert yard.product.git("cat-file", "-t", "refs/tags/v1.3.0-rc.1") == "tag"
    assert "The first candidate" in yard.product.git("cat-file", "tag", "refs/tags/v1.3.0-rc.1")


async def test_a_hotfix_branch_is_cut_from_the_production_tag_without_a_candidate(yard):
    order = CutBranch("hotfix/1.2.2-hotfix.1", yard.tagged("v1.2.2"), yard.cut().made_at)

    assert (await yard.do(order)).outcome == "done"
    assert yard.head("hotfix/1.2.2-hotfix.1") == yard.tagged("v1.2.2")


async def test_the_promotion_has_the_tree_of_the_candidate_and_leads_back_to_develop(ready):
    main, develop = ready.head("main"), ready.head("develop")
    candidate = ready.rc2
    later = ready.product.merge_pull(340)

    order = ready.promotion(candidate, production=ready.tagged("v1.2.2"))
    plan = await ready.bot().plan(order)
    assert (await ready.bot().push(order, plan)).outcome == "done"

    promotion = ready.head("main")
    assert ready.product.tree_of("main") == ready.product.tree_of("v1.3.0-rc.2") == plan.tree
    assert ready.product.git("rev-parse", "main^1", "main^2").split() == [main, candidate]
    assert ready.tagged("v1.3.0") == promotion == plan.commit
    assert ready.product.git("rev-parse", "develop^1", "develop^2").split() == [later, promotion]
    assert "owner_import" in ready.product.git("ls-tree", "-r", "--name-only", "develop")
    assert "\\u2019" in ready.product.read("develop", "asset_anchor/pages/properties.py"), "the fix came back"
    assert plan.conflicts == ()
    assert develop != later
    ready.product.git("fsck", "--strict")


async def test_the_author_of_what_the_bot_makes_is_the_bot_at_the_time_of_the_order(ready):
    candidate = ready.rc2
    await ready.do(ready.promotion(candidate))

    said = ready.product.git("show", "-s", "--format=%an|%ae|%ai|%cn|%ci|%s", "main")
    at = "2026-12-16 15:00:00 +0000"
    assert said == f"Release Bot|release-bot@localhost.invalid|{at}|Release Bot|{at}|Release v1.3.0"
    layout = "--format=%(taggername) %(taggeremail) %(taggerdate:iso)"
    tagger = ready.product.git("for-each-ref", layout, "refs/tags/v1.3.0")
    assert tagger == f"Release Bot <release-bot@localhost.invalid> {at}"


async def test_two_machines_with_other_time_zones_and_languages_make_equal_plans(ready, monkeypatch):
    candidate = ready.rc2
    order = ready.promotion(candidate)
    here = await ready.bot("here").plan(order)

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1999-01-01T00:00:00Z")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nonexistent/objects")
    home = ready.folder / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n name = Mallory\n[merge]\n renames = false\n[core]\n hooksPath = /evil\n")
    monkeypatch.setenv("HOME", str(home))
    there = await ready.bot("there").plan(order)

    assert here.refs == there.refs
    assert here == there


async def test_the_same_order_planned_again_is_the_same_plan(yard):
    assert await yard.bot().plan(yard.cut()) == await yard.bot().plan(yard.cut())


async def test_a_product_without_develop_gets_main_and_tag(yard):
    yard.product.branch("release/1.3.0", "develop")
    candidate = yard.head("develop")
    yard.product.delete("refs/heads/develop")

    with pytest.raises(Refused) as refused:
        await yard.bot().plan(yard.promotion(candidate))
    assert [(b.code, b.facts["branch"]) for b in refused.value.blockers] == [("git.branch_missing", "develop")]

    order = yard.promotion(candidate, merge_into=())
    assert (await yard.do(order)).outcome == "done"
    assert yard.tagged("v1.3.0") == yard.head("main")
    assert "refs/heads/develop" not in yard.product.refs()


async def test_open_release_branches_get_the_hotfix_too(ready):
    await ready.do(CutBranch("hotfix/1.2.2-hotfix.1", ready.tagged("v1.2.2"), ready.cut().made_at))
    fix = ready.product.fix("hotfix/1.2.2-hotfix.1", 338)

    order = ready.promotion(fix, "v1.2.2-hotfix.1", merge_into=("develop", "release/1.3.0", "develop"))
    plan = await ready.bot().plan(order)
    assert [change.ref for change in plan.refs] == [
        "refs/heads/main", "refs/tags/v1.2.2-hotfix.1", "refs/heads/develop", "refs/heads/release/1.3.0",
    ]  # fmt: skip
    assert (await ready.bot().push(order, plan)).outcome == "done"
    for branch in ("develop", "release/1.3.0"):
        assert ready.product.git("merge-base", "main", branch) == ready.head("main")


async def test_another_releases_branch_that_somebody_deleted_holds_up_nobody(ready):
    await ready.do(CutBranch("hotfix/1.2.2-hotfix.1", ready.tagged("v1.2.2"), ready.cut().made_at))
    fix = ready.product.fix("hotfix/1.2.2-hotfix.1", 338)
    lagging = ("release/1.3.0", "release/1.4.0")
    order = ready.promotion(fix, "v1.2.2-hotfix.1", merge_into=("develop", *lagging), may_be_gone=lagging)

    plan = await ready.bot().plan(order)

    moved = [change.ref for change in plan.refs]
    assert "refs/heads/release/1.3.0" in moved and "refs/heads/release/1.4.0" not in moved
    assert (await ready.bot().push(order, plan)).outcome == "done"


async def test_a_back_merge_that_conflicts_is_left_out_and_named_with_people(ready):
    ready.product.commit("release/1.3.0", "README.md", "# Asset Anchor 1.3\n", author="Kim", subject="Say 1.3")
    ready.product.commit("develop", "README.md", "# Asset Anchor, next\n", author="Dana", subject="Say next")
    candidate = ready.head("release/1.3.0")
    develop = ready.head("develop")

    order = ready.promotion(candidate)
    plan = await ready.bot().plan(order)

    assert [change.ref for change in plan.refs] == ["refs/heads/main", "refs/tags/v1.3.0"]
    (conflict,) = plan.conflicts
    assert (conflict.branch, conflict.files) == ("develop", ("README.md",))
    assert conflict.people["README.md"] == ("Kim", "Dana"), "whoever touched it last comes first"
    assert (await ready.bot().push(order, plan)).outcome == "done"
    assert ready.head("develop") == develop
    assert ready.tagged("v1.3.0") == ready.head("main")


async def test_a_plan_with_a_conflict_is_published_from_a_clone_that_never_saw_it(ready):
    ready.product.commit("release/1.3.0", "README.md", "# one\n", subject="One")
    ready.product.commit("develop", "README.md", "# two\n", subject="Two")
    order = ready.promotion(ready.head("release/1.3.0"))
    plan = await ready.bot("here").plan(order)

    assert (await ready.bot("there").push(order, plan)).outcome == "done"
    assert ready.head("main") == plan.commit


async def test_a_conflict_that_was_solved_meanwhile_does_not_change_a_stored_plan(ready):
    ready.product.commit("release/1.3.0", "README.md", "# one\n", subject="One")
    ready.product.commit("develop", "README.md", "# two\n", subject="Two")
    order = ready.promotion(ready.head("release/1.3.0"))
    plan = await ready.bot("here").plan(order)
    develop = ready.product.commit("develop", "README.md", "# one\n", subject="One, as in the release")

    assert (await ready.bot("there").push(order, plan)).outcome == "done"
    assert ready.head("main") == plan.commit
    assert ready.head("develop") == develop


async def test_a_candidate_that_main_was_set_to_by_hand_only_gets_its_tag(ready):
    ready.product.branch("main", ready.rc2)

    assert (await ready.do(ready.promotion(ready.rc2))).outcome == "done"
    assert ready.tagged("v1.3.0") == ready.head("main") == ready.rc2
    assert ready.product.git("merge-base", "--is-ancestor", "main", "develop") == ""


async def test_the_same_content_may_go_again_after_an_abort_with_the_same_tag(ready):
    candidate = ready.rc2
    await ready.do(ready.promotion(candidate))
    refs = ready.product.refs()

    again = Promote(candidate, "v1.3.0", ready.cut().made_at.replace(hour=17), known=ready.known(), message="Go again")
    plan = await ready.bot().plan(again)

    assert {change.ref: change.new for change in plan.refs}.items() <= refs.items()
    assert (await ready.bot().push(again, plan)).outcome == "already"
    assert ready.product.refs() == refs
