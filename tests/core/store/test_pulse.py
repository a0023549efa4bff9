"""A database that can be read and not written is noticed, by a write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine

from core.errors import Busy
from core.store.engines import Database, with_driver
from core.store.pulse import beat
from core.store.tables import pulse
from tests.plugins.disk import full_disk


@asynccontextmanager
async def opened_at(url: URL) -> AsyncIterator[Database]:
    database = Database.open(url)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def read_only(url: str) -> AsyncIterator[Database]:
    """The same database, opened as a replica or a file of somebody else's would be."""
    full = with_driver(url)
    if full.get_backend_name() == "sqlite":
        file = full.set(database=f"file:{full.database}").update_query_dict({"mode": "ro", "uri": "true"})
        async with opened_at(file) as opened:
            yield opened
        return
    admin = create_async_engine(full, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:  # a session that began before still may write, so it can be taken back
        await connection.execute(text(f'ALTER DATABASE "{full.database}" SET default_transaction_read_only = on'))
        try:
            async with opened_at(full) as opened:
                yield opened
        finally:
            await connection.execute(text(f'ALTER DATABASE "{full.database}" RESET default_transaction_read_only'))
    await admin.dispose()


async def test_a_write_that_is_taken_leaves_one_row(database: Database) -> None:
    await beat(database)
    await beat(database)
    async with database.reader.connect() as connection:
        assert len((await connection.execute(pulse.select())).all()) == 1


async def test_a_read_only_database_is_noticed(database_url: str) -> None:
    async with read_only(database_url) as closed:
        with pytest.raises(Busy, match=r"takes no write: .*(readonly database|read-only transaction)") as told:
            await beat(closed)
        async with closed.reader.connect() as connection:
            assert (await connection.execute(pulse.select())).all() == []
    assert "<class" not in str(told.value) and "\n" not in str(told.value)


async def test_a_full_disk_is_noticed_and_so_is_its_end(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    await beat(database)
    with full_disk(), pytest.raises(Busy, match=r"takes no write: (disk I/O error|database or disk is full)"):
        await beat(database)
    await beat(database)
    await database.close()
