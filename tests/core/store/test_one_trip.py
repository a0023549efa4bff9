"""A statement on SQLite is one trip to its thread; what it says and gives is what the driver's own cursor would."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.store.engines import Database
from core.store.one_trip import AT_ONCE, OneTrip, connect

COUNT = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {}) SELECT x FROM n"
LONG = 2 * AT_ONCE + 3


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[OneTrip]:
    async with connect(tmp_path / "any.db", isolation_level=None) as opened:
        await opened.cursor().execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
        yield opened


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every call that was made in a thread."""
    made: list[Any] = []
    real = OneTrip._execute

    async def counted(self: OneTrip, work: Any, *given: Any, **named: Any) -> Any:
        made.append(work)
        return await real(self, work, *given, **named)

    monkeypatch.setattr(OneTrip, "_execute", counted)
    return made


async def test_a_statement_is_one_trip_and_a_read_needs_no_rollback(sqlite_url: str, trips: list[Any]) -> None:
    database = Database.open(sqlite_url)
    async with database.reader.connect() as conn:
        await conn.execute(text("SELECT 1"))
    async with database.writing() as conn:
        await conn.execute(text("SELECT 1"))
    trips.clear()
    async with database.reader.connect() as conn:
        assert (await conn.execute(text("SELECT 1"))).scalar_one() == 1
    assert len(trips) == 1
    async with database.writing() as conn:
        await conn.execute(text("DELETE FROM outbox"))
    assert len(trips) == 1 + 4, "BEGIN, the statement, COMMIT, and the pool's own ROLLBACK"
    await database.close()


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, LONG])
async def test_all_rows_come_however_they_are_fetched(connection: OneTrip, count: int) -> None:
    wanted = [(x + 1,) for x in range(count)]
    cursor = await connection.cursor().execute(f"SELECT * FROM ({COUNT.format(LONG)}) LIMIT {count}")
    assert await cursor.fetchall() == wanted and await cursor.fetchall() == []
    await cursor.execute(f"SELECT * FROM ({COUNT.format(LONG)}) LIMIT {count}")
    found = []
    while rows := await cursor.fetchmany(100):
        assert len(rows) <= 100
        found += rows
    assert found == wanted and await cursor.fetchone() is None


async def test_it_says_what_a_cursor_says(connection: OneTrip) -> None:
    cursor = connection.cursor()
    assert (cursor.description, cursor.rowcount) == (None, -1)
    await cursor.execute("INSERT INTO t VALUES (?)", (7,))
    assert (cursor.rowcount, cursor.lastrowid, cursor.description) == (1, 7, None)
    await cursor.executemany("INSERT INTO t VALUES (?)", [(8,), (9,)])
    assert cursor.rowcount == 2
    await cursor.execute("UPDATE t SET x = x + 10 WHERE x > 7 RETURNING x AS y")
    assert cursor.description is not None and cursor.description[0][0] == "y" and await cursor.fetchone() == (18,)
    await cursor.execute("SELECT x FROM t WHERE x = 0")
    assert cursor.description[0][0] == "x" and await cursor.fetchall() == []


async def test_after_an_error_the_connection_goes_on(connection: OneTrip) -> None:
    cursor = await connection.cursor().execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.IntegrityError):
        await cursor.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.OperationalError):
        await connection.cursor().execute("SELECT nothing")
    assert await (await cursor.execute("SELECT x FROM t")).fetchall() == [(1,)]


async def test_rows_that_were_left_lying_hold_no_snapshot(tmp_path: Path, connection: OneTrip) -> None:
    await connection.cursor().execute("PRAGMA journal_mode = WAL")
    await connection.cursor().executemany("INSERT INTO t VALUES (?)", [(x,) for x in range(LONG)])
    cursor = await connection.cursor().execute("SELECT x FROM t")
    await cursor.close()
    async with connect(tmp_path / "any.db", isolation_level=None) as other:
        await other.cursor().execute("DELETE FROM t")
        left = await other.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert await left.fetchone() == (0, 0, 0)
    assert await (await connection.cursor().execute("SELECT count(*) FROM t")).fetchone() == (0,)


async def test_a_closed_one_says_so(connection: OneTrip) -> None:
    await connection.close()
    with pytest.raises(ValueError, match=r"no active connection|Connection closed"):
        await connection.cursor().execute("SELECT 1")
