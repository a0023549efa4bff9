"""SQLite without waiting: engines for one process with a database of its own that it throws away.

They look like the asynchronous ones as far as the store uses them, and do each statement before its caller goes on:
no thread, no disk that is waited for. The event loop stands still meanwhile, which hurts nobody who is alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import SingletonThreadPool

from core.store.remembered import Kept

Connected = Callable[[Any, Any], None]


class _Connection:
    """In the place of an `AsyncConnection`. `inside`: it is that of an open transaction."""

    def __init__(self, inner: Connection, kept: Kept, *, inside: bool = False) -> None:
        self._inner = inner
        self.kept, self.inside = kept, inside

    async def __aenter__(self) -> _Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        """It stays open."""

    @property
    def dialect(self) -> Dialect:
        return self._inner.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        if not statement.is_select:
            self.kept.written(statement.table.name)
        return self._inner.execute(statement, parameters)


class _Raw:
    """In the place of a pooled connection and of the driver's own in it."""

    def __init__(self, inner: Connection) -> None:
        self.driver_connection = self
        self._inner = inner

    async def execute_fetchall(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        return self._inner.exec_driver_sql(sql, tuple(values)).fetchall()

    def close(self) -> None:
        """It stays open."""

    invalidate = close


class _Engine:
    """In the place of an `AsyncEngine`: one connection, kept open, because a file of our own is asked by nobody else.

    Whoever writes holds the store's gate, so two never begin at once; what is read is read whole.
    """

    def __init__(self, inner: Engine, kept: Kept) -> None:
        self.sync_engine = inner
        self._kept = kept
        self._open: Connection | None = None

    def _connection(self) -> Connection:
        if self._open is None:
            self._open = self.sync_engine.connect()
        return self._open

    @property
    def dialect(self) -> Dialect:
        return self.sync_engine.dialect

    async def raw_connection(self) -> _Raw:
        return _Raw(self._connection())

    def connect(self) -> _Connection:
        return _Connection(self._connection(), self._kept)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_Connection]:
        connection = self._connection()
        well = False
        try:
            with connection.begin():
                yield _Connection(connection, self._kept, inside=True)
            well = True
        finally:
            self._kept.ended(well=well)

    async def dispose(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
        self.sync_engine.dispose()


def engine(url: URL, connected: Connected, kept: Kept, **options: Any) -> AsyncEngine:
    """An engine for `Database`; `connected` sets its connections up, `options` are SQLAlchemy's. The engines of one
    database share what is `kept`."""
    inner = create_engine(url.set(drivername="sqlite+pysqlite"), poolclass=SingletonThreadPool, **options)
    event.listen(inner, "connect", connected)
    return cast(AsyncEngine, _Engine(inner, kept))

