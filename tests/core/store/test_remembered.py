"""What a store of its own remembers: asked once while nothing was written, never across a rollback or too early."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.release import ProductRecord
from core.store import products
from core.store.engines import Database
from core.store.products import product_chain
from core.store.unit_of_work import Store, Unit
from core.store.upgrade import upgrade


class Broken(Exception):
    """Ends a unit without a COMMIT."""


async def test_reads_are_kept_until_their_table_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    await upgrade(url)
    database = Database.open(url, durable=False)
    store = Store(database, "me")
    seen: list[tuple[int, int]] = []

    async def read() -> int:
        async with database.reader.connect() as conn:
            return (await products.load(conn, "shop")).page

    async def turned(unit: Unit, page: int, *, breaks: bool = False) -> None:
        await products.put(unit, ProductRecord("shop", page=page))
        seen.append(((await products.load(unit.conn, "shop")).page, await read()))
        if breaks:
            raise Broken

    assert await read() == 0
    await store.unit(lambda unit: turned(unit, 1), verb="turn", chains=[product_chain("shop")])
    assert await read() == 1
    with pytest.raises(Broken):
        await store.unit(lambda unit: turned(unit, 2, breaks=True), verb="turn", chains=[product_chain("shop")])
    assert await read() == 1
    assert seen == [(1, 0), (2, 1)]  # its own writing at once, for others after COMMIT
    async with database.reader.connect() as conn:
        assert await products.load(conn, "shop") is await products.load(conn, "shop")
    await database.close()
