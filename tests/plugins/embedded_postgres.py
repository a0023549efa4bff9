"""An embedded PostgreSQL that one test session shares; each test has a database of its own.

Copying a database takes a quarter of a second on a busy machine, so a used one is cleaned and handed out again,
in a thread beside the tests. One whose schema was touched, or that grew, is thrown away instead.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.engine import make_url

TEMPLATE = "release_bot_template"
LARGE = 16_000_000
SCHEMA = """
SELECT md5(string_agg(said, ';' ORDER BY said)) FROM (
    SELECT indexdef AS said FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT attrelid::regclass || '.' || attname || atttypid::regtype || attnotnull FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT version_num FROM alembic_version
) AS everything
"""
CLEAN = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(oid::regclass, 1, false) FROM pg_class
        WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""

T = TypeVar("T")


class Postgres:
    """Hands out databases of one server."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._numbers = itertools.count(1)
        self._thread = ThreadPoolExecutor(1)
        self._ready: deque[Future[str]] = deque()
        self._schema = ""

    def begin(self, upgrade: Callable[[str], Awaitable[None]]) -> None:
        """Make the database that all others are copied from, and the first two."""
        # a killed test session may lose its data; nobody wants to wait for the disk
        slow = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
        self._run(*(f"ALTER SYSTEM SET {name} = off" for name in slow), "SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")

        async def fill() -> None:
            await upgrade(self.url(TEMPLATE))

        asyncio.run(fill())
        self._schema = self._in(TEMPLATE, lambda connection: connection.fetchval(SCHEMA))
        self._ready.extend(self._thread.submit(self._copy, TEMPLATE) for _ in range(2))

    def url(self, name: str) -> str:
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def take(self) -> str:
        """A database with the newest schema and no row."""
        if not self._ready:
            self._ready.append(self._thread.submit(self._copy, TEMPLATE))
        return self._ready.popleft().result()

    def give_back(self, name: str) -> None:
        self._ready.append(self._thread.submit(self._clean, name))

    def take_empty(self) -> str:
        """A database without any table."""
        return self._thread.submit(self._copy, "template0").result()

    def drop(self, name: str) -> None:
        self._thread.submit(self._run, f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._thread.shutdown()

    def _copy(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")  # the quick one without fsync
        return name

    def _clean(self, name: str) -> str:
        async def clean(connection: Any) -> bool:
            await connection.execute(CLEAN)
            large = await connection.fetchval("SELECT pg_database_size(current_database())") > LARGE
            return not large and await connection.fetchval(SCHEMA) == self._schema

        if self._in(name, clean):
            return name
        self._run(f"DROP DATABASE {name} WITH (FORCE)")
        return self._copy(TEMPLATE)

    def _run(self, *statements: str) -> None:
        async def execute(connection: Any) -> None:
            for statement in statements:
                await connection.execute(statement)

        self._in("postgres", execute)

    def _in(self, name: str, work: Callable[[Any], Awaitable[T]]) -> T:
        async def connected() -> T:
            connection = await asyncpg.connect(
                host=self._url.query["host"], user=self._url.username, database=name
            )
            try:
                return await work(connection)
            finally:
                await connection.close()

        return asyncio.run(connected())
