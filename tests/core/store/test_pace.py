"""Slots are given out one after the other, to all processes together."""

from __future__ import annotations

import asyncio

import pytest

from core.store import pace
from core.store.engines import Database
from core.store.unit_of_work import Store


async def test_five_at_once_get_five_slots(store: Store, database_url: str) -> None:
    others = [Store(Database.open(database_url), f"process-{n}") for n in range(4)]
    waits = await asyncio.gather(*(pace.reserve(one, "post:C1", 1.1) for one in [store, *others]))
    for other in others:
        await other.database.close()
    assert sorted(waits) == pytest.approx([0.0, 1.1, 2.2, 3.3, 4.4], abs=0.5)
    gaps = [later - sooner for sooner, later in zip(sorted(waits)[1:], sorted(waits)[2:], strict=False)]
    assert gaps == pytest.approx([1.1] * 3, abs=0.4)


async def test_keys_do_not_wait_for_each_other(store: Store) -> None:
    assert await pace.reserve(store, "post:C1", 60.0) == 0.0
    assert await pace.reserve(store, "post:C2", 60.0) == 0.0
    assert await pace.reserve(store, "post:C1", 60.0) > 50.0


async def test_a_burst_goes_at_once_after_quiet(store: Store) -> None:
    waits = [await pace.reserve(store, "chat.update", 60.0, burst=5) for _ in range(7)]
    assert waits[:5] == [0.0] * 5
    assert waits[5] == pytest.approx(60.0, abs=5.0)
    assert waits[6] == pytest.approx(120.0, abs=5.0)


async def test_a_429_holds_every_process_off(store: Store, database_url: str) -> None:
    await pace.hold_off(store, "post:C1", 30.0)
    await pace.hold_off(store, "post:C1", 5.0)  # a shorter one takes nothing back
    other = Store(Database.open(database_url), "process-2")
    assert await pace.reserve(other, "post:C1", 1.1) == pytest.approx(30.0, abs=2.0)
    await other.database.close()
