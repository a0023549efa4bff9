"""The two engines of one database: a writer that locks at BEGIN, and a reader that never locks.

`db = Database.open("sqlite:///data/release-bot.db")` or `"postgresql://bot@host/bot"`;
`async with db.writing() as connection:` is one transaction; `db.reader` is for single statements.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from asyncpg import InternalClientError
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.store import at_once, one_trip
from core.store.remembered import Kept

SQLITE_WAIT_MS = 30  # a thread inside SQLite cannot be cancelled, so the waiting is done in asyncio
READERS = 16  # connections
RETRY_FIRST, RETRY_MOST = 0.001, 0.020
POSTGRES_LIMITS = {
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
}
ONE_TRIP = {"async_creator_fn": one_trip.connect}
KEEPALIVE = {"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}

Dialect = Literal["sqlite", "postgresql"]
Conn: TypeAlias = AsyncConnection  # what the named reads are called with; use cases pass it on and send no SQL


@dataclass(slots=True)
class Database:
    """One database, seen by one process."""

    url: URL
    dialect: Dialect
    writer: AsyncEngine
    reader: AsyncEngine
    _gate: asyncio.Lock = field(default_factory=asyncio.Lock)  # FIFO: the tasks of a process take turns

    @classmethod
    def open(cls, url: str | URL, *, durable: bool = True) -> Database:
        """Make the engines; connects at first use. What is not `durable` (SQLite alone) waits for neither disk nor
        thread: for one process with a database of its own that it throws away."""
        full = with_driver(url)
        if full.get_backend_name() == "sqlite" and not durable:
            return cls(full, "sqlite", *_sqlite_at_once(full))
        if full.get_backend_name() == "sqlite":
            return cls(full, "sqlite", _sqlite_writer(full), _sqlite_reader(full))
        return cls(full, "postgresql", *_postgres_engines(full))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that holds the write lock from its first moment (SQLite) or locks by row (PostgreSQL)."""
        if self.dialect == "postgresql":
            async with self.writer.begin() as connection:
                try:
                    yield connection
                except InternalClientError:  # asyncpg met the server's goodbye half-read; SQLAlchemy cannot tell
                    await connection.invalidate()
                    raise
            return
        async with self._gate, AsyncExitStack() as stack:
            yield await self._begin_immediate(stack)

    async def _begin_immediate(self, stack: AsyncExitStack) -> AsyncConnection:
        """BEGIN until the lock is ours; another process may hold it. The caller's deadline ends the waiting."""
        pause = RETRY_FIRST
        while True:
            try:
                return await stack.enter_async_context(self.writer.begin())
            except DBAPIError as error:
                if not is_locked(error):
                    raise
            await asyncio.sleep(random.random() * pause)
            pause = min(pause * 2, RETRY_MOST)

    async def close(self) -> None:
        await self.writer.dispose()
        await self.reader.dispose()


def with_driver(url: str | URL) -> URL:
    """The URL with the async driver named; other databases are refused."""
    full = make_url(url)
    name = full.get_backend_name()
    if name == "sqlite":
        if full.database in (None, "", ":memory:"):
            raise ValueError("SQLite needs a file: several connections must see the same data")
        return full.set(drivername="sqlite+aiosqlite")
    if name in ("postgresql", "postgres"):
        full = full.set(drivername="postgresql+asyncpg")
        mode = full.query.get("sslmode")  # as libpq and most platforms write it; asyncpg calls it ssl
        return full.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode}) if mode else full
    raise ValueError(f"DATABASE_URL names {name!r}; SQLite and PostgreSQL are supported")


def is_locked(error: Exception) -> bool:
    """Whether SQLite says that another connection holds the lock."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    return "database is locked" in said or "database table is locked" in said


def _pragmas(*pragmas: str) -> Callable[[Any, Any], None]:
    def on_connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver never says BEGIN by itself
        cursor = dbapi.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return on_connect


def _sqlite_writer(url: URL) -> AsyncEngine:
    writer = create_async_engine(url, pool_size=4, max_overflow=0, connect_args=ONE_TRIP)
    # busy_timeout first: the others may already meet a lock
    settings = _pragmas(f"busy_timeout={SQLITE_WAIT_MS}", "synchronous=FULL", "foreign_keys=ON")
    event.listen(writer.sync_engine, "connect", settings)
    event.listen(writer.sync_engine, "begin", begin_immediate)
    return writer


def begin_immediate(connection: Connection) -> None:
    """Take the write lock before the first read: a plain BEGIN loses updates."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite_reader(url: URL) -> AsyncEngine:
    """An engine of its own: an AUTOCOMMIT view of the writer would fire its `begin` event and lock."""
    reader = create_async_engine(
        url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, skip_autocommit_rollback=True,
        pool_size=READERS, max_overflow=0, connect_args=ONE_TRIP,
    )  # fmt: skip
    event.listen(reader.sync_engine, "connect", _pragmas(f"busy_timeout={SQLITE_WAIT_MS}", "query_only=ON"))
    return reader


def _sqlite_at_once(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    kept = Kept()
    writer = at_once.engine(url, _pragmas("synchronous=OFF", "foreign_keys=ON"), kept)
    event.listen(writer.sync_engine, "begin", begin_immediate)
    return writer, at_once.engine(url, _pragmas("query_only=ON"), kept, isolation_level="AUTOCOMMIT")


def _postgres_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """`?statement_cache_size=0` in the URL says: behind a pooler in transaction mode."""
    pooled = url.query.get("statement_cache_size") == "0"
    url = url.difference_update_query(["statement_cache_size"])
    connect: dict[str, Any] = {"timeout": 5.0, "command_timeout": 15.0}
    engine: dict[str, Any] = {"connect_args": connect}
    if pooled:
        connect["statement_cache_size"] = 0
        url = url.update_query_dict({"prepared_statement_cache_size": "0"})
    else:
        connect["server_settings"] = POSTGRES_LIMITS | KEEPALIVE
    writer = create_async_engine(url, pool_size=8, max_overflow=0, **engine)
    reader = create_async_engine(
        url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, pool_size=READERS, max_overflow=0, **engine
    )
    if pooled:  # a pooler hands out sessions of others: limits hold for one transaction only
        event.listen(writer.sync_engine, "begin", _set_local_limits)
    return writer, reader


def _set_local_limits(connection: Connection) -> None:
    for name, value in POSTGRES_LIMITS.items():
        connection.exec_driver_sql(f"SET LOCAL {name} = '{value}'")
