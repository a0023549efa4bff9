"""Fix forward opens a hotfix on what is live and hands it production's lock, in one unit."""

from __future__ import annotations

import pytest

from core.errors import Refused, Stale
from core.usecases.advance import Ask
from core.usecases.fix import fix_forward
from tests.scenarios.driver import Team


async def live(play: Team) -> int:
    """A patch that is live."""
    await play.says("priya", "start patch wrong month")
    play.product.commit("release/1.2.3", "app/month.py", "M = 1\n", author="Dana", subject="fix: the month (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.2.3")
    await play.to_preparation("1.2.3")
    await play.theo.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.2.3")
    return int((await play.facts("1.2.3"))["id"])


async def test_the_hotfix_stands_on_its_tag_and_has_the_lock(play: Team) -> None:
    number = await live(play)
    ctx = play.app.ctx
    with pytest.raises(Refused) as stranger:
        await fix_forward(ctx, Ask("U0DANA", "fix_forward", release=number, input={"reason": "payments fail"}))
    assert stranger.value.blockers[0].code == "permission"
    words = {"reason": "payments fail"}
    with pytest.raises(Stale):  # a button of an earlier phase
        await fix_forward(ctx, Ask("U0PRIYA", "fix_forward", release=number, subject="1", input=words))
    done = await fix_forward(ctx, Ask("U0PRIYA", "fix_forward", release=number, input=words))
    told = await play.facts("1.2.3")
    assert "fix_forward" not in told["allowed"] and "being_fixed" in {b["code"] for b in told["blockers"]}
    await play.settles()
    assert done.notes["hotfix"] == "1.2.3-hotfix.1"
    hotfix, fixed = await play.facts("1.2.3-hotfix.1"), await play.facts("1.2.3")
    assert hotfix["base_tag"] == "v1.2.3" and fixed["fixed_by"] == "1.2.3-hotfix.1"
    assert hotfix["environments"]["production"]["lock"]["release"] == hotfix["id"]
    assert play.product.commit_of("refs/heads/hotfix/1.2.3-hotfix.1") == play.product.commit_of("refs/tags/v1.2.3")
