"""SQLite: its own backup, at one moment, while others read and write."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from bot.databases import engine
from bot.databases.address import Address
from bot.databases.content import Content, Table, row_sum
from bot.databases.engine import Dumped, Newer, changed_tables, quoted, time_column
from bot.databases.faults import DatabaseFault, Exit

READ_WAIT, WRITE_WAIT = 30.0, 1.0  # seconds of one try to get a lock; what writes tries until its patience is over
PAGES = 2000  # of one step of a copy
CLOCK = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"


@dataclass(frozen=True, slots=True)
class Sqlite:
    """The database in one file."""

    address: Address

    async def size(self) -> int:
        return sum(p.stat().st_size for p in (self._file(), Path(f"{self.address.file}-wal")) if p.exists())

    async def shape(self) -> Content:
        return await asyncio.to_thread(self._read, rows=False)

    async def content(self) -> Content:
        return await asyncio.to_thread(self._read, rows=True)

    async def revision(self) -> str:
        return await asyncio.to_thread(self._revision)

    async def dump(self, file: Path) -> Dumped:
        return await asyncio.to_thread(self._dump, file)

    async def rehearse(self, file: Path) -> Content:
        return await asyncio.to_thread(_rehearse, file)

    async def put_back(self, file: Path) -> None:
        await asyncio.to_thread(self._put_back, file)

    async def newer(self, then: Content, now: Content) -> Sequence[Newer]:
        return await asyncio.to_thread(self._newer, then, now)

    def _file(self) -> Path:
        if not self.address.file.is_file():
            raise DatabaseFault(Exit.NOT_BEGUN, "At this address is no database: its file is not there.")
        return self.address.file

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        with faults(), closing(_connect(self._file(), "rw" if write else "ro")) as connection:
            yield connection

    def _read(self, *, rows: bool) -> Content:
        with self._open() as connection:
            connection.execute("BEGIN")
            return _content(connection, rows=rows)

    def _revision(self) -> str:
        with self._open() as connection:
            known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
            return str(row[0]) if row else ""

    def _dump(self, file: Path) -> Dumped:
        with self._open() as connection:
            connection.execute("BEGIN")  # with its first read the moment is held, for the copy as for the count
            content = _content(connection, rows=True)
            with closing(sqlite3.connect(file)) as copy:
                connection.backup(copy, pages=PAGES, progress=_Patience())
        return Dumped(content, {"server": f"SQLite {sqlite3.sqlite_version}", "tool": "backup API"})

    def _put_back(self, file: Path) -> None:
        with faults(), closing(_connect(file, "ro")) as backup, self._open(write=True) as connection:
            backup.backup(connection, pages=-1, progress=_Patience())  # one step: all of it, or nothing

    def _newer(self, then: Content, now: Content) -> Sequence[Newer]:
        with self._open() as connection:
            return [_newer_in(connection, *each) for each in changed_tables(then, now)]


class _Patience:
    """Ends a copy that waits for somebody else's lock; SQLite itself would try for ever."""

    def __init__(self) -> None:
        self._until = monotonic() + engine.SETTLED_WAIT

    def __call__(self, status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and monotonic() > self._until:
            raise sqlite3.OperationalError("database is locked")


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    where, wait = f"{file.absolute().as_uri()}?mode={mode}", WRITE_WAIT if mode == "rw" else READ_WAIT
    connection = sqlite3.connect(where, uri=True, isolation_level=None, timeout=wait)
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    return connection


def _rehearse(file: Path) -> Content:
    with faults(Exit.NOT_RESTORABLE), TemporaryDirectory(dir=file.parent, prefix=".check-") as folder:
        scratch = Path(folder) / "scratch.db"
        with closing(_connect(file, "ro")) as backup, closing(sqlite3.connect(scratch)) as copy:
            backup.backup(copy, pages=PAGES)
        with closing(_connect(scratch, "ro")) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
            if said != ["ok"]:
                words = f"The backup cannot be restored: {'; '.join(said)[:300]}."
                raise DatabaseFault(Exit.NOT_RESTORABLE, words)
            return _content(connection, rows=True)


def _content(connection: sqlite3.Connection, *, rows: bool) -> Content:
    clock = str(connection.execute(CLOCK).fetchone()[0])
    found = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    tables = {
        str(name): _table(connection, str(name), rows=rows) for name, sql in found
        if not str(sql or "").upper().startswith("CREATE VIRTUAL")
    }  # fmt: skip
    views = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").fetchall()
    if views:
        tables["(views)"] = Table(0, parts=tuple(f"view {name}" for (name,) in views))
    return Content(tables, clock)


def _table(connection: sqlite3.Connection, name: str, *, rows: bool) -> Table:
    columns = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    parts = [_column(c) for c in columns]
    indexes = connection.execute(f"PRAGMA index_list({quoted(name)})")
    parts += [f"{'unique ' if row[2] else ''}index {row[1]}" for row in indexes]
    if not rows:
        return Table(0, parts=tuple(parts))
    count, digest = row_sum(_packed(row) for row in connection.execute(f"SELECT * FROM {quoted(name)}"))
    keys = [c for c in columns if c[5]]
    key = str(keys[0][1]) if len(keys) == 1 and str(keys[0][2]).upper() in ("INTEGER", "INT", "BIGINT") else ""
    time = time_column([str(c[1]) for c in columns])
    most = _one(connection, f"max({quoted(key)})", name) if key else None
    last = _one(connection, f"max({quoted(time)})", name) if time else None
    return Table(count, digest, tuple(parts), key, most if isinstance(most, int) else None, time, _text(last))


def _column(c: tuple[Any, ...]) -> str:
    return f"column {c[1]} {c[2]}".strip() + (" not null" if c[3] else "") + (" default" if c[4] is not None else "")


def _one(connection: sqlite3.Connection, what: str, table: str) -> object:
    row = connection.execute(f"SELECT {what} FROM {quoted(table)}").fetchone()
    return row[0] if row else None


def _packed(row: tuple[object, ...]) -> bytes:
    """A row as bytes that no other row has: 1, 1.0, "1" and b"1" are four values."""
    return repr(row).encode(errors="surrogateescape")


def _newer_in(connection: sqlite3.Connection, name: str, then: Table | None, now: Table) -> Newer:
    if then is None:
        return Newer(name, now.rows, whole=True)
    time = quoted(then.time) if then.time and then.time == now.time else "NULL"
    value: tuple[object, ...]
    if then.key and then.key == now.key:
        most = then.most if then.most is not None else -(1 << 63)
        where, value = f"{quoted(then.key)} > ?", (most,)
    elif then.time and then.time == now.time:
        where, value = f"{time} > ?", (then.last,)
    else:
        return Newer(name, max(0, now.rows - then.rows), exact=False)
    count, first, last = connection.execute(
        f"SELECT count(*), min({time}), max({time}) FROM {quoted(name)} WHERE {where}", value
    ).fetchone()
    return Newer(name, int(count), _text(first), _text(last), exact=bool(then.key))


def _text(value: object) -> str:
    return "" if value is None else str(value)


@contextmanager
def faults(code: Exit = Exit.NOT_BEGUN) -> Iterator[None]:
    """SQLite's errors in words for people."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        known = (
            ("disk is full", Exit.NOT_BEGUN, "There is no room left on the disk."),
            ("is locked", Exit.NOT_BEGUN, "The database is locked by somebody else; stop what writes into it first."),
            ("not a database", code, "The file is no SQLite database."),
            ("malformed", code, "The file is damaged."),
        )
        for mark, its, words in known:
            if mark in said:
                raise DatabaseFault(its, words) from None
        raise DatabaseFault(code, f"SQLite says: {said[:300]}.") from None
