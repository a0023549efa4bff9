"""Plans that are impossible name the reason and touch nothing: drift, missing and moved branches, taken tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.repository import CutBranch, TagCandidate
from core.errors import Refused


async def refusal(yard, order):
    before = yard.product.refs()
    with pytest.raises(Refused) as refused:
        await yard.bot().plan(order)
    assert yard.product.refs() == before
    return {blocker.code: blocker.facts for blocker in refused.value.blockers}


async def test_a_commit_on_main_that_nobody_released_is_named(ready):
    candidate = ready.rc2
    ready.product.commit("main", "README.md", "patched\n", author="Kim", subject="Hot patch")

    facts = (await refusal(ready, ready.promotion(candidate)))["git.drift"]

    assert (facts["branch"], facts["count"]) == ("main", 1)
    assert facts["commits"] == ["Kim, “Hot patch”"]
    assert facts["shas"] == [ready.head("main")]


async def test_drift_that_the_candidate_took_in_is_none(ready):
    patch = ready.product.commit("main", "README.md", "patched\n", author="Kim", subject="Hot patch")
    merged = ready.product.git("merge-tree", "--write-tree", "release/1.3.0", "main")
    heads = ["-p", ready.head("release/1.3.0"), "-p", patch]
    who = ["-c", "user.name=Theo", "-c", "user.email=theo@asset-anchor.example"]
    candidate = ready.product.git(*who, "commit-tree", merged, *heads, "-m", "Take the hot patch in")
    ready.product.branch("release/1.3.0", candidate)

    assert (await ready.do(ready.promotion(candidate))).outcome == "done"


async def test_a_release_merged_by_hand_with_the_tag_on_its_branch_is_no_drift(yard):
    """git-flow by hand: the tag sits on the release branch, main has only the merge of it."""
    tagged = yard.product.git("rev-parse", "v1.2.2^2")
    for ref in ("v1.0.0", "v1.1.0", "v1.2.0", "v1.2.1"):
        assert f"refs/tags/{ref}" in yard.product.refs()
    develop_without_back_merge = yard.product.commit_of("v1.2.1")
    yard.product.branch("release/1.2.3", tagged)
    candidate = yard.product.fix("release/1.2.3", 338)

    known = (tagged, develop_without_back_merge)
    plan = await yard.bot().plan(yard.promotion(candidate, "v1.2.3", known=known, merge_into=()))

    assert plan.tree == yard.product.tree_of(candidate)


async def test_a_release_squashed_into_main_by_hand_is_no_drift(yard):
    tagged = yard.product.git("rev-parse", "v1.2.2^2")
    who = ["-c", "user.name=Theo", "-c", "user.email=theo@asset-anchor.example"]
    before = yard.tagged("v1.2.1")
    squashed = yard.product.git(*who, "commit-tree", f"{tagged}^{{tree}}", "-p", before, "-m", "Release 1.2.2")
    yard.product.branch("main", squashed)
    yard.product.branch("release/1.2.3", tagged)
    candidate = yard.product.fix("release/1.2.3", 338)

    plan = await yard.bot().plan(yard.promotion(candidate, "v1.2.3", known=(tagged,), merge_into=()))

    assert plan.tree == yard.product.tree_of(candidate)


async def test_an_empty_commit_is_drift_unless_main_is_as_it_was_released(ready):
    def empty_commit(subject: str) -> None:
        head = ready.head("main")
        who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
        sha = ready.product.git(*who, "commit-tree", f"{head}^{{tree}}", "-p", head, "-m", subject)
        ready.product.branch("main", sha)

    empty_commit("Trigger a deploy")
    assert (await ready.bot().plan(ready.promotion(ready.rc2))).commit

    ready.product.commit("main", "x", "x\n", author="Kim", subject="Hot patch")
    empty_commit("Trigger it again")
    facts = (await refusal(ready, ready.promotion(ready.rc2)))["git.drift"]
    assert facts["commits"] == ["Kim, “Trigger it again”", "Kim, “Hot patch”"]


async def test_a_hand_merge_that_brings_strangers_is_still_drift(ready):
    candidate = ready.rc2
    ready.product.branch("side", "main")
    side = ready.product.commit("side", "evil.py", "print()\n", author="Kim", subject="Not reviewed")
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    heads = ["-p", ready.head("main"), "-p", side]
    merge = ready.product.git(*who, "commit-tree", f"{side}^{{tree}}", *heads, "-m", "Merge branch 'side'")
    ready.product.branch("main", merge)

    facts = (await refusal(ready, ready.promotion(candidate)))["git.drift"]

    assert facts["commits"] == ["Kim, “Not reviewed”"]


async def test_a_merge_that_changes_something_of_its_own_is_drift(ready):
    candidate = ready.rc2
    await ready.do(ready.promotion(candidate))
    ready.product.merge_pull(343, into="release/1.3.0")
    evil_tree = ready.product.tree_of(ready.product.commit("develop", "evil.py", "print()\n", subject="Hidden"))
    ready.product.branch("develop", "develop~1")
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    heads = ["-p", ready.head("main"), "-p", ready.tagged("v1.2.2")]
    ready.product.branch("main", ready.product.git(*who, "commit-tree", evil_tree, *heads, "-m", "Merge v1.2.2 again"))

    facts = (await refusal(ready, ready.promotion(ready.head("release/1.3.0"), "v1.3.1")))["git.drift"]

    assert facts["commits"] == ["Kim, “Merge v1.2.2 again”"]


async def test_missing_main_and_missing_release_branch(yard):
    order = TagCandidate("release/9.9.9", yard.head("develop"), "v9.9.9-rc.1", yard.cut().made_at)
    assert (await refusal(yard, order))["git.branch_missing"] == {"branch": "release/9.9.9"}

    promotion = yard.promotion(yard.head("develop"), main="trunk")
    assert (await refusal(yard, promotion))["git.branch_missing"] == {"branch": "trunk"}


async def test_a_candidate_that_is_not_the_head_of_its_branch(yard):
    await yard.do(yard.cut())
    old = yard.head("release/1.3.0")
    new = yard.product.merge_pull(341, into="release/1.3.0")

    order = TagCandidate("release/1.3.0", old, "v1.3.0-rc.2", yard.cut().made_at)
    assert (await refusal(yard, order))["git.branch_moved"] == {"branch": "release/1.3.0", "at": new, "wanted": old}


async def test_a_tag_that_is_elsewhere_is_never_moved(ready):
    candidate = ready.rc2
    ready.product.git("update-ref", "refs/tags/v1.3.0", ready.head("develop"))

    facts = (await refusal(ready, ready.promotion(candidate)))["git.tag_exists"]
    assert (facts["tag"], facts["at"]) == ("v1.3.0", ready.head("develop"))

    rc = TagCandidate("release/1.3.0", candidate, "v1.2.2", ready.cut().made_at)
    assert (await refusal(ready, rc))["git.tag_exists"]["at"] == ready.tagged("v1.2.2")


async def test_a_tag_of_the_same_order_asked_for_at_another_hour_is_the_one_that_was_wanted(yard):
    """A push whose end nobody saw is planned anew later; what it had published is no obstacle."""
    first = yard.cut()
    await yard.do(first)
    tag = yard.product.refs()["refs/tags/v1.3.0-rc.1"]

    again = replace(first, made_at=first.made_at + timedelta(days=15))

    assert (await yard.do(again)).outcome == "already"
    assert yard.product.refs()["refs/tags/v1.3.0-rc.1"] == tag


@pytest.mark.parametrize("how", [("-a", "-m", "My own first candidate"), ()], ids=["annotated", "lightweight"])
async def test_a_tag_that_somebody_else_made_is_not_taken_as_ours(yard, how):
    first = yard.cut()
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    yard.product.git(*who, "tag", *how, "v1.3.0-rc.1", first.from_sha)

    facts = (await refusal(yard, first))["git.tag_exists"]

    assert (facts["tag"], facts["wanted"]) == ("v1.3.0-rc.1", first.from_sha)


async def test_a_branch_that_is_elsewhere_is_not_cut_again(yard):
    yard.product.branch("release/1.3.0", "v1.2.0")

    facts = (await refusal(yard, yard.cut()))["git.branch_exists"]
    assert (facts["branch"], facts["at"]) == ("release/1.3.0", yard.tagged("v1.2.0"))


async def test_a_branch_cut_already_on_which_people_went_on_is_taken_as_cut(yard):
    order = CutBranch("release/1.3.0", yard.head("develop"), yard.cut().made_at)
    await yard.do(order)
    later = yard.product.merge_pull(341, into="release/1.3.0")
    later = yard.product.merge_pull(343, into="release/1.3.0")

    assert (await yard.do(order)).outcome == "already"
    assert yard.head("release/1.3.0") == later


async def test_a_commit_that_is_nowhere(yard):
    nowhere = "deadbeef" * 5
    order = CutBranch("release/1.3.0", nowhere, yard.cut().made_at)
    assert (await refusal(yard, order))["git.commit_missing"] == {"commit": nowhere}


async def test_a_shallow_remote_can_be_read_but_not_planned_on(yard, tmp_path):
    shallow = tmp_path / "shallow.git"
    flags = ("--quiet", "--bare", "--no-single-branch", "--depth=2")
    yard.product.git("clone", *flags, f"file://{yard.product.path}", str(shallow))
    develop = yard.head("develop")
    bot = yard.bot("shallow", remote=str(shallow))

    assert (await bot.look()).heads["develop"] == develop
    assert (await bot.changes("", develop))[0].sha == develop
    with pytest.raises(Refused) as refused:
        await bot.plan(yard.cut())
    assert [blocker.code for blocker in refused.value.blockers] == ["git.shallow"]
