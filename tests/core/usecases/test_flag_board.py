"""What is known of all flags at one moment: settings, age, use, and what waits about them."""

from __future__ import annotations

from datetime import timedelta

from bot.clock import HandClock
from core.store import flags as rows
from core.store.flags import Usage
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.flag_agreeing import Wish, wish
from core.usecases.flag_board import board
from core.usecases.flags import archive, rename
from tests.core.usecases.flagged import DANA, WHY, asked, made, rolled, to


async def test_the_board_tells_settings_use_and_what_waits(ctx: Context) -> None:
    assert not (await board(ctx)).rows
    await made(ctx)
    one = await rolled(ctx)
    await asked(ctx, reason=WHY, edit=to(percentage=90))
    await wish(ctx, Wish("search", "staging", DANA, to(on=True)))
    found = await board(ctx)
    row = found.named["search"]
    assert (row.setting().percentage, row.setting("staging").on, row.setting("integration").off) == (10, True, True)
    assert row.rollout == one and [p.after.percentage for p in found.proposals] == [90] and not found.reviews
    assert not row.life.used.apps

    async def used(unit: Unit) -> None:
        day = ctx.clock.now().date().isoformat()
        await rows.count(unit, "production", [Usage("search", "shop", day, 3, 4), Usage("search", "app", day, 1, 0)])
        await rows.heard(unit, "production", "shop", "sdk", ctx.clock.now())

    await ctx.store.unit(used, verb="test")
    told = (await board(ctx)).named["search"].life.used
    assert (told.times, told.last, told.apps) == (8, ctx.clock.now().date(), True)
    assert isinstance(ctx.clock, HandClock)
    ctx.clock.move_to(ctx.clock.now() + timedelta(days=40))
    assert (await board(ctx)).named["search"].life.why == ("unused",)


async def test_use_goes_with_the_flag_and_not_with_its_name(ctx: Context) -> None:
    await made(ctx)
    assert isinstance(ctx.clock, HandClock)
    ctx.clock.move_to(ctx.clock.now() + timedelta(days=40))

    async def used(unit: Unit) -> None:
        day = ctx.clock.now().date().isoformat()
        await rows.count(unit, "production", [Usage("search", "shop", day, 3, 4)])
        await rows.heard(unit, "production", "shop", "sdk", ctx.clock.now())

    await ctx.store.unit(used, verb="test")
    for old, new in (("search", "find"), ("find", "search")):
        life = (await board(ctx, (await rename(ctx, old, new, DANA)).name)).named[new].life
        assert (life.used.times, life.why) == (7, ()), "a rename is no reason to be unused"
    await archive(ctx, "search", DANA)
    ctx.clock.move_to(ctx.clock.now() + timedelta(days=40))
    await made(ctx)
    life = (await board(ctx)).named["search"].life
    assert (life.used.times, life.why) == (0, ()), "a new flag of an old name was never asked for"
