"""What the store's tests share: releases to store, counts, and other processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from core.domain.release import Phase, Release, ReleaseType
from core.store import releases
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit, release_chain
from tests.core.store.process import forked

AT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
IMPORTED = (
    "tests.core.store.process", "core.store.upgrade", "aiosqlite", "sqlalchemy.dialects.sqlite.aiosqlite", "asyncpg",
    "sqlalchemy.dialects.postgresql.asyncpg",
)  # fmt: skip

Stored = Callable[..., Awaitable[Release]]


@pytest.fixture
def draft() -> Release:
    """A minor release that was never stored."""
    return Release(
        id=0, product="shop", version="1.3.0", type=ReleaseType.MINOR, phase=Phase.PLANNING, epoch=0,
        policy_hash="p1", started_by="U1", started_at=AT, lead="U1", base_tag="v1.2.2", base_sha="a" * 40,
        branch="release/1.3.0",
    )


@pytest.fixture
def stored(store: Store, draft: Release) -> Stored:
    """Stores a release: `await stored(version="1.4.0")`."""

    async def put(wake_at: datetime | None = None, **changes: Any) -> Release:
        async def work(unit: Unit) -> Release:
            new = await releases.add(unit, replace(draft, **changes))
            await unit.audit(release_chain(new.id), "U1", "start", "p1", {"version": new.version}, AT)
            await releases.save(unit, new, facts={"version": new.version}, wake_at=wake_at)
            return new

        made: Release = await store.unit(work, verb="start")
        return made

    return put


@pytest.fixture
def counted(database: Database) -> Callable[[Any], Awaitable[int]]:
    """How many rows a table has."""

    async def count(table: Any) -> int:
        async with database.reader.connect() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())

    return count


class Other:
    """Another process; what it prints is read as it comes."""

    def __init__(self, process: Any, said: asyncio.StreamReader) -> None:
        self._process, self._said = process, said

    @property
    def ended(self) -> bool:
        return self._process.exitcode is not None

    def send_signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        """Its exit code; a signal as a negative number."""
        await asyncio.to_thread(self._process.join)
        return int(self._process.exitcode)

    async def line(self) -> str:
        return (await asyncio.wait_for(self._said.readline(), 10)).decode().strip()

    async def rest(self) -> str:
        return (await self._said.read()).decode().strip()


class Processes:
    """Starts `process.py` against the test's database; whatever still runs at the end is killed.

    They are forked from one that has everything imported: to import it takes longer than what they do.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.running: list[Other] = []

    async def start(self, *arguments: str, fail: str = "") -> Other:
        nursery = multiprocessing.get_context("forkserver")
        nursery.set_forkserver_preload(list(IMPORTED))
        hears, says = nursery.Pipe(duplex=False)
        process = nursery.Process(target=forked, args=(says, fail, self._url, *arguments), daemon=True)
        await asyncio.to_thread(process.start)
        says.close()
        said = asyncio.StreamReader()
        pipe = os.fdopen(os.dup(hears.fileno()), "rb", buffering=0)
        hears.close()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(said), pipe)
        self.running.append(Other(process, said))
        return self.running[-1]

    async def run(self, *arguments: str, fail: str = "") -> tuple[int, str]:
        """Exit code and what it printed."""
        process = await self.start(*arguments, fail=fail)
        out = await process.rest()
        return await process.wait(), out


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[Processes]:
    started = Processes(database_url)
    yield started
    for process in started.running:
        if not process.ended:
            process.kill()
            await process.wait()
