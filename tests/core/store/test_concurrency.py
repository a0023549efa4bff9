"""Several tasks, several processes: no update is lost, nobody waits past a deadline, nobody keeps a lock."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from core.errors import Busy
from core.store import tables as t
from core.store.engines import Database, begin_immediate
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT, Processes
from tests.core.store.process import count_up

TASKS, TIMES = 8, 50


@pytest.fixture
async def counter(database: Database) -> Any:
    """A row that starts at 0; returns how to read it."""
    async with database.writing() as connection:
        await connection.execute(insert(t.slack_pace).values(key="counter", next_at=0.0))

    async def read() -> float:
        async with database.reader.connect() as connection:
            return float((await connection.execute(select(t.slack_pace.c.next_at))).scalar_one())

    return read


async def signs(unit: Unit) -> Any:
    return {"seq": await unit.audit("release:1", "U1", "approve", "p1", {}, AT)}


async def test_tasks_of_one_process_lose_no_update(store: Store, counter: Any) -> None:
    await asyncio.gather(*(count_up(store, TIMES) for _ in range(TASKS)))
    assert await counter() == TASKS * TIMES


async def test_without_the_lock_at_begin_updates_are_lost(
    database_url: str, database_kind: str, counter: Any
) -> None:
    """The proof that the test above bites: each task as a process of its own, the lock taken away."""
    alone = [Database.open(database_url) for _ in range(TASKS)]
    chains = ("counter",)
    if database_kind == "sqlite":
        for one in alone:
            event.remove(one.writer.sync_engine, "begin", begin_immediate)
    else:
        chains = ()
    await asyncio.gather(*(count_up(Store(one, str(n)), 10, chains) for n, one in enumerate(alone)))  # no error tells
    for one in alone:
        await one.close()
    assert await counter() < TASKS * 10


async def test_four_processes_lose_no_update(processes: Processes, counter: Any) -> None:
    ended = await asyncio.gather(*(processes.run("count", "4", "15") for _ in range(4)))
    assert [code for code, _ in ended] == [0] * 4
    assert await counter() == 4 * 4 * 15


async def test_chains_locked_in_any_order_do_not_stop_each_other(store: Store, database_url: str) -> None:
    other = Store(Database.open(database_url), "process-2")

    async def both(unit: Unit) -> Any:
        for chain in ("release:1", "train:main"):
            await unit.audit(chain, "U1", "move", "p1", {}, AT)

    names = ["train:main", "release:1"]
    await asyncio.gather(
        *(store.unit(both, verb="move", chains=names) for _ in range(15)),
        *(other.unit(both, verb="move", chains=reversed(names)) for _ in range(15)),
    )
    await other.database.close()
    async with store.database.reader.connect() as connection:
        heads = (await connection.execute(select(t.chain.c.name, t.chain.c.seq).order_by(t.chain.c.name))).all()
    assert [tuple(head) for head in heads] == [("release:1", 30), ("train:main", 30)]


async def test_a_cancelled_waiter_comes_back_in_time_and_leaves_no_lock(store: Store, database_url: str) -> None:
    other = Store(Database.open(database_url), "process-2")
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def holds(unit: Unit) -> Any:
        inside.set()
        await go_on.wait()

    holder = asyncio.create_task(other.unit(holds, verb="hold", chains=["release:1"], interactive=False))
    await inside.wait()
    for _ in range(6):  # more often than the pool has connections
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await store.unit(signs, verb="approve", chains=["release:1"])
        assert time.monotonic() - begun < 0.5
    go_on.set()
    await holder
    assert await store.unit(signs, verb="approve", chains=["release:1"]) == {"seq": 1}
    await other.database.close()


async def test_a_unit_cancelled_inside_leaves_nothing(store: Store) -> None:
    async def stays(unit: Unit) -> Any:
        await signs(unit)
        await asyncio.sleep(30)

    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await store.unit(stays, verb="approve", chains=["release:1"], key="trigger:1")
    assert await store.unit(signs, verb="approve", chains=["release:1"], key="trigger:1") == {"seq": 1}


async def test_a_frozen_process_does_not_stop_the_others_for_ever(
    store: Store, processes: Processes, database_kind: str
) -> None:
    frozen = await processes.start("hold")
    assert await frozen.line() == "inside"
    frozen.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    if database_kind == "sqlite":
        with pytest.raises(Busy):
            await store.unit(signs, verb="approve", chains=["release:1"])
        frozen.kill()
    else:  # the server ends the session of who says nothing (here after 1 s)
        assert await store.unit(signs, verb="approve", chains=["release:1"]) == {"seq": 1}
    assert time.monotonic() - begun < 2.5
    seen = await store.unit(signs, verb="approve", chains=["release:1"])
    assert seen == {"seq": 1 if database_kind == "sqlite" else 2}
