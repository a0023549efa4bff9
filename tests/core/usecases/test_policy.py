"""A changed policy needs a signature of each role, by different people; releases in flight keep theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.policy import parse_policy
from core.errors import NotFound, Refused
from core.store import tables as t
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.context import Context
from core.usecases.policy import sign, standing
from tests.policies import simulated_text

FILE = simulated_text()


@pytest.fixture
async def ctx(store: Store) -> AsyncIterator[Context]:
    clock = HandClock(datetime(2026, 12, 1, 14, tzinfo=UTC))
    await bring_in(store, clock, parse_policy(FILE))
    yield Context(store, Reads(store.database), clock, None, "asset-anchor")  # type: ignore[arg-type]


async def test_the_last_signature_makes_it_active(ctx: Context) -> None:
    changed = parse_policy(FILE.replace("serial = 2", "serial = 3").replace("expire_days = 7", "expire_days = 9"))
    assert await bring_in(ctx.store, ctx.clock, changed) == "proposed"
    assert (await ctx.policy()).approvals.expire_days == 7
    first = await sign(ctx, "U0PRIYA")
    assert (first["active"], first["missing"]) == (False, ["executive"])
    with pytest.raises(Refused) as twice:
        await sign(ctx, "U0PRIYA")
    assert twice.value.blockers[0].code == "signed_already"
    with pytest.raises(Refused) as stranger:
        await sign(ctx, "U0DANA")
    assert stranger.value.blockers[0].who == ("U0PRIYA", "U0ERIKA")
    assert (await sign(ctx, "U0ERIKA"))["active"]
    assert (await ctx.policy()).approvals.expire_days == 9
    with pytest.raises(NotFound):
        await sign(ctx, "U0ERIKA")


async def test_what_is_proposed_is_shown_by_rule_with_who_can_still_sign(ctx: Context) -> None:
    assert (await standing(ctx))["proposed"] is None
    text = FILE.replace("serial = 2", "serial = 3").replace('approvals = [{ role = "product_manager" }]',
                                                            'approvals = [{ role = "tech_lead", count = 1 }]')
    changed = parse_policy(f"# a comment is no rule\n{text}")
    await bring_in(ctx.store, ctx.clock, changed)
    await bring_in(ctx.store, ctx.clock, changed)  # each process that starts brings it in
    async with ctx.store.database.reader.connect() as conn:
        posts = [body for (body,) in await conn.execute(select(t.outbox.c.body))]
    to = [f"dm:{p}" for p in ("U0PRIYA", "U0ERIKA")]
    assert [(p["place"], p["moment"]) for p in posts] == [(place, "policy_proposed") for place in to]
    told = (await standing(ctx))["proposed"]
    assert posts[0]["data"]["rules"] == told["rules"]
    assert told["rules"] == [
        {"rule": "a minor release: approved by", "before": "product manager", "after": "tech lead"},
    ]
    assert (told["missing"], told["may"]) == (["release_manager", "executive"], ["U0PRIYA", "U0ERIKA"])
    with pytest.raises(Refused) as other:
        await sign(ctx, "U0PRIYA", "another text")
    assert other.value.blockers[0].code == "policy.other"
    await sign(ctx, "U0ERIKA", changed.hash)
    told = (await standing(ctx))["proposed"]
    assert (told["signed"], told["may"]) == (["U0ERIKA"], ["U0PRIYA"])
