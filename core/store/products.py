"""What is true of the product beside its releases; the chain `product:<key>` is its lock."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.rehearsals import MARK
from core.domain.release import ProductRecord
from core.store.records import decode, encode
from core.store.remembered import remembered
from core.store.tables import product as p
from core.store.unit import Unit


def product_chain(key: str) -> str:
    return f"product:{key}"


@remembered(p)
async def load(conn: AsyncConnection, key: str) -> ProductRecord:
    """The record, an empty one before anything was shipped or adopted."""
    row = (await conn.execute(_record(), {"product": key})).first()
    return ProductRecord(key) if row is None else decode(ProductRecord, row.record)


@cache
def _record() -> Select[Any]:
    return select(p.c.record).where(p.c.key == bindparam("product"))


@remembered(p)
async def rehearsed(conn: AsyncConnection, key: str) -> list[ProductRecord]:
    """The desks of channels where this product is rehearsed now."""
    rows = await conn.execute(select(p.c.record).where(p.c.key.startswith(key + MARK, autoescape=True)))
    found = [decode(ProductRecord, row.record) for row in rows]
    return [one for one in found if one.rehearsal is not None and one.rehearsal.ended is None]


async def put(unit: Unit, record: ProductRecord) -> None:
    """Write it whole; the unit holds the product's chain."""
    values = {"record": encode(record)}
    row = unit.insert(p).values(key=record.key, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[p.c.key], set_=values))
