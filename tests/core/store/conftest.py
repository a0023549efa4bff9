"""What the store's tests share: releases to store, counts, and other processes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.domain.release import Phase, Release, ReleaseType
from core.store import releases
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit, release_chain

AT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
PROGRAM = Path(__file__).with_name("process.py")

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


class Processes:
    """Starts `process.py` against the test's database; whatever still runs at the end is killed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.running: list[asyncio.subprocess.Process] = []

    async def start(self, *arguments: str, fail: str = "") -> asyncio.subprocess.Process:
        root = str(Path(__file__).parents[3])
        started = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), self._url, *arguments, stdout=asyncio.subprocess.PIPE, cwd=root,
            env={**os.environ, "PYTHONPATH": root, "RELEASE_BOT_FAIL": fail},
        )
        self.running.append(started)
        return started

    async def run(self, *arguments: str, fail: str = "") -> tuple[int, str]:
        """Exit code and what it printed."""
        process = await self.start(*arguments, fail=fail)
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode().strip()

    async def line(self, process: asyncio.subprocess.Process) -> str:
        assert process.stdout is not None
        return (await asyncio.wait_for(process.stdout.readline(), 10)).decode().strip()


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[Processes]:
    started = Processes(database_url)
    yield started
    for process in started.running:
        if process.returncode is None:
            process.kill()
            await process.wait()
