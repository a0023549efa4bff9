"""Another process at work on the same database, for tests that need a real one."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core import failpoints
from core.store import engines, outbox, upgrade
from core.store.engines import Database
from core.store.owners import Owner
from core.store.tables import slack_pace
from core.store.unit_of_work import Store, Unit

AT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


async def count_up(store: Store, times: int, chains: tuple[str, ...] = ("counter",)) -> None:
    """Read, think, write: loses updates wherever two units are inside at once."""

    async def work(unit: Unit) -> Any:
        value = (await unit.conn.execute(select(slack_pace.c.next_at))).scalar_one()
        await unit.conn.execute(update(slack_pace).values(next_at=value + 1))

    for _ in range(times):
        await store.unit(work, verb="count", chains=chains, interactive=False)


async def count(store: Store, tasks: str, times: str) -> None:
    await asyncio.gather(*(count_up(store, int(times)) for _ in range(int(tasks))))


async def sign(store: Store, key: str) -> None:
    """One unit that a failpoint may kill."""

    async def work(unit: Unit) -> Any:
        seq = await unit.audit("release:1", "U1", "approve", "p1", {}, AT)
        await unit.outbox("release:1/C1", "post", {}, cause="release:1")
        return {"seq": seq}

    print(await store.unit(work, verb="sign", chains=["release:1"], key=key))


async def hold(store: Store) -> None:
    """Stay inside a unit until somebody ends us."""

    async def work(unit: Unit) -> Any:
        await unit.conn.execute(select(slack_pace))
        print("inside", flush=True)
        await asyncio.sleep(30)

    await store.unit(work, verb="hold", chains=["release:1"], interactive=False)


async def own(store: Store, directory: str) -> None:
    """Claim what is due as a registered owner, and live on."""
    owner = Owner.register(Path(directory))
    store.process = owner.id
    rows = await outbox.claim(store)
    print(owner.id, len(rows), flush=True)
    await asyncio.sleep(30)


@asynccontextmanager
async def unlocked(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """What `upgrade` would do if nobody had thought of a lock."""
    async with engine.begin() as connection:
        yield connection


def forked(out: Connection, fail: str, url: str, what: str, *arguments: str) -> None:
    """Become the process: it prints into `out`, and `fail` arms its failpoints."""
    os.dup2(out.fileno(), 1)
    out.close()
    sys.stdout = os.fdopen(1, "w", buffering=1)
    failpoints.configure({failpoints.ARMED: fail})
    asyncio.run(main(url, what, *arguments))


async def main(url: str, what: str, *arguments: str) -> None:
    engines.POSTGRES_LIMITS["idle_in_transaction_session_timeout"] = "1s"  # a test does not wait for ten
    if what in ("upgrade", "upgrade-unlocked"):
        if what == "upgrade-unlocked":
            upgrade._locked = unlocked
        await upgrade.upgrade(url)
        return
    database = Database.open(url)
    await {"count": count, "sign": sign, "hold": hold, "own": own}[what](Store(database, what), *arguments)
    await database.close()
