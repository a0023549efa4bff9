"""Reads that people wait for: right, never stale, never locking, and alive after the database restarted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from core.domain.release import Phase, ProductRecord, Release
from core.errors import Busy
from core.store import outbox, products, reads, releases
from core.store import tables as t
from core.store.engines import Database
from core.store.products import product_chain
from core.store.reads import Reads
from core.store.unit_of_work import Store, Unit, release_chain
from tests.core.store.conftest import AT, Stored


@pytest.fixture
def reading(database: Database) -> Reads:
    return Reads(database)


async def test_what_leaves_soonest_and_a_record_beside_it_in_one_call(
    reading: Reads, stored: Stored, store: Store
) -> None:
    assert await reading.record("shop") is None and await reading.soonest_beside("shop", "shop@C1") is None
    soon = await stored(version="1.4.0", departs_at=AT + timedelta(days=14))
    found = await reading.soonest_beside("shop", "shop@C1")
    assert found is not None and (found[0].id, found[1]) == (soon.id, None)

    async def work(unit: Unit) -> None:
        await products.put(unit, ProductRecord("shop@C1", {"1.3.0": "abc"}))

    await store.unit(work, verb="test", chains=(product_chain("shop@C1"),))
    found = await reading.soonest_beside("shop", "shop@C1")
    record = await reading.record("shop@C1")
    assert found is not None and record is not None and found[1] == record and record["shipped"] == {"1.3.0": "abc"}


async def test_a_card_by_number_or_the_one_that_leaves_soonest(reading: Reads, stored: Stored) -> None:
    assert await reading.card("shop") is None
    await stored(version="1.5.0", departs_at=AT + timedelta(days=28))
    soon = await stored(version="1.4.0", departs_at=AT + timedelta(days=14))
    await stored(version="1.3.9", phase=Phase.CLOSED, departs_at=AT)
    card = await reading.card("shop")
    assert card is not None
    assert (card.id, card.version, card.phase, card.seq, card.facts) == (
        soon.id, "1.4.0", "planning", 1, {"version": "1.4.0"}
    )
    past = await reading.card("shop", "1.3.9")
    assert past is not None
    assert past.phase == "closed"
    assert await reading.card("shop", "9.9.9") is None
    assert await reading.card("other") is None


async def test_of_two_with_one_number_the_open_one_is_read(reading: Reads, store: Store, stored: Stored) -> None:
    first = await stored()
    await cancel(store, first)
    second = await stored()
    card = await reading.card("shop", "1.3.0")
    assert card is not None
    assert card.id == second.id


async def cancel(store: Store, release: Release) -> None:
    async def work(unit: Unit) -> Any:
        await unit.audit(release_chain(release.id), "U1", "cancel", "p1", {}, AT)
        await releases.save(unit, replace(release, phase=Phase.CANCELLED), facts={}, wake_at=None)

    await store.unit(work, verb="cancel", chains=[release_chain(release.id)])


async def test_lists(reading: Reads, store: Store, stored: Stored) -> None:
    for n, departs in enumerate((28, 14, 42)):
        await stored(version=f"1.{n}.0", departs_at=AT + timedelta(days=departs))
    await stored(version="1.9.0", departs_at=None)
    for n in range(3):
        await stored(version=f"0.{n}.0", phase=Phase.CLOSED)
    assert [card.version for card in await reading.in_flight("shop")] == ["1.1.0", "1.0.0", "1.2.0", "1.9.0"]
    assert [card.version for card in await reading.past("shop", most=2)] == ["0.2.0", "0.1.0"]


async def test_standing(reading: Reads, store: Store, database: Database) -> None:
    assert await reading.standing() == reads.Standing(0, 0.0)

    async def work(unit: Unit) -> Any:
        await unit.audit("release:1", "U1", "start", "p1", {}, AT)
        for lane in ("C1", "C2"):
            await unit.outbox(lane, "post", {}, cause="release:1")

    await store.unit(work, verb="test", chains=["release:1"])
    (row, _) = await outbox.claim(store)

    async def parks(unit: Unit) -> Any:
        await outbox.park(unit, row, "channel_not_found")
        await unit.conn.execute(update(t.outbox).values(created_at=t.outbox.c.created_at - 40))

    await store.unit(parks, verb="park")
    standing = await reading.standing()
    assert standing.stuck == 1
    assert 39 < standing.oldest < 50


async def test_a_reader_sees_the_commit_and_never_what_is_under_way(
    reading: Reads, store: Store, stored: Stored
) -> None:
    release = await stored()

    async def work(unit: Unit) -> Any:
        await unit.audit(release_chain(release.id), "U1", "edit", "p1", {}, AT)
        await releases.save(unit, release, facts={"n": 2}, wake_at=None)
        during = await asyncio.wait_for(reading.card("shop"), 0.5)  # a reader waits for no writer
        assert during is not None
        assert (during.seq, during.facts) == (1, {"version": "1.3.0"})

    await store.unit(work, verb="edit", chains=[release_chain(release.id)])
    after = await reading.card("shop")
    assert after is not None
    assert (after.seq, after.facts) == (2, {"n": 2})


async def test_many_readers_at_once_and_cancelled_ones_leave_the_pool_whole(
    reading: Reads, stored: Stored, database: Database
) -> None:
    await stored()
    cards = await asyncio.gather(*(reading.card("shop") for _ in range(60)))
    assert all(card is not None for card in cards)
    for _ in range(25):  # more than the pool has connections
        reader = asyncio.create_task(reading.card("shop"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    assert await reading.card("shop") is not None


async def test_a_sqlite_reader_cannot_write(sqlite_url: str) -> None:
    """There a reader that writes would take everybody's lock."""
    database = Database.open(sqlite_url)
    async with database.reader.connect() as connection:
        with pytest.raises(OperationalError, match="readonly"):
            await connection.execute(text("DELETE FROM chain"))
    await database.close()


@pytest.mark.postgres
async def test_connections_that_the_server_ended_are_replaced(postgres_url: str) -> None:
    database, other = Database.open(postgres_url), Database.open(postgres_url)
    reading, store = Reads(database), Store(database, "process-1")

    async def signs(unit: Unit) -> Any:
        return await unit.audit("release:1", "U1", "approve", "p1", {}, AT)

    for number in (1, 2, 3):
        await asyncio.gather(*(reading.card("shop") for _ in range(8)))
        await end_all_but_ours(other)
        assert await reading.card("shop") is None
        assert await store.unit(signs, verb="approve", chains=["release:1"]) == number
    await database.close()
    await other.close()


async def end_all_but_ours(database: Database) -> None:
    """What a restart of the server looks like to a pool."""
    async with database.writing() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )


@pytest.mark.postgres
async def test_a_database_that_is_away_is_busy_and_not_a_traceback(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Database.open(postgres_url.replace("host=", "host=/nowhere"))
    with pytest.raises(Busy):
        await Reads(away).card("shop")

    async def nothing(unit: Unit) -> Any:
        return None

    with pytest.raises(Busy):
        await Store(away, "process-1").unit(nothing, verb="click", key="trigger:1")
    await away.close()


@pytest.mark.postgres
async def test_limits_are_set_also_behind_a_pooler(postgres_url: str) -> None:
    for url in (postgres_url, postgres_url + "&statement_cache_size=0"):
        database = Database.open(url)
        async with database.writing() as connection:
            limit = (await connection.execute(text("SHOW lock_timeout"))).scalar_one()
        await database.close()
        assert limit == "2s"
