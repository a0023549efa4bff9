"""v1.3.0 was published and taken back; the hotfix of v1.2.2 must ship as signed, and no work must get lost."""

from __future__ import annotations

import pytest

from core.errors import Refused

HOTFIX = "hotfix/1.2.2-hotfix.1"
TAG = "v1.2.2-hotfix.1"


async def test_the_hotfix_ships_the_signed_tree_and_develop_keeps_everything(rolled_back):
    yard, candidate = rolled_back, rolled_back.head(HOTFIX)
    develop_before = yard.head("develop")

    result = await yard.do(yard.promotion(candidate, TAG, production=yard.tagged("v1.2.2")))

    assert result.outcome == "done"
    assert yard.product.tree_of("main") == yard.product.tree_of(candidate), "what is live is what was signed"
    assert yard.product.read("main", "VERSION") == "1.2.2\n"
    assert "statements.py" not in yard.product.git("ls-tree", "-r", "--name-only", "main")
    assert yard.product.git("diff", "--name-only", develop_before, "develop") == "", "the fix was there, nothing went"
    assert yard.product.git("merge-base", "--is-ancestor", "v1.2.2", "main") == ""


async def test_a_plain_merge_would_have_shipped_and_lost_something_else(rolled_back):
    """The proof that the rule is needed: git's own merges of the same commits give other trees."""
    yard, candidate = rolled_back, rolled_back.head(HOTFIX)
    main_before, develop_before = yard.head("main"), yard.head("develop")

    plain = yard.product.git("merge-tree", "--write-tree", main_before, candidate)
    assert plain != yard.product.tree_of(candidate)
    assert "statements.py" in yard.product.git("ls-tree", "-r", "--name-only", plain), "v1.3.0 would ship again"

    await yard.do(yard.promotion(candidate, TAG))
    back = yard.product.git("merge-tree", "--write-tree", develop_before, "main")
    assert "statements.py" not in yard.product.git("ls-tree", "-r", "--name-only", back), "v1.3.0 would be deleted"
    assert "statements.py" in yard.product.git("ls-tree", "-r", "--name-only", "develop")


async def test_the_next_minor_ships_whole_and_contains_production(rolled_back):
    yard = rolled_back
    await yard.do(yard.promotion(yard.head(HOTFIX), TAG))
    production = yard.tagged(TAG)
    yard.product.merge_pull(340)
    await yard.do(yard.cut("1.3.1", tag="v1.3.1-rc.1"))

    candidate = yard.head("release/1.3.1")
    result = await yard.do(yard.promotion(candidate, "v1.3.1", production=production))

    assert result.outcome == "done"
    files = yard.product.git("ls-tree", "-r", "--name-only", "v1.3.1")
    assert "statements.py" in files
    assert "owner_import.py" in files
    assert "TIMEOUT = 30" in yard.product.read("v1.3.1", "asset_anchor/pages/payments.py")
    assert yard.product.git("merge-base", "--is-ancestor", production, "v1.3.1") == ""


async def test_a_burnt_version_that_nobody_names_is_drift(rolled_back):
    yard = rolled_back
    known = tuple(sha for sha in yard.known() if sha != yard.tagged("v1.3.0"))

    with pytest.raises(Refused) as refused:
        await yard.bot().plan(yard.promotion(yard.head(HOTFIX), TAG, known=known))

    (blocker,) = refused.value.blockers
    assert blocker.code == "git.drift"
    assert any("#341" in commit for commit in blocker.facts["commits"])


async def test_a_candidate_from_before_the_hotfix_is_behind_production(rolled_back):
    yard = rolled_back
    old = yard.head("release/1.3.0")
    await yard.do(yard.promotion(yard.head(HOTFIX), TAG))

    with pytest.raises(Refused) as refused:
        await yard.bot().plan(yard.promotion(old, "v1.3.1", production=yard.tagged(TAG)))

    behind = next(blocker for blocker in refused.value.blockers if blocker.code == "git.behind")
    assert behind.facts["production"] == yard.tagged(TAG)
    assert behind.facts["commits"] >= 2
