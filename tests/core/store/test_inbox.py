"""Request keys are kept while a repetition is possible, and no longer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from core.store import inbox
from core.store import tables as t
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit


async def test_old_request_keys_are_forgotten(store: Store, database: Database) -> None:
    async def nothing(unit: Unit) -> Any:
        return None

    for key in ("trigger:1", "trigger:2"):
        await store.unit(nothing, verb="click", key=key)
    async with database.writing() as connection:
        await connection.execute(update(t.inbox).where(t.inbox.c.key == "trigger:1").values(at=1.0))

    async def forgets(unit: Unit) -> int:
        return await inbox.forget_requests(unit)

    assert await store.unit(forgets, verb="forget") == 1
