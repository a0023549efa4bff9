"""What becomes of a flag: kept, on or off for all, archived; an experiment only with its result."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.domain.flags import guarding
from core.domain.flags.model import Variant
from core.errors import Refused
from core.store import flags as rows
from core.store.audit import entries
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from core.usecases.flag_board import board
from core.usecases.flag_ends import End, decide
from core.usecases.flag_writing import FlagFaults
from core.usecases.flags import Wanted, create
from tests.core.domain.world import THEO
from tests.core.usecases.flagged import DANA, made, to
from tests.core.usecases.posted import posted

WHY = "the old provider ends in spring"


async def test_a_flag_is_kept_then_on_for_all_then_archived(ctx: Context) -> None:
    await made(ctx)
    with pytest.raises(FlagFaults, match="choose what"):
        await decide(ctx, End("search", DANA, "eat", WHY))
    with pytest.raises(Refused, match="reason"):
        await decide(ctx, End("search", DANA, "keep", ""))
    with pytest.raises(Refused, match="permission"):
        await decide(ctx, End("search", "U0SANA", "keep", WHY))
    for _ in range(2):
        await decide(ctx, End("search", DANA, "keep", WHY), "a form sent twice")
    row = (await board(ctx)).named["search"]
    assert (row.flag.kept, row.life.allowed, row.life.why) == (1, 3, ())
    told = await decide(ctx, End("search", DANA, "on", WHY))
    assert told["then"]["done"] is False and (await board(ctx)).named["search"].life.why == ("decided",)
    (_, data), *_ = await posted(ctx, "flag_asked")
    await answer(ctx, Said(data["id"], THEO, data["digest"], True))
    assert (await board(ctx)).named["search"].setting().on
    with pytest.raises(FlagFaults, match="still on for somebody"):
        await decide(ctx, End("search", DANA, "archive", WHY))
    async with ctx.store.database.reader.connect() as conn:
        ends = [e.body["end"] for e in await entries(conn, "flags") if e.verb == "flag.decided" and e.body]
    assert ends == ["keep", "on"], "what was refused is not in the record"
    assert (await decide(ctx, End("search", DANA, "off", WHY)))["then"]["done"], "off waits for nobody"
    await decide(ctx, End("search", DANA, "archive", WHY))
    assert not (await board(ctx)).rows


async def test_an_experiment_is_concluded_with_its_result(ctx: Context) -> None:
    await create(ctx, Wanted("card", "experiment", DANA, "Which card sells?", DANA))
    arms = (Variant("blue", 1), Variant("red", 1))
    await wish(ctx, Wish("card", "production", DANA, to(variants=arms), WHY))
    with pytest.raises(FlagFaults, match="say what came out"):
        await decide(ctx, End("card", DANA, "archive", WHY))
    async with ctx.store.database.reader.connect() as conn:
        assert (found := await rows.find(conn, "card")) and found.flag.archived_at is None
    with pytest.raises(FlagFaults, match="none of its variants: blue, red"):
        await decide(ctx, End("card", DANA, "off", WHY, "green", "green sold more"))
    await decide(ctx, End("card", DANA, "off", WHY, "blue", "blue sold 4 % more"))
    flag = (await board(ctx)).named["card"].flag
    assert (flag.winner, flag.result, flag.ends) == ("blue", "blue sold 4 % more", "off")
    await decide(ctx, End("card", DANA, "archive", WHY))
    assert not (await board(ctx)).rows


async def test_what_production_cannot_follow_now_is_not_decided(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(ctx)
    holidays = SimpleNamespace(name="Holidays", until="2027-01-03")
    monkeypatch.setattr(guarding, "frozen_at", lambda *_: [holidays])
    with pytest.raises(Refused, match=r"flag\.freeze"):
        await decide(ctx, End("search", DANA, "on", WHY))
    assert not (await board(ctx)).named["search"].flag.ends, "it would let its release close"


async def test_an_ops_flag_is_for_good(ctx: Context) -> None:
    await create(ctx, Wanted("maintenance", "ops", DANA, "", DANA))
    with pytest.raises(FlagFaults, match="for good"):
        await decide(ctx, End("maintenance", DANA, "keep", WHY))
