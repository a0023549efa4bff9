"""What changed between two names of the remote."""

from __future__ import annotations

import pytest

from core.domain.notes.model import Heading
from core.errors import NotFound
from core.usecases.diff import diff
from tests.scenarios.driver import Team


async def test_between_versions_branches_and_commits(play: Team) -> None:
    ctx = play.app.ctx
    found = await diff(ctx, "1.2.1", "v1.2.2")
    assert [line.text for line in found.notes.lines(Heading.FIXES)] == ["The fee follows the new contract"]
    assert found.base_sha == play.product.commit_of("v1.2.1") and found.count >= len(found.commits) > 0
    ahead = await diff(ctx, "1.2.2", "develop")
    assert len(ahead.draft.items) == 12 and ahead.head_sha == play.product.commit_of("develop")
    same = await diff(ctx, found.head_sha[:10], "1.2.2")
    assert same.draft.items == () and same.count == 0


async def test_an_open_release_is_what_its_branch_holds_and_develop_before_the_freeze(play: Team) -> None:
    ctx = play.app.ctx
    await play.says("priya", "start minor")
    early = await diff(ctx, "1.2.2", "1.3.0")
    assert early.head_sha == play.product.commit_of("develop") and len(early.draft.items) == 12
    with pytest.raises(NotFound):
        await diff(ctx, "1.2.2", "1.3.0-rc.1")
    await play.says("priya", "start patch the fee is wrong")
    branched = await diff(ctx, "1.2.2", "v1.2.3")
    assert branched.head_sha == play.product.commit_of("release/1.2.3")


@pytest.mark.parametrize("name", ["9.9.9", "--output=x", "@{-1}", "nothing"])
async def test_a_name_that_the_remote_does_not_have_is_said(play: Team, name: str) -> None:
    with pytest.raises(NotFound) as missing:
        await diff(play.app.ctx, "1.2.2", name)
    assert missing.value.facts["name"] == name


async def test_a_range_that_was_not_read_to_its_end_says_so(play: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes that lack the older half of a year look as good as whole ones."""
    monkeypatch.setattr("core.usecases.drafting.MOST_COMMITS", 3)
    found = await diff(play.app.ctx, "1.2.2", "develop")
    assert [(g.code, g.facts) for g in found.draft.gaps if g.code == "too_long"] == [("too_long", {"count": 3})]
