"""Who may change a flag and who may agree: owners and roles; a stand-in and who is stood in for are one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import HandClock
from core.domain.people import Colleague, Delegation
from core.domain.rehearsals import desk_key, shadow_key
from core.errors import Refused
from core.store import people
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from core.usecases.flag_writing import agreeing, chains_of, may_change
from tests.core.domain.world import OLU, PRIYA, QADIR, THEO
from tests.core.usecases.flagged import DANA, WHY, made, to


async def test_the_owner_and_the_roles_of_the_policy_may_change_it(ctx: Context) -> None:
    await made(ctx)
    assert (await wish(ctx, Wish("search", "staging", DANA, to(on=True))))["done"]
    for stranger in ("U0SANA", "U0NOBODY"):
        with pytest.raises(Refused, match="permission"):
            await may_change(ctx, stranger)
    for person in (PRIYA, THEO, OLU, "operator:ops"):
        await may_change(ctx, person)
    assert await chains_of(ctx, "search", "staging") == ("flags", f"product:{ctx.product}", "flags:staging")


async def test_a_rehearsal_changes_no_flag(ctx: Context) -> None:
    await made(ctx)
    there = replace(ctx, product=shadow_key(desk_key(ctx.product, "C0PLAY"), 1))
    for refused in (wish(there, Wish("search", "staging", DANA, to(on=True))), made(there)):
        with pytest.raises(Refused, match=r"flag\.rehearsal"):
            await refused


async def test_who_stands_in_for_the_first_person_is_no_second_one(ctx: Context) -> None:
    await made(ctx)
    now = ctx.clock.now()
    lent = (Delegation("U0SANA", now - timedelta(days=1), now + timedelta(days=1)),)
    olu = Colleague(OLU, delegations=lent)

    async def work(unit: Unit) -> None:
        await people.put(unit, olu)

    await ctx.store.unit(work, verb="test")
    async with ctx.store.database.reader.connect() as conn:
        found = await agreeing(ctx, conn, await ctx.active_policy(conn))
    assert "U0SANA" in found.people and not {OLU, "U0SANA"} & set(found.others(OLU))
    told = await wish(ctx, Wish("search", "production", OLU, to(percentage=10), WHY))
    with pytest.raises(Refused, match="permission"):
        await answer(ctx, Said(told["id"], "U0SANA", told["digest"], True))
    assert (await answer(ctx, Said(told["id"], THEO, told["digest"], True)))["answer"] == "agreed"


async def test_who_lost_the_role_between_asking_and_the_yes_is_not_one_of_two(ctx: Context) -> None:
    await made(ctx)
    now = ctx.clock.now()
    hours = now - timedelta(days=1), now + timedelta(days=1)

    async def work(unit: Unit) -> None:
        for person, role in ((QADIR, "qa"), (OLU, "")):
            await people.put(unit, Colleague(person, delegations=(Delegation("U0SANA", *hours, role),)))

    await ctx.store.unit(work, verb="test")
    async with ctx.store.database.reader.connect() as conn:
        found = await agreeing(ctx, conn, await ctx.active_policy(conn))
    assert {QADIR, OLU} <= found.behind("U0SANA"), "also in a role in which nobody agrees"
    told = await wish(ctx, Wish("search", "production", "U0SANA", to(percentage=10), WHY))
    assert isinstance(ctx.clock, HandClock)
    ctx.clock.move_to(now + timedelta(days=2))
    with pytest.raises(Refused, match=r"flag\.asker"):
        await answer(ctx, Said(told["id"], THEO, told["digest"], True))
    assert (await answer(ctx, Said(told["id"], THEO, told["digest"], False, "she is gone")))["answer"] == "refused"
