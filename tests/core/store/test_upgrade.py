"""The schema is made by migration: once, whole, by one of several processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from core import failpoints
from core.failpoints import FailpointReached
from core.store.engines import Database, with_driver
from core.store.tables import metadata
from core.store.upgrade import current, head, needs_upgrade, upgrade
from tests.core.store.conftest import Processes


async def tables(url: str) -> set[str]:
    database = Database.open(url)
    async with database.reader.connect() as connection:
        names = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    await database.close()
    return names


async def test_an_empty_database_is_brought_to_the_newest_schema(empty_url: str) -> None:
    assert await current(empty_url) is None
    assert await needs_upgrade(empty_url)
    await upgrade(empty_url)
    assert await current(empty_url) == head()
    assert not await needs_upgrade(empty_url)
    await upgrade(empty_url)


async def test_asking_an_absent_sqlite_file_leaves_none_behind(tmp_path: Path) -> None:
    assert await current(f"sqlite:///{tmp_path / 'bot.db'}") is None
    assert list(tmp_path.iterdir()) == []


async def test_four_at_once_all_succeed(empty_url: str) -> None:
    processes = Processes(empty_url)
    assert await asyncio.gather(*(processes.run("upgrade") for _ in range(4))) == [(0, "")] * 4
    assert await current(empty_url) == head()


@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_without_the_lock_all_but_one_fail(empty_url: str) -> None:
    """The proof that the test above bites: the first waits before its COMMIT, the second meets its tables."""
    processes = Processes(empty_url)
    runs = (processes.run("upgrade-unlocked", fail="migrate.between=sleep:2@1") for _ in range(2))
    ended = await asyncio.gather(*runs)
    assert sorted(code for code, _ in ended) == [0, 1]


async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.reader.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_indices_have_the_conditions_that_the_code_knows(database: Database) -> None:
    """Alembic compares names and columns only; a partial index without its condition would be a full unique key."""
    listing = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if database.dialect == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    async with database.reader.connect() as connection:
        found = {name: "WHERE" in sql for name, sql in await connection.execute(text(listing))}
    for table in metadata.sorted_tables:
        for index in table.indexes:
            assert found[str(index.name)] == (index.dialect_options["sqlite"]["where"] is not None), index.name


async def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    failpoints.configure({failpoints.ARMED: "migrate.between=error"})
    try:
        with pytest.raises(FailpointReached):
            await upgrade(empty_url)
    finally:
        failpoints.configure({})
    assert await tables(empty_url) == set()
    await upgrade(empty_url)
    assert await current(empty_url) == head()


async def test_a_migration_killed_half_way_leaves_nothing_and_no_lock(empty_url: str) -> None:
    code, _ = await Processes(empty_url).run("upgrade", fail="migrate.between=kill")
    assert code == -9
    assert await tables(empty_url) == set()
    await upgrade(empty_url)
    assert await current(empty_url) == head()


async def test_sqlite_is_in_wal_mode(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with database.reader.connect() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
    await database.close()


@pytest.mark.parametrize("url", ["mysql://bot@host/bot", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite|supported"):
        with_driver(url)


def test_a_platforms_way_to_ask_for_tls_is_handed_on_as_the_driver_calls_it():
    url = with_driver("postgres://bot:secret@db/bot?sslmode=require&statement_cache_size=0")
    assert url.query == {"ssl": "require", "statement_cache_size": "0"} and url.password == "secret"
