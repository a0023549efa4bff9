"""SQLite with one trip to the driver's thread for a statement, where SQLAlchemy on aiosqlite takes four.

A trip is two switches of thread and a wake-up of the event loop, which costs more than most of our statements cost
inside SQLite. So a cursor is made, executed, read and closed at once; only a long result is fetched in pieces.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

AT_ONCE = 256  # rows that come back with their statement

T = TypeVar("T")


def connect(database: str | Path, **settings: Any) -> OneTrip:
    """For `async_creator_fn` of SQLAlchemy's dialect: a connection that is open once it was awaited."""
    connection = OneTrip(lambda: sqlite3.connect(database, **settings), iter_chunk_size=AT_ONCE)
    connection._thread.daemon = True  # as the dialect does: a process may end although nobody has closed it
    return connection


class OneTrip(aiosqlite.Connection):
    """A connection that SQLAlchemy asks for `OneTripCursor`; all else is aiosqlite's."""

    def cursor(self) -> OneTripCursor:  # type: ignore[override]
        return OneTripCursor(self)

    async def in_thread(self, work: Callable[..., T], *given: Any) -> T:
        """What comes of a call that may only be made in the connection's thread."""
        done: T = await self._execute(work, *given)  # type: ignore[no-untyped-call]
        return done

    @property
    def inner(self) -> sqlite3.Connection:
        """For calls in the thread. Raises ValueError when it is closed."""
        return self._conn


class OneTripCursor:
    """What SQLAlchemy uses of a cursor."""

    def __init__(self, connection: OneTrip) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._more: sqlite3.Cursor | None = None  # open while there may be more rows
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> OneTripCursor:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> OneTripCursor:
        return await self._run(lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> OneTripCursor:
        return await self._run(lambda cursor: cursor.executemany(sql, parameters))

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """At most so many; none only at the end."""
        most = size or self.arraysize
        if not self._rows and self._more is not None:
            return await self._connection.in_thread(self._more.fetchmany, most)
        rows, self._rows = self._rows[:most], self._rows[most:]
        return rows

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        if self._more is not None:
            rows += await self._connection.in_thread(self._more.fetchall)
        return rows

    async def close(self) -> None:
        """No trip unless rows were left lying."""
        self._rows = []
        if self._more is not None:
            await self._connection.in_thread(self._more.close)
            self._more = None

    async def _run(self, statement: Callable[[sqlite3.Cursor], Any]) -> OneTripCursor:
        inner = self._connection.inner

        def work() -> tuple[sqlite3.Cursor, list[Any], bool]:
            cursor = inner.cursor()
            try:
                statement(cursor)
                rows = cursor.fetchmany(AT_ONCE)
            except BaseException:
                cursor.close()
                raise
            more = len(rows) == AT_ONCE
            if not more:
                cursor.close()
            return cursor, rows, more

        await self.close()
        cursor, self._rows, more = await self._connection.in_thread(work)
        self._more = cursor if more else None
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        return self
