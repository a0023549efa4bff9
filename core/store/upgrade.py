"""Bring a database to the newest schema: all revisions in one transaction, under one lock.

Several processes may start at once: one upgrades, the others wait and then find nothing to do.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from core.store.engines import begin_immediate, is_locked, with_driver

ADVISORY_LOCK = 7_226_431_907  # any number, the same in every version
WAIT_SECONDS = 60.0
PAUSE = 0.05

T = TypeVar("T")


async def upgrade(url: str | URL, revision: str = "head") -> None:
    """Apply what is missing; safe to call from several processes at once."""
    engine = _engine(with_driver(url))
    try:
        async with asyncio.timeout(WAIT_SECONDS), _locked(engine) as connection:
            await connection.run_sync(_apply, revision)
    finally:
        await engine.dispose()


async def current(url: str | URL) -> str | None:
    """The revision of the database; None for an empty one."""
    full = with_driver(url)
    if full.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(str(full.database)).exists):
        return None  # connecting would leave an empty file
    engine = create_async_engine(full, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


async def needs_upgrade(url: str | URL) -> bool:
    return await current(url) != head()


def head() -> str:
    """The revision that this version of the code expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()  # no ini file: an installed package has none
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _apply(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _engine(url: URL) -> AsyncEngine:
    """An engine of its own: a table that is rebuilt must not meet foreign keys, nor a short lock time-out."""
    engine = create_async_engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _without_begin)
        event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


def _without_begin(dbapi: Any, _record: Any) -> None:
    dbapi.isolation_level = None
    dbapi.execute("PRAGMA busy_timeout=30")


@asynccontextmanager
async def _locked(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    if engine.dialect.name == "postgresql":
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
            yield connection
        return
    path = Path(str(engine.url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    await _until_free(lambda: asyncio.to_thread(_set_wal, path))
    async with AsyncExitStack() as stack:
        yield await _until_free(lambda: stack.enter_async_context(engine.begin()))


def _set_wal(path: Path) -> None:
    """Once for the file, and before the transaction: SQLite refuses to change the mode inside one."""
    connection = sqlite3.connect(path, timeout=0.03, isolation_level=None)
    try:
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    finally:
        connection.close()
    if mode != "wal":
        raise RuntimeError(f"{path} cannot be shared by processes (journal mode {mode}): is it on a network drive?")


async def _until_free(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try until no other process holds the lock; the caller's deadline ends the waiting."""
    while True:
        try:
            return await attempt()
        except (DBAPIError, sqlite3.OperationalError) as error:
            if not is_locked(error):
                raise
        await asyncio.sleep(PAUSE)
