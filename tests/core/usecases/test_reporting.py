"""A report about a version that was live before the bot is kept once, told to who triages, and needs words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.policy import parse_policy
from core.errors import Refused
from core.store import products
from core.store import tables as t
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.reporting import keep_report
from tests.policies import simulated_text


@pytest.fixture
async def ctx(store: Store) -> AsyncIterator[Context]:
    clock = HandClock(datetime(2026, 12, 1, 14, tzinfo=UTC))
    await bring_in(store, clock, parse_policy(simulated_text()))
    yield Context(store, Reads(store.database), clock, None, "asset-anchor")  # type: ignore[arg-type]


async def test_it_waits_for_the_next_release_and_is_told(ctx: Context) -> None:
    said = {"version": "1.2.2", "reason": "the search is empty", "kind": "bug"}
    for _ in range(2):  # a click that Slack delivers twice
        done = await keep_report(ctx, Ask("U0SANA", "report", input=said, key="once"))
    assert done["people"] == ["U0QADIR", "U0PRIYA"]
    with pytest.raises(Refused):
        await keep_report(ctx, Ask("U0SANA", "report", input={**said, "reason": " "}))
    async with ctx.store.database.reader.connect() as conn:
        [kept] = (await products.load(conn, ctx.product)).carried
        posts = [body["place"] for (body,) in await conn.execute(select(t.outbox.c.body)) if "place" in body]
    assert (kept.version, kept.concern.text, kept.concern.by) == ("1.2.2", "the search is empty", "U0SANA")
    assert posts == ["dm:U0QADIR", "dm:U0PRIYA"]
