"""A change of production from Slack: a second person agrees to exactly it, steps come by the hour, an off is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import HandClock
from core import failpoints
from core.domain.flags.model import Setting
from core.domain.flags.waiting import Proposal, Review, Rollout
from core.domain.product import Pause
from core.errors import Refused, Stale
from core.store import flag_waiting, products
from core.store import flags as rows
from core.store.audit import verify
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases import flags
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from core.usecases.flag_hours import flags_at_the_hour, stop
from core.usecases.flag_reviews import Verdict, review
from core.usecases.flag_writing import FlagFaults
from core.usecases.flags import Wanted
from tests.core.domain.world import OLU, PRIYA, THEO
from tests.core.usecases.posted import posted

DANA, WHY = "U0DANA", "the first people shall see it"


def to(**changes: Any) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, **changes)


async def setting(ctx: Context, name: str = "search") -> Setting:
    async with ctx.store.database.reader.connect() as conn:
        found = await rows.find(conn, name, "production")
    assert found is not None
    return found.setting


@pytest.fixture
def clock(ctx: Context) -> HandClock:
    assert isinstance(ctx.clock, HandClock)
    return ctx.clock


@pytest.fixture(autouse=True)
async def search(ctx: Context) -> None:
    await flags.create(ctx, Wanted("search", "release", DANA, "Finds more", DANA))


async def asked(ctx: Context, **more: Any) -> dict[str, Any]:
    return await wish(ctx, Wish("search", "production", DANA, **{"edit": to(percentage=10), "reason": WHY, **more}))


async def test_production_changes_when_another_person_agrees_to_exactly_that(ctx: Context) -> None:
    told = await asked(ctx)
    assert (told["done"], sorted(told["people"])) == (False, sorted([OLU, PRIYA, THEO]))
    assert (await setting(ctx)).off, "nothing changes before somebody agrees"
    assert [(place, data["becomes"]["share"]) for place, data in await posted(ctx, "flag_asked")] == [
        (f"dm:{p}", 10) for p in told["people"]
    ]
    for person in (DANA, "U0QADIR"):
        with pytest.raises(Refused):
            await answer(ctx, Said(told["id"], person, told["digest"], True))
    with pytest.raises(Refused, match=r"flag\.shown"):
        await answer(ctx, Said(told["id"], THEO, "another", True))
    both = [Said(told["id"], p, told["digest"], True) for p in (THEO, OLU)]
    first, late = sorted(
        await asyncio.gather(*(answer(ctx, one) for one in both)), key=lambda t: bool(t.get("late"))
    )
    assert (late["late"], late["second"], first["answer"]) == (True, first["second"], "agreed")
    assert (await setting(ctx)).percentage == 10
    assert not await posted(ctx, "flag_review_asked"), "two people did it"
    assert (await verify(ctx.store.database)).sound


async def test_what_was_agreed_to_late_is_not_done_when_the_flag_is_another_one(ctx: Context) -> None:
    told = await asked(ctx)
    twice = await asked(ctx, edit=to(on=True), reason="for everybody at once")
    await answer(ctx, Said(twice["id"], THEO, twice["digest"], True))
    assert (await answer(ctx, Said(told["id"], OLU, told["digest"], True)))["answer"] == "stale"
    assert (await setting(ctx)).on
    with pytest.raises(Stale, match="changed by U0DANA meanwhile"):
        await asked(ctx, version=0)
    refused = await asked(ctx, edit=to(on=False, percentage=50))
    said = await answer(ctx, Said(refused["id"], THEO, refused["digest"], False, "too early"))
    assert (said["answer"], said["words"], (await setting(ctx)).on) == ("refused", "too early", True)
    own = await asked(ctx, edit=to(on=False, percentage=60))
    assert (await answer(ctx, Said(own["id"], DANA, own["digest"], False)))["answer"] == "refused", "taken back"


async def test_off_waits_for_nobody_and_comes_back_until_somebody_looked(ctx: Context, clock: HandClock) -> None:
    told = await asked(ctx)
    await answer(ctx, Said(told["id"], THEO, told["digest"], True))
    off = await asked(ctx, edit=to(percentage=0), reason="payments answer 500")
    assert off["done"] and (await setting(ctx)).off
    async with ctx.store.database.reader.connect() as conn:
        (one,) = await flag_waiting.open_ones(conn, Review)
    assert len(await posted(ctx, "flag_review_asked")) == 3
    with pytest.raises(Refused, match=r"review\.third"):
        await review(ctx, Verdict(one.id, DANA, True, "it had to be"))
    clock.move_to(clock.now() + timedelta(days=3))
    assert sum(await asyncio.gather(*(flags_at_the_hour(ctx) for _ in range(3)))) == 1, "asked once more, not thrice"
    assert len(await posted(ctx, "flag_review_asked")) == 6
    await review(ctx, Verdict(one.id, THEO, True, "a test for it comes with the next release"))
    assert (await review(ctx, Verdict(one.id, OLU, False, "never mind that")))["late"]
    clock.move_to(clock.now() + timedelta(days=3))
    assert not await flags_at_the_hour(ctx)


async def rolled(ctx: Context) -> Rollout:
    told = await asked(ctx, steps=(10, 25, 100), pause=24)
    await answer(ctx, Said(told["id"], THEO, told["digest"], True))
    async with ctx.store.database.reader.connect() as conn:
        (one,) = await flag_waiting.open_ones(conn, Rollout)
    return one


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


async def test_other_environments_and_a_reason_too_few(ctx: Context) -> None:
    assert (await wish(ctx, Wish("search", "staging", DANA, to(on=True))))["done"], "production alone takes two"
    with pytest.raises(Refused, match="reason"):
        await asked(ctx, reason="")
    with pytest.raises(Refused, match="permission"):
        await wish(ctx, Wish("search", "staging", "U0SANA", to(on=True)))
