"""A roll-out goes on at its hours, exactly once, and stands still where somebody or something says so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import HandClock
from core import failpoints
from core.domain.flags.waiting import Proposal, Rollout
from core.domain.product import Pause
from core.errors import Refused
from core.store import flag_waiting, products
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from core.usecases.flag_hours import flags_at_the_hour, stop
from core.usecases.flag_writing import FlagFaults
from core.usecases.flags import archive, rename
from tests.core.domain.world import PRIYA, THEO
from tests.core.usecases.flagged import DANA, WHY, asked, made, rolled, setting, to


@pytest.fixture(autouse=True)
async def search(ctx: Context) -> None:
    await made(ctx)


async def test_a_roll_out_goes_on_at_its_hours_each_step_once(ctx: Context, clock: HandClock) -> None:
    await rolled(ctx)
    shares = [(await setting(ctx)).percentage]
    for _ in range(3):
        assert not await flags_at_the_hour(ctx)
        clock.move_to(clock.now() + timedelta(hours=24))
        assert sum(await asyncio.gather(*(flags_at_the_hour(ctx) for _ in range(4)))) == (len(shares) < 3)
        shares.append((await setting(ctx)).percentage)
    assert shares == [10, 25, 100, 100]


async def test_a_process_that_dies_at_a_step_leaves_it_whole_to_the_next_one(ctx: Context, clock: HandClock) -> None:
    await rolled(ctx)
    clock.move_to(clock.now() + timedelta(hours=24))
    for place, share in (("commit.before:flag.step", 10), ("commit.after:flag.step", 25)):
        failpoints.configure({"RELEASE_BOT_FAIL": f"{place}=error"})
        with pytest.raises(failpoints.FailpointReached):
            await flags_at_the_hour(ctx)
        failpoints.configure({})
        assert (await setting(ctx)).percentage == share
    assert not await flags_at_the_hour(ctx), "it was taken, and told once"


async def test_a_roll_out_waits_for_a_pause_and_keeps_its_own_pauses(ctx: Context, clock: HandClock) -> None:
    await rolled(ctx)

    async def pause(unit: Unit, on: bool) -> None:
        record = await products.load(unit.conn, ctx.product)
        await products.put(unit, replace(record, pause=Pause(PRIYA, clock.now(), "the office moves") if on else None))

    chain = product_chain(ctx.product)
    await ctx.store.unit(lambda unit: pause(unit, True), verb="test", chains=[chain])
    clock.move_to(clock.now() + timedelta(hours=30))
    await flags_at_the_hour(ctx)
    assert (await setting(ctx)).percentage == 10
    with pytest.raises(Refused, match=r"flag\.pause"):
        await asked(ctx, edit=to(percentage=90))
    await ctx.store.unit(lambda unit: pause(unit, False), verb="test", chains=[chain])
    clock.move_to(clock.now() + timedelta(hours=1))
    await flags_at_the_hour(ctx)
    assert (await setting(ctx)).percentage == 25
    clock.move_to(clock.now() + timedelta(hours=23))
    assert not await flags_at_the_hour(ctx), "24 hours after the step, not after its hour"


async def test_a_roll_out_ends_where_somebody_stops_it_or_changes_the_flag(ctx: Context, clock: HandClock) -> None:
    await rolled(ctx)
    assert (await stop(ctx, "search", DANA, "production"))["share"] == 10
    assert (await stop(ctx, "search", DANA, "production"))["share"] == -1, "nothing goes on any more"
    clock.move_to(clock.now() + timedelta(days=9))
    assert not await flags_at_the_hour(ctx) and (await setting(ctx)).percentage == 10
    for steps, fault in (((5, 25), "more than that"), ((30, 20), "rise"), ((), "1 to 10 steps"), ((120,), "1 to 100")):
        with pytest.raises(FlagFaults, match=fault):
            await asked(ctx, steps=steps, pause=24)
    told = await asked(ctx, steps=(25, 100), pause=24)
    await answer(ctx, Said(told["id"], THEO, told["digest"], True))
    await asked(ctx, edit=to(percentage=0), reason="payments answer 500")
    clock.move_to(clock.now() + timedelta(days=9))
    assert (await setting(ctx)).off
    async with ctx.store.database.reader.connect() as conn:
        assert not await flag_waiting.open_ones(conn, Rollout)
        assert not await flag_waiting.open_ones(conn, Proposal)


async def test_what_waits_goes_on_under_another_name_and_ends_with_the_flag(ctx: Context, clock: HandClock) -> None:
    one = await rolled(ctx)
    told = await asked(ctx, edit=to(on=True))
    await rename(ctx, "search", "find", DANA)
    clock.move_to(clock.now() + timedelta(hours=24))
    assert await flags_at_the_hour(ctx) and (await setting(ctx, "find")).percentage == 25
    assert (await answer(ctx, Said(told["id"], THEO, told["digest"], True)))["late"], "the step made it another flag"
    told = await wish(ctx, Wish("find", "production", DANA, to(on=True), WHY))
    await rename(ctx, "find", "search", DANA)
    assert (await answer(ctx, Said(told["id"], THEO, told["digest"], True)))["answer"] == "agreed"
    await asked(ctx, edit=to(on=False, percentage=0))
    await asked(ctx)
    await archive(ctx, "search", DANA)
    async with ctx.store.database.reader.connect() as conn:
        assert not await flag_waiting.open_ones(conn, Proposal), f"nobody is asked about {one.key} any more"
