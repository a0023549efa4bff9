"""What is asked ahead is asked once by however many processes, in working hours, as one message, not when answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.domain.policy import parse_policy
from core.store import audit, policies, tables
from core.store.engines import Database
from core.store.policies import StoredPolicy
from core.store.reads import Reads
from core.store.unit_of_work import Store, Unit
from core.usecases.advance import Ask
from core.usecases.ahead import ask_ahead, holding
from core.usecases.context import Context
from core.usecases.owed import look
from core.usecases.tick import next_due
from core.usecases.trains import keep, shift
from tests.handlers.desk import Hands
from tests.handlers.story import PRIYA
from tests.policies import simulated_text

TEXT = simulated_text()
NEW_YEAR = "2026-12-30T15:00:00+00:00"
MORNING = datetime(2026, 12, 15, 15, tzinfo=UTC)  # ten working days before that, 10:00 Eastern


async def with_policy(store: Store) -> None:
    policy = parse_policy(TEXT)

    async def work(unit: Unit) -> None:
        await policies.propose(unit, StoredPolicy(policy.hash, TEXT, policy.serial, "proposed", None, ""))
        await policies.activate(unit, policy.hash, at=MORNING, actor="test")

    await store.unit(work, verb="policy", chains=("policy",))


def context(database: Database, name: str, clock: Hands) -> Context:
    return Context(Store(database, name), Reads(database), clock, None, "asset-anchor")  # type: ignore[arg-type]


async def messages(database: Database) -> list[dict[str, Any]]:
    async with database.reader.connect() as conn:
        rows = await conn.execute(select(tables.outbox.c.body).order_by(tables.outbox.c.id))
    return [row.body for row in rows if row.body.get("moment") == "ahead"]


async def test_four_processes_ask_once_and_what_is_due_together_is_one_message(database_url: str) -> None:
    """Then none of them runs for weeks: on 4 January what was due meanwhile comes late, with what is due that day."""
    opened = [Database.open(database_url) for _ in range(4)]
    try:
        clock = Hands(MORNING)
        await with_policy(Store(opened[0], "first"))
        processes = [context(database, f"p{n}", clock) for n, database in enumerate(opened)]
        for hour in (3, 15, 16):  # nobody works at night, and the next hour brings nothing new
            clock.to(MORNING.replace(hour=hour))
            for _ in range(2):
                await asyncio.gather(*(ask_ahead(ctx) for ctx in processes))
        (first,) = await messages(opened[0])
        assert [t["code"] for t in first["data"]["things"]] == ["train_near"] and first["place"] == f"dm:{PRIYA}"
        clock.to(datetime(2027, 1, 4, 20, tzinfo=UTC))
        await asyncio.gather(*(ask_ahead(ctx) for ctx in processes))
        found = await messages(opened[0])
        assert [[t["code"] for t in one["data"]["things"]] for one in found[1:]] == [["train_free", "quarter_major"]]
    finally:
        for database in opened:
            await database.close()


async def test_what_was_kept_moved_or_taken_is_asked_of_nobody(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    try:
        clock = Hands(MORNING)
        ctx = context(database, "one", clock)
        await with_policy(ctx.store)
        ask = Ask(PRIYA, "train_kept", input={"train": "main", "at": NEW_YEAR})
        await keep(ctx, ask)
        assert await ask_ahead(ctx) == 0
        at = "2027-01-13T15:00:00+00:00"
        await shift(ctx, Ask(PRIYA, "shift", input={"at": at, "to": "2027-01-14T15:00:00+00:00", "reason": "a fair"}))
        clock.to(datetime(2026, 12, 30, 15, tzinfo=UTC))
        assert await ask_ahead(ctx) == 1
        (only,) = await messages(database)
        assert [t["at"] for t in only["data"]["things"]] == ["2027-01-14T15:00:00+00:00"]
    finally:
        await database.close()


async def test_the_next_reminder_is_named_before_it_is_due(sqlite_url: str) -> None:
    """A clock that jumps to what comes next stops at each reminder: what was named is then sent, and not before."""
    database = Database.open(sqlite_url)
    try:
        clock = Hands(MORNING)
        ctx = context(database, "one", clock)
        await with_policy(ctx.store)
        await ask_ahead(ctx)
        for _ in range(3):
            found = await next_due(ctx)
            assert found is not None and found.what == "reminder"
            clock.to(found.at - timedelta(seconds=1))
            assert await ask_ahead(ctx) == 0
            clock.to(found.at)
            assert await ask_ahead(ctx) == 1
            clock.to(found.at - timedelta(minutes=5))  # the clock was ahead and is set back
            async with database.reader.connect() as conn:
                assert not (await look(ctx, conn, clock.now())).told
            clock.to(found.at)
    finally:
        await database.close()


async def test_what_lost_its_reason_on_its_way_is_not_sent_and_the_record_says_so_once(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    try:
        clock = Hands(MORNING)
        ctx = context(database, "one", clock)
        await with_policy(ctx.store)
        assert await ask_ahead(ctx) == 1
        (only,) = await messages(database)
        place, data = only["place"], only["data"]
        assert await holding(ctx, place, "ahead", data) == data, "nothing has changed"
        behind = context(database, "two", Hands(MORNING - timedelta(hours=25)))
        assert await holding(behind, place, "ahead", data) == data, "another machine's clock may be behind"
        assert await holding(ctx, "dm:U0THEO", "ahead", data) is None, "it was never for him"
        await keep(ctx, Ask(PRIYA, "train_kept", input={"train": "main", "at": NEW_YEAR}))
        for _ in range(2):  # a delivery may be tried again
            assert await holding(ctx, place, "ahead", data) is None
        old = {**data, "things": [{k: v for k, v in data["things"][0].items() if k != "token"}]}
        assert await holding(ctx, place, "ahead", old) == old, "what an older version wrote is sent as it is"
        async with database.reader.connect() as conn:
            trail = await audit.entries(conn, "product:asset-anchor")
        dropped = [e.body or {} for e in trail if e.verb == "reminder_dropped"]
        assert [(b["kind"], b["person"], b["why"]) for b in dropped] == [
            ("train_near", "U0THEO", "its reason is gone"), ("train_near", PRIYA, "its reason is gone"),
        ]  # fmt: skip
    finally:
        await database.close()
