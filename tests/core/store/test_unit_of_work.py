"""A unit of work is done once, whole, and in turn."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from core.errors import Blocker, Refused
from core.store import tables as t
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit, inside_unit

AT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


async def signs(unit: Unit) -> Any:
    seq = await unit.audit("release:1", "U1", "approve", "p1", {"gate": "qa"}, AT)
    return {"seq": seq}


async def count(database: Database, table: Any) -> int:
    async with database.reader.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_a_unit_leaves_entry_effect_and_head_together(store: Store, database: Database) -> None:
    async def work(unit: Unit) -> Any:
        assert inside_unit()
        seq = await unit.audit("release:1", "U1", "approve", "p1", {"gate": "qa"}, AT)
        await unit.outbox("release:1/C1", "post", {"text": "hello"}, cause="release:1")
        return {"seq": seq}

    assert await store.unit(work, verb="approve", chains=["release:1"]) == {"seq": 1}
    assert not inside_unit()
    assert await count(database, t.audit) == await count(database, t.outbox) == 1
    async with database.reader.connect() as connection:
        head = (await connection.execute(select(t.chain))).one()
        entry = (await connection.execute(select(t.audit))).one()
        effect = (await connection.execute(select(t.outbox))).one()
    assert (head.seq, head.hash, head.at) == (1, entry.hash, "2026-11-25T15:00:00.000000Z")
    assert (effect.cause_chain, effect.cause_seq, effect.state, effect.open) == ("release:1", 1, "ready", True)


async def test_a_refusal_leaves_nothing_and_frees_the_key(store: Store, database: Database) -> None:
    async def refuses(unit: Unit) -> Any:
        await signs(unit)
        raise Refused([Blocker("not.you")])

    with pytest.raises(Refused):
        await store.unit(refuses, verb="approve", chains=["release:1"], key="view:V1")
    assert [await count(database, table) for table in (t.audit, t.chain, t.inbox)] == [0, 0, 0]
    assert await store.unit(signs, verb="approve", chains=["release:1"], key="view:V1") == {"seq": 1}


async def test_the_same_key_returns_the_first_answer(store: Store, database: Database) -> None:
    answers = [
        await store.unit(signs, verb="approve", chains=["release:1"], key="trigger:1.2") for _ in range(3)
    ]
    assert answers == [{"seq": 1}] * 3
    assert await count(database, t.audit) == 1


async def test_the_same_key_at_the_same_moment_is_done_once(store: Store, database: Database) -> None:
    answers = await asyncio.gather(
        *(store.unit(signs, verb="approve", chains=["release:1"], key="trigger:1.2") for _ in range(8))
    )
    assert answers == [{"seq": 1}] * 8
    assert await count(database, t.audit) == 1
