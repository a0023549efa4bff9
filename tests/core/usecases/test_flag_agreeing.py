"""A change of production from Slack: a second person agrees to exactly it, and both get an answer."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from core.domain.flags import guarding
from core.errors import NotFound, Refused, Stale
from core.store.audit import verify
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from tests.core.domain.world import OLU, PRIYA, THEO
from tests.core.usecases.flagged import DANA, WHY, asked, made, setting, to
from tests.core.usecases.posted import posted


@pytest.fixture(autouse=True)
async def search(ctx: Context) -> None:
    await made(ctx)


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


async def test_a_freeze_is_kept_unless_two_break_the_glass(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    holidays = SimpleNamespace(name="Holidays", until="2027-01-03")
    monkeypatch.setattr(guarding, "frozen_at", lambda *_: [holidays])
    with pytest.raises(Refused, match=r"flag\.freeze"):
        await asked(ctx)
    with pytest.raises(Refused, match="permission"):
        await asked(ctx, glass=True)
    assert (await wish(ctx, Wish("search", "staging", DANA, to(on=True))))["done"]
    told = await wish(ctx, Wish("search", "production", OLU, to(percentage=10), WHY, glass=True))
    await answer(ctx, Said(told["id"], THEO, told["digest"], True))
    assert (await setting(ctx)).percentage == 10
    third = {place for place, _ in await posted(ctx, "flag_review_asked")}
    assert third == {f"dm:{PRIYA}"}, "a third person looks at it"
    off = await asked(ctx, edit=to(percentage=0), glass=True)
    assert off["done"] and not off["glass"], "off passes a freeze, also of who may break no glass"


async def test_other_environments_and_a_reason_too_few(ctx: Context) -> None:
    assert (await wish(ctx, Wish("search", "staging", DANA, to(on=True))))["done"], "production alone takes two"
    with pytest.raises(Refused, match="reason"):
        await asked(ctx, reason="")
    with pytest.raises(Refused, match="permission"):
        await wish(ctx, Wish("search", "staging", "U0SANA", to(on=True)))
    for odd in ("\x00", "\ud800"):  # what no database takes is no name, and no id in a button
        with pytest.raises(NotFound):
            await wish(ctx, Wish(odd, "staging", DANA, to(on=True)))
        with pytest.raises(NotFound):
            await answer(ctx, Said(odd, THEO, "", True))
