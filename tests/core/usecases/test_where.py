"""Where an issue, a pull request or a commit has arrived."""

from __future__ import annotations

from core.usecases.advance import Ask, perform
from core.usecases.where import where
from tests.scenarios.driver import Team


async def test_what_is_out_what_is_coming_and_what_nobody_knows(play: Team) -> None:
    ctx = play.app.ctx
    await play.says("priya", "start minor")
    old = await where(ctx, "AA-97")
    assert old.versions == ("1.2.2",) and ("production", "1.2.2") in old.environments and old.found
    new = await where(ctx, "#338")
    assert new.versions == () and new.environments == () and new.releases == ("1.3.0",)
    assert "develop" in new.branches and new.found[0].pull == 338
    assert (await where(ctx, new.found[0].sha[:9])).releases == ("1.3.0",)
    await play.says("priya", "start hotfix card payments time out")
    hotfix = (await play.facts("1.2.2-hotfix.1"))["id"]
    await perform(ctx, Ask("U0PRIYA", "scope_add", release=hotfix, input={"ref": "#338"}))
    await play.settles()
    picked = await where(ctx, "#338")
    assert len(picked.found) == 2 and set(picked.releases) == {"1.3.0", "1.2.2-hotfix.1"}, "a pick is the same change"
    none = await where(ctx, "AA-99999")
    assert (none.found, none.versions, none.releases) == ((), (), ())
