"""Effects are claimed by one worker, in order within a lane, and what may have been sent is known as doubtful."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Update, select, update
from sqlalchemy.exc import DBAPIError

from core.errors import NotFound
from core.store import outbox
from core.store import tables as t
from core.store.columns import db_now
from core.store.engines import Database
from core.store.outbox import Claimed, LeaseLost
from core.store.owners import Owner
from core.store.reads import Reads
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT, Processes

Puts = Callable[..., Awaitable[None]]


@pytest.fixture
def puts(store: Store) -> Puts:
    """Writes effects: `await puts("C1", "C1", "C2")` by lane."""

    async def put(*lanes: str, **how: Any) -> None:
        async def work(unit: Unit) -> Any:
            await unit.audit("release:1", "U1", "start", "p1", {}, AT)
            for lane in lanes:
                await unit.outbox(lane, "post", {"to": lane}, cause="release:1", **how)

        await store.unit(work, verb="start", chains=["release:1"])

    return put


async def in_unit(store: Store, what: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
    async def work(unit: Unit) -> Any:
        return await what(unit, *arguments, **named)

    return await store.unit(work, verb="outbox.test", interactive=False)


async def states(database: Database) -> list[str]:
    async with database.reader.connect() as connection:
        return list((await connection.execute(select(t.outbox.c.state).order_by(t.outbox.c.id))).scalars())


async def move(database: Database, **values: Any) -> None:
    """What time or another process would do to all rows."""
    async with database.writing() as connection:
        await connection.execute(update(t.outbox).values(**values))


async def test_only_the_oldest_of_each_lane_may_go(store: Store, puts: Puts) -> None:
    await puts("C1", "C1", "C2")
    first = await outbox.claim(store)
    assert [(row.lane, row.attempt, row.doubt) for row in first] == [("C1", 1, False), ("C2", 1, False)]
    assert await outbox.claim(store) == []
    await in_unit(store, outbox.finish, first[0], {"ts": "1.1"})
    assert [row.lane for row in await outbox.claim(store)] == ["C1"]


async def test_what_people_wait_for_goes_first(store: Store, puts: Puts) -> None:
    await puts("C1", "C2", rank=2)
    await puts("C3", rank=0)
    await puts("C4")
    assert [row.lane for row in await outbox.claim(store, at_once=3)] == ["C3", "C4", "C1"]


async def test_two_workers_never_hold_the_same_row(store: Store, puts: Puts, database_url: str) -> None:
    await puts(*(f"C{n}" for n in range(30)))
    workers = [Store(Database.open(database_url), f"process-{n}") for n in range(4)]

    async def drains(worker: Store) -> list[int]:
        mine: list[int] = []
        while rows := await outbox.claim(worker, at_once=2):
            mine += [row.id for row in rows]
        return mine

    taken = [row for rows in await asyncio.gather(*map(drains, workers)) for row in rows]
    for worker in workers:
        await worker.database.close()
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 30


async def test_a_row_waits_for_its_moment(store: Store, puts: Puts, database: Database) -> None:
    await puts("C1", delay=60.0)
    assert await outbox.claim(store) == []
    await move(database, not_before=0.0)
    assert len(await outbox.claim(store)) == 1


async def test_parked_and_unsure_rows_block_their_lane_until_a_person_speaks(store: Store, puts: Puts) -> None:
    await puts("C1", "C1")
    row = (await outbox.claim(store))[0]
    await in_unit(store, outbox.park, row, "channel_not_found")
    assert await outbox.claim(store) == []
    async with store.database.reader.connect() as connection:
        assert [(stuck.id, stuck.error) for stuck in await outbox.stuck(connection)] == [(row.id, "channel_not_found")]
    await in_unit(store, outbox.rule, row.id, "retry", "the channel is back")
    row = (await outbox.claim(store))[0]
    assert (row.attempt, row.doubt) == (2, False)
    await in_unit(store, outbox.unsure, row, "history cannot be read")
    assert await outbox.claim(store) == []
    await in_unit(store, outbox.rule, row.id, "it happened", "Priya saw it")
    assert [later.id for later in await outbox.claim(store)] == [row.id + 1]
    with pytest.raises(NotFound):
        await in_unit(store, outbox.rule, row.id, "skip", "twice")


async def test_a_failure_known_not_sent_leaves_no_doubt_and_another_does(
    store: Store, puts: Puts, database: Database
) -> None:
    await puts("C1")
    row = (await outbox.claim(store))[0]
    await in_unit(store, outbox.retry, row, "429", delay=30.0)
    assert await outbox.claim(store) == []
    await move(database, not_before=0.0)
    row = (await outbox.claim(store))[0]
    assert not row.doubt
    await in_unit(store, outbox.retry, row, "time-out", delay=0.0, doubt=True)
    assert (await outbox.claim(store))[0].doubt


async def test_a_lost_lease_is_noticed_and_its_claim_doubted(store: Store, puts: Puts, database: Database) -> None:
    await puts("C1")
    frozen = (await outbox.claim(store))[0]
    await move(database, lease_until=0.0)
    async with database.reader.connect() as connection:
        assert not await outbox.still_mine(connection, frozen)
    again = (await outbox.claim(store))[0]
    assert (again.doubt, again.attempt) == (True, 2)
    async with database.reader.connect() as connection:
        assert await outbox.still_mine(connection, again)
    with pytest.raises(LeaseLost):
        await in_unit(store, outbox.finish, frozen, {"ts": "1.1"})
    await in_unit(store, outbox.finish, again, {"ts": "1.2"})
    assert await states(database) == ["done"]


async def test_what_advance_writes_is_rolled_back_with_a_lost_finish(
    store: Store, puts: Puts, counted: Callable[[Any], Awaitable[int]], database: Database
) -> None:
    await puts("C1")
    row = (await outbox.claim(store))[0]
    await move(database, attempt=2)

    async def reports(unit: Unit) -> Any:
        await unit.audit("release:1", "bot", "posted", "p1", {}, AT)
        await outbox.finish(unit, row, {})

    with pytest.raises(LeaseLost):
        await store.unit(reports, verb="advance", chains=["release:1"])
    assert await counted(t.audit) == 1


async def test_a_lease_from_a_clock_that_went_back_is_over(store: Store, puts: Puts, database: Database) -> None:
    await puts("C1")
    await outbox.claim(store)
    await move(database, lease_until=db_now() + 3 * outbox.LEASE)
    assert await asks(database, outbox.any_due)
    assert len(await outbox.claim(store)) == 1


async def test_claims_of_a_killed_process_go_on_after_the_pause(
    store: Store, puts: Puts, database: Database, processes: Processes, tmp_path: Path
) -> None:
    await puts("C1")
    me = Owner.register(tmp_path)
    other = await processes.start("own", str(tmp_path))
    owner, claimed = (await other.line()).split()
    assert claimed == "1"
    assert me.dead() == []
    other.kill()
    await other.wait()
    assert me.dead() == [owner]
    assert await in_unit(store, outbox.free_claims_of, [owner], settle=60.0) == 1
    assert await outbox.claim(store) == []  # a request under way may still be landing
    await move(database, not_before=0.0)
    row = (await outbox.claim(store))[0]
    assert (row.doubt, row.attempt) == (True, 2)
    me.forget(me.dead())
    assert me.dead() == []
    me.leave()


async def asks(database: Database, what: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    async with database.reader.connect() as connection:
        return await what(connection, *arguments)


async def test_an_idle_worker_asks_before_it_takes_the_write_lock(
    store: Store, puts: Puts, database: Database
) -> None:
    assert not await asks(database, outbox.any_due)
    assert await asks(database, outbox.earliest) is None
    await puts("C1", "C1", delay=60.0)
    assert not await asks(database, outbox.any_due)
    assert 50 < await asks(database, outbox.earliest) <= 60
    await move(database, not_before=0.0)
    assert await asks(database, outbox.any_due)
    assert await asks(database, outbox.earliest) == 0.0
    (row,) = await outbox.claim(store)
    assert not await asks(database, outbox.any_due)
    await in_unit(store, outbox.park, row, "channel_not_found")
    assert not await asks(database, outbox.any_due)  # the next one waits for a person too
    assert await asks(database, outbox.earliest) is None


async def test_a_long_effect_keeps_its_row_and_a_lost_one_is_told(
    store: Store, puts: Puts, database: Database
) -> None:
    await puts("C1")
    (row,) = await outbox.claim(store)
    await move(database, lease_until=db_now() + 0.1)
    await in_unit(store, outbox.renew, row)
    await asyncio.sleep(0.15)
    assert await outbox.claim(store) == []
    await move(database, lease_until=0.0)
    await outbox.claim(store)
    with pytest.raises(LeaseLost):
        await in_unit(store, outbox.renew, row)


async def test_a_look_goes_back_to_what_was_surely_posted_before(
    store: Store, puts: Puts, database: Database
) -> None:
    await puts("C1", "C2", "C3", "C4")
    for row, (channel, ts) in zip(
        await outbox.claim(store), [("C1", "9.5"), ("C1", "10.5"), ("C2", "99.5")], strict=False
    ):
        assert await asks(database, outbox.result_of, row.id) is None
        await in_unit(store, outbox.finish, row, {"channel": channel, "ts": ts})
        assert await asks(database, outbox.result_of, row.id) == {"channel": channel, "ts": ts}
    assert await asks(database, outbox.newest_ts, 4, "C1") == "0"  # they may have been sent after it was written
    await move(database, claimed_at=t.outbox.c.created_at - 90)
    assert await asks(database, outbox.newest_ts, 4, "C1") == "10.5"
    assert await asks(database, outbox.newest_ts, 2, "C1") == "9.5"
    assert await asks(database, outbox.newest_ts, 4, "C9") == "0"


async def test_a_clean_stop_gives_back_without_doubt(store: Store, puts: Puts) -> None:
    await puts("C1")
    await in_unit(store, outbox.give_back, await outbox.claim(store))
    assert [row.doubt for row in await outbox.claim(store)] == [False]


async def test_void_and_defer_and_age(store: Store, puts: Puts, database: Database) -> None:
    await puts("C1", "C2")
    await move(database, created_at=db_now() - 40)
    reads = Reads(database)
    assert 39 < (await reads.standing()).oldest < 45
    first, second = await outbox.claim(store)
    await in_unit(store, outbox.void, first, "the freeze was moved")
    await in_unit(store, outbox.defer, second, 9e9)
    assert await states(database) == ["void", "ready"]
    assert (await reads.standing()).oldest == 0.0


async def test_a_refused_word_for_a_stuck_row_changes_nothing(store: Store, puts: Puts, database: Database) -> None:
    await puts("C1")
    with pytest.raises(NotFound):
        await in_unit(store, outbox.rule, 1, "skip", "it is not stuck")
    assert await states(database) == ["ready"]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 1.0), (2, 2.0), (6, 32.0), (7, 60.0), (500, 60.0)])
def test_the_pause_doubles_to_a_minute(attempt: int, seconds: float) -> None:
    assert outbox.backoff(attempt) == seconds


async def test_a_claim_reads_the_partial_index_and_not_the_past(database: Database, database_kind: str) -> None:
    """With every row that was ever sent still in the table."""
    columns = ", ".join(column.name for column in t.outbox.columns if column.name != "id")
    row = (
        "'k' || n, 'C' || n % 50, 1, 'post', '{}', 'done', {false}, {false}, 1, 0.0, 0.0, 0.0, 0.0, '', NULL, "
        "'release:1', 1, '{}', ''"
    )
    if database_kind == "sqlite":
        numbers, no = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) ", "0"
        source = "s"
    else:
        numbers, source, no = "", "generate_series(1, 20000) AS s(n)", "false"
    async with database.writing() as connection:
        insert = f"INSERT INTO outbox ({columns}) {numbers} SELECT {row.replace('{false}', no)} FROM {source}"
        await connection.exec_driver_sql(insert)
        await connection.exec_driver_sql("ANALYZE outbox")
    plan = await plan_of(database, outbox.claim_statement())
    assert "ix_outbox_rank" in plan or "ix_outbox_lane" in plan, plan
    assert not any(whole in plan for whole in ("Seq Scan on outbox", "SCAN outbox'", "SCAN outbox_1'")), plan


async def plan_of(database: Database, statement: Update) -> str:
    """How the database would run it with its values as parameters: that is where a partial index is lost."""
    compiled = statement.compile(dialect=database.writer.dialect)
    given = compiled.construct_params({"process": "me", "lease": 30.0, "at_once": 5})
    values = [given[name] for name in compiled.positiontup or ()]
    async with database.writing() as connection:
        if database.dialect == "sqlite":
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(values))
        else:
            literals = ", ".join(f"'{value}'" for value in values)
            await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
            await connection.exec_driver_sql(f"PREPARE claim AS {compiled}")
            rows = await connection.exec_driver_sql(f"EXPLAIN EXECUTE claim({literals})")
        return "\n".join(str(tuple(row)) for row in rows)


async def test_the_key_of_an_effect_comes_once(store: Store, puts: Puts, database: Database) -> None:
    await puts("C1", "C2")
    rows: list[Claimed] = list(await outbox.claim(store))
    assert rows[0].key != rows[1].key
    with pytest.raises(DBAPIError):
        await move(database, key=rows[0].key)
