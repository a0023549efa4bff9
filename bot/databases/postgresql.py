"""PostgreSQL: pg_dump at the moment at which the rows are counted, proven by pg_restore into a scratch database."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from bot.databases import engine
from bot.databases.address import Address
from bot.databases.content import Content, Table
from bot.databases.engine import Dumped, Newer, changed_tables, quoted, time_column
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.postgresql_words import CLEAR, CLOCK, COLUMNS, COUNT, INDEXES, OTHERS, TABLES, told
from bot.databases.process import Runner
from bot.databases.tools import Tools, tools_for

SETTINGS = {
    "application_name": "release-bot", "search_path": "", "row_security": "off",
    "timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "postgres", "extra_float_digits": "1",
    "bytea_output": "hex",
}  # fmt: skip
WHOLE = {"integer", "bigint", "smallint"}
PREFIX = "release_bot_check_"


@dataclass(frozen=True, slots=True)
class Postgresql:
    """One database of a server; `scratch` is where restore points are proven, its own server by default."""

    address: Address
    runner: Runner
    scratch: Address | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def size(self) -> int:
        async with self._connected() as connection:
            return int(await connection.fetchval("SELECT pg_database_size(current_database())"))

    async def shape(self) -> Content:
        async with self._connected() as connection:
            return await _content(connection, rows=False)

    async def content(self) -> Content:
        async with self._connected() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            return await _content(connection, rows=True)

    async def revision(self) -> str:
        async with self._connected() as connection:
            table = await connection.fetchval("SELECT to_regclass('public.alembic_version')::text")
            return str(await connection.fetchval(f"SELECT version_num FROM {table}") or "") if table else ""

    async def dump(self, file: Path) -> Dumped:
        async with self._connected() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            tools, server = await self._tools(connection)
            moment = await connection.fetchval("SELECT pg_export_snapshot()")
            command = [tools.path("pg_dump"), "--format=custom", f"--snapshot={moment}", f"--file={file}",
                       f"--lock-wait-timeout={engine.SETTLED_WAIT * 1000}", "--no-password"]  # fmt: skip
            dumping = asyncio.create_task(self.runner.run(command, env=self.address.variables(self.environment)))
            try:
                content = await _content(connection, rows=True)
                ended = await dumping
            finally:
                dumping.cancel()  # nothing is left to it unless the counting failed
                await asyncio.wait([dumping])
        if ended.rc:
            full = "There is no room left on the disk." if ended.disk_full else f"pg_dump failed: {ended.why}."
            raise DatabaseFault(Exit.NOT_BEGUN, full)
        return Dumped(content, {"server": f"PostgreSQL {server}", "tool": f"pg_dump {tools.version}"})

    async def rehearse(self, file: Path) -> Content:
        async with self._scratch_database() as address:
            await self._run_script(file, address, clear=False)
            async with _connected(address) as connection:
                return await _content(connection, rows=True)

    async def put_back(self, file: Path) -> None:
        await self._run_script(file, self.address, clear=True)

    async def newer(self, then: Content, now: Content) -> Sequence[Newer]:
        async with self._connected() as connection:
            return [await _newer_in(connection, *each) for each in changed_tables(then, now)]

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        async with _connected(self.address) as connection:
            yield connection

    async def _tools(self, connection: Any) -> tuple[Tools, str]:
        server = str(await connection.fetchval("SHOW server_version"))
        return await tools_for(connection.get_server_version().major, self.environment), server.partition(" ")[0]

    async def _run_script(self, file: Path, address: Address, *, clear: bool) -> None:
        """Write the backup as SQL beside it and run that in one transaction: a half of it never stays."""
        async with _connected(address) as connection:
            tools, _ = await self._tools(connection)
        elsewhere = self.scratch is not None and not clear
        script = file.with_name(f".{file.name}.{os.getpid()}.sql")
        os.close(os.open(script, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        try:
            strange = ["--no-owner", "--no-privileges"] if elsewhere else []
            read = await self.runner.run(
                [tools.path("pg_restore"), *strange, f"--file={script}", str(file)], env=self.environment
            )
            if read.rc:
                _failed(read.why, read.disk_full, clear=clear)
            env = address.variables(self.environment)
            quiet = f"-c lock_timeout={engine.SETTLED_WAIT}s -c client_min_messages=error"
            env["PGOPTIONS"] = f"{env.get('PGOPTIONS', '')} {quiet}"
            first = [f"--command={CLEAR}"] if clear else []
            ended = await self.runner.run(
                [tools.path("psql"), "-X", "-q", "-w", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
                 "--single-transaction", *first, f"--file={script}"],
                env=env,
            )  # fmt: skip
        finally:
            script.unlink(missing_ok=True)
        if ended.rc:
            _failed(ended.why, ended.disk_full, clear=clear)

    @asynccontextmanager
    async def _scratch_database(self) -> AsyncIterator[Address]:
        """A fresh database that goes away again; those that a killed process left are cleared first."""
        at = self.scratch or self.address
        mine = f"{PREFIX}{self.address.print[:6]}_"
        name = f"{mine}{secrets.token_hex(4)}"
        async with _connected(at) as connection:
            for row in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", mine):
                try:
                    await connection.execute(f'DROP DATABASE "{row[0]}"')
                except asyncpg.ObjectInUseError:
                    continue  # somebody is at it right now
            await _create(connection, name, same=self.scratch is None)
            inside = Address(at.dsn(name), "postgresql", at.url.set(database=name) if at.url else None)
            try:
                async with _connected(inside):  # held open, so that nobody takes it for a left one
                    yield inside
            finally:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _create(connection: Any, name: str, *, same: bool) -> None:
    how = ""
    if same:
        row = await connection.fetchrow(
            "SELECT pg_encoding_to_char(encoding) AS e, datcollate AS c, datctype AS t FROM pg_database"
            " WHERE datname = current_database()"
        )
        how = f" ENCODING '{row['e']}' LC_COLLATE '{row['c']}' LC_CTYPE '{row['t']}'"
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0{how}')
    except asyncpg.InsufficientPrivilegeError:
        raise DatabaseFault(
            Exit.NOT_RESTORABLE,
            "A restore point has to be proven in a scratch database, and this account may make none: give it CREATEDB, "
            "or set SCRATCH_DATABASE_URL to another server.",
        ) from None


def _failed(why: str, full: bool, *, clear: bool) -> None:
    if full:
        raise DatabaseFault(Exit.NOT_BEGUN, "There is no room left on the disk.")
    if clear and "lock timeout" in why:
        words = "Somebody works with the database and does not let go; stop the service first."
        raise DatabaseFault(Exit.UNCHANGED, f"{words} Nothing was changed.")
    if clear:
        raise DatabaseFault(Exit.UNCHANGED, f"The backup could not be put back, and nothing was changed: {why}.")
    raise DatabaseFault(Exit.NOT_RESTORABLE, f"The backup cannot be restored: {why}.")


@asynccontextmanager
async def _connected(address: Address) -> AsyncIterator[Any]:
    """A connection with settings under which equal rows are printed equally; errors become words."""
    try:
        waits = {"lock_timeout": f"{engine.SETTLED_WAIT}s"}
        connection = await asyncpg.connect(dsn=address.dsn(), timeout=10, server_settings=SETTINGS | waits)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseFault(Exit.NOT_BEGUN, told(error, address)) from None
    try:
        yield connection
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseFault(Exit.NOT_BEGUN, told(error, address)) from None
    finally:
        try:
            await connection.close(timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()


async def _content(connection: Any, *, rows: bool) -> Content:
    clock = str(await connection.fetchval(CLOCK))
    found = await connection.fetch(TABLES)
    columns: dict[int, list[tuple[str, str, str]]] = {}
    for oid, name, kind, part, key in await connection.fetch(COLUMNS):
        columns.setdefault(oid, []).append((name, kind, part))
        if key and kind in WHOLE:
            columns[oid].append((name, "key", ""))
    parts: dict[int, list[str]] = {}
    for oid, part in await connection.fetch(INDEXES):
        parts.setdefault(oid, []).append(part)
    tables = {}
    for oid, schema, name in found:
        its = columns.get(oid, [])
        built = tuple([part for _, _, part in its if part] + parts.get(oid, []))
        shown = name if schema == "public" else f"{schema}.{name}"
        tables[shown] = await _table(connection, (schema, name), its, built) if rows else Table(0, parts=built)
    others = [str(row[0]) for row in await connection.fetch(OTHERS)]
    if others:
        tables["(others)"] = Table(0, parts=tuple(others))
    return Content(tables, clock)


async def _table(connection: Any, name: tuple[str, str], columns: Sequence[tuple[str, str, str]],
                 parts: tuple[str, ...]) -> Table:  # fmt: skip
    where = f"{quoted(name[0])}.{quoted(name[1])}"
    key = next((n for n, kind, _ in columns if kind == "key"), "")
    time = time_column([n for n, kind, _ in columns if kind.startswith(("timestamp", "date"))])
    highest = f"max({quoted(key)})" if key else "NULL::bigint"
    newest = f"max({quoted(time)})::text" if time else "NULL::text"
    row = await connection.fetchrow(COUNT.format(where=where, highest=highest, newest=newest))
    digest = f"{int(row['a']) % (1 << 64):016x}{int(row['b']) % (1 << 64):016x}"
    return Table(row["rows"], digest, parts, key, row["most"], time, row["last"] or "")


async def _newer_in(connection: Any, name: str, then: Table | None, now: Table) -> Newer:
    if then is None:
        return Newer(name, now.rows, whole=True)
    schema, _, table = name.rpartition(".")
    where = f"{quoted(schema or 'public')}.{quoted(table)}"
    time = quoted(then.time) if then.time and then.time == now.time else ""
    if then.key and then.key == now.key:
        most = then.most if then.most is not None else -(1 << 63)
        wanted = f"{quoted(then.key)} > {int(most)}"
    elif time:
        wanted = f"{time} > {literal(then.last)}" if then.last else "true"
    else:
        return Newer(name, max(0, now.rows - then.rows), exact=False)
    spans = f"min({time})::text, max({time})::text" if time else "'', ''"
    count, first, last = await connection.fetchrow(f"SELECT count(*), {spans} FROM {where} WHERE {wanted}")
    return Newer(name, count, first or "", last or "", exact=bool(then.key))


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
