"""Slack's groups as rows: who holds a role is seen on every open release, whichever way it was read."""

from __future__ import annotations

from core.store.unit_of_work import Unit
from core.usecases.groups import ROSTER, store_groups, wanted_groups
from tests.scenarios.driver import Team


async def holders(play: Team, version: str) -> list[str]:
    facts = await play.facts(version)
    return list(facts["members"]["product_manager"])


async def test_a_change_that_was_read_for_one_release_is_seen_on_the_others(play: Team) -> None:
    """The go of one release reads the groups afresh; the card of another must not go on naming who has left."""
    ctx = play.app.ctx
    await play.says("priya", "start minor")
    await play.says("priya", "start patch wrong month")
    await play.settles()
    assert await wanted_groups(ctx) == ("S0PM",)
    assert [await holders(play, v) for v in ("1.3.0", "1.2.3")] == [["U0MIRA"], ["U0MIRA"]]

    async def read(unit: Unit) -> bool:
        return await store_groups(ctx, {"S0PM": ["U0MIRA", "U0DANA"]}, play.clock.now(), unit)

    assert await ctx.store.unit(read, verb="read", chains=(ROSTER,), interactive=False)
    await play.settles()
    assert [await holders(play, v) for v in ("1.3.0", "1.2.3")] == [["U0DANA", "U0MIRA"]] * 2


async def test_the_same_members_again_change_nothing(play: Team) -> None:
    ctx = play.app.ctx
    await store_groups(ctx, {"S0PM": ["U0MIRA"]}, play.clock.now())
    assert not await store_groups(ctx, {"S0PM": ["U0MIRA"]}, play.clock.now())
