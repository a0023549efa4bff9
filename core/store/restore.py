"""Bring a backup back, and remember that the world has gone on since it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import column, delete, func, insert, inspect, select, table, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import ReleaseBotError
from core.store import anchors, living, outbox, runs
from core.store import tables as t
from core.store.backup import KINDS, SchemaOutdated, TableCopy, read_about, rows_of
from core.store.engines import Database
from core.store.unit import Unit, release_chain
from core.store.upgrade import current, upgrade


class NotEmpty(ReleaseBotError):
    """The database already holds a store; restoring would replace it."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `anchor` is the newest one: any that was published later is lost with its entries."""

    rows: int
    open_releases: tuple[str, ...]
    doubtful: int
    anchor: str


async def restore(url: str | URL, path: Path, *, actor: str, at: datetime, replace: bool = False) -> Restored:
    """Fill an empty database, or with `replace` put the backup in the place of what is there.

    Each open effect is marked doubtful, so that it is looked for before it is sent; each open release gets an entry; a
    run begins no other step before a person has looked, because some may have been done since.
    All in one transaction: killed anywhere, the database is as it was, or whole.
    """
    revision, copies = read_about(path)
    await _prepare(url, revision)
    database = Database.open(url)
    try:
        async with database.writing() as connection:
            if database.dialect == "postgresql":  # filling the tables takes longer than a click may
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await _clear(connection, replace)
            for copy in copies:
                await _fill(connection, path, copy)
            if database.dialect == "postgresql":
                await _number_on(connection, copies)
            told = await _go_on(connection, actor, at, sum(copy.rows for copy in copies))
    finally:
        await database.close()
    await upgrade(url)
    return told


async def _prepare(url: str | URL, revision: str) -> None:
    """Rows of an older version go into the tables of that version, which are then brought up to date."""
    known = await current(url)
    if known is None:
        await upgrade(url, revision)
    elif known != revision:
        raise SchemaOutdated(f"the backup has schema {revision}, the database {known}; restore into an empty one")


async def _clear(connection: AsyncConnection, replace: bool) -> None:
    used = (await connection.execute(select(t.chain.c.name).limit(1))).first()
    if used is not None and not replace:
        raise NotEmpty()
    there = await _tables(connection)
    for one in reversed(t.metadata.sorted_tables):
        if one.name in there:
            await connection.execute(delete(one))


async def _tables(connection: AsyncConnection) -> set[str]:
    """The names of those that there are: an older version had fewer."""
    return set(await connection.run_sync(lambda plain: inspect(plain).get_table_names()))


async def _fill(connection: AsyncConnection, path: Path, copy: TableCopy) -> None:
    target = table(copy.name, *(column(name, KINDS[kind]) for name, kind in copy.columns))
    for rows in rows_of(path, copy):
        await connection.execute(insert(target), list(rows))


async def _number_on(connection: AsyncConnection, copies: Sequence[TableCopy]) -> None:
    """PostgreSQL counts beside the table; without this the next row would take a number that is there."""
    for copy in copies:
        if ("id", "int") in copy.columns:
            target = table(copy.name, column("id"))
            newest = select(func.max(target.c.id)).scalar_subquery()
            counter = func.pg_get_serial_sequence(copy.name, "id")
            await connection.execute(select(func.setval(counter, func.coalesce(newest, 1), newest.isnot(None))))


async def _go_on(connection: AsyncConnection, actor: str, at: datetime, rows: int) -> Restored:
    doubtful = await outbox.doubt_all_open(connection)
    await living.forget_shown(connection)
    if t.run.name in await _tables(connection):
        await runs.stop_all(connection)
    opened = select(t.release.c.id, t.release.c.version, t.release.c.policy_hash).where(t.release.c.open.is_(True))
    releases = (await connection.execute(opened.order_by(t.release.c.id))).all()
    unit = Unit(connection, "restore")
    await unit.lock([release_chain(row.id) for row in releases])
    for row in releases:
        await unit.audit(release_chain(row.id), actor, "restored", row.policy_hash, {"doubtful": doubtful}, at)
        unit.saved[row.id] = 0  # its facts now stand for one entry more
    await unit.settle()
    newest = await anchors.newest(connection)
    return Restored(rows, tuple(row.version for row in releases), doubtful, newest.hash if newest else "")
