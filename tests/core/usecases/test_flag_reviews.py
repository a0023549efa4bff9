"""An off waits for nobody and comes back until somebody else has looked at it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.clock import HandClock
from core.domain.flags.waiting import Review
from core.errors import Refused
from core.store import flag_waiting
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, answer
from core.usecases.flag_hours import flags_at_the_hour
from core.usecases.flag_reviews import Verdict, review
from tests.core.domain.world import OLU, THEO
from tests.core.usecases.flagged import DANA, asked, made, setting, to
from tests.core.usecases.posted import posted


@pytest.fixture(autouse=True)
async def search(ctx: Context) -> None:
    await made(ctx)


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


