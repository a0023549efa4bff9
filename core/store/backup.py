"""Backup of the whole store to one file and back, the same format for both databases.

The file is a zip: `backup.json` names the schema revision, the tables with their columns, row counts and digests;
beside it one `<table>.jsonl` each, a JSON array per row. A restore may go to the other kind of database.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table, Text, event, select, type_coerce
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeEngine

from core.errors import ReleaseBotError
from core.store.columns import iso
from core.store.engines import with_driver
from core.store.tables import metadata
from core.store.upgrade import current, head

FORMAT = 1
PIECE = 1_000
NOT_WHOLE = (  # what reading a damaged archive raises, which depends on where the damage lies
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, KeyError, ValueError, OSError, EOFError,
)  # fmt: skip
KINDS: dict[str, TypeEngine[Any]] = {"text": Text(), "int": BigInteger(), "float": Float(53), "bool": Boolean()}


class BackupDamaged(ReleaseBotError):
    """The backup file is incomplete or was changed."""


class SchemaOutdated(ReleaseBotError):
    """The database has another schema than this version of the bot; run the upgrade first."""


@dataclass(frozen=True, slots=True)
class TableCopy:
    """One table in a backup; each column with its kind: text, int, float or bool."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    digest: str


async def backup(url: str | URL, path: Path, at: datetime) -> dict[str, int]:
    """Write all tables as of one moment to `path`; the bot may go on working. Returns rows by table."""
    if await current(url) != head():
        raise SchemaOutdated(url=with_driver(url).render_as_string())
    unfinished = path.with_name(path.name + ".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        async with _snapshot(with_driver(url)) as connection:
            copies = [await _copy(connection, table, archive) for table in metadata.sorted_tables]
        about = {
            "format": FORMAT,
            "revision": head(),
            "at": iso(at),
            "tables": [{"name": c.name, "columns": c.columns, "rows": c.rows, "sha256": c.digest} for c in copies],
        }
        archive.writestr("backup.json", json.dumps(about, indent=1))
    unfinished.replace(path)  # a backup that was cut short never has the name of a whole one
    return {copy.name: copy.rows for copy in copies}


@asynccontextmanager
async def _snapshot(url: URL) -> AsyncIterator[AsyncConnection]:
    """One consistent view of everything, which holds up no writer."""
    options = {} if url.get_backend_name() == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    engine = create_async_engine(url, poolclass=NullPool, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "begin", _begin)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")  # the driver begins by itself only before a write


async def _copy(connection: AsyncConnection, table: Table, archive: zipfile.ZipFile) -> TableCopy:
    columns = tuple((column.name, _kind(column)) for column in table.columns)
    raw = [type_coerce(column, KINDS[_kind(column)]).label(column.name) for column in table.columns]
    digest, count = hashlib.sha256(), 0
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
        found = await connection.stream(select(*raw).order_by(*table.primary_key.columns))
        async for rows in found.partitions(PIECE):
            text = "".join(json.dumps(list(row)) + "\n" for row in rows).encode()
            await asyncio.to_thread(lines.write, text)
            digest.update(text)
            count += len(rows)
    return TableCopy(table.name, columns, count, digest.hexdigest())


def _kind(column: Column[Any]) -> str:
    """TypeDecorators are text underneath and are copied as they lie."""
    if isinstance(column.type, Boolean):
        return "bool"
    if isinstance(column.type, Integer):
        return "int"
    return "float" if isinstance(column.type, Float) else "text"


def read_about(path: Path) -> tuple[str, list[TableCopy]]:
    """The schema revision and the tables of a backup, after every digest was compared."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("backup.json"))
            if about["format"] != FORMAT:
                raise BackupDamaged(f"{path} has format {about['format']}, this version reads {FORMAT}")
            copies = [
                TableCopy(t["name"], tuple((name, kind) for name, kind in t["columns"]), t["rows"], t["sha256"])
                for t in about["tables"]
            ]
            for copy in copies:
                _compare(archive, copy)
    except NOT_WHOLE as error:
        raise BackupDamaged(f"{path} is not a whole backup: {error}") from error
    return str(about["revision"]), copies


def _compare(archive: zipfile.ZipFile, copy: TableCopy) -> None:
    digest, count = hashlib.sha256(), 0
    with archive.open(f"{copy.name}.jsonl") as lines:
        for line in lines:
            digest.update(line)
            count += 1
    if (count, digest.hexdigest()) != (copy.rows, copy.digest):
        raise BackupDamaged(f"table {copy.name} was changed or cut short")


def rows_of(path: Path, copy: TableCopy) -> Iterator[Sequence[dict[str, Any]]]:
    """The rows of one table, in pieces."""
    names = [name for name, _ in copy.columns]
    piece: list[dict[str, Any]] = []
    with zipfile.ZipFile(path) as archive, archive.open(f"{copy.name}.jsonl") as lines:
        for line in lines:
            piece.append(dict(zip(names, json.loads(line), strict=True)))
            if len(piece) == PIECE:
                yield piece
                piece = []
    if piece:
        yield piece
