"""Evidence as rows: one for each thing that was reported, kept by the commit it is about."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.evidence.model import Evidence
from core.store.records import decode, encode
from core.store.remembered import remembered
from core.store.tables import evidence as e
from core.store.unit import Unit


async def add(unit: Unit, product: str, found: Evidence, *, after: int = 0, matched: bool = True) -> int:
    """Keep a result and return its id. `after` is the one that it replaces; twice the same after the same cannot be.

    `matched` says whether a release has its commit. Raises IntegrityError for a repetition: look first.
    """
    record = {key: value for key, value in encode(found).items() if key != "id"}
    values = {
        "product": product, "sha": found.sha, "digest": f"{found.digest}:{after}", "record": record, "at": found.at,
        "matched": matched,
    }  # fmt: skip
    return int((await unit.conn.execute(insert(e).values(**values).returning(e.c.id))).scalar_one())


@remembered(e)
async def of_commit(conn: AsyncConnection, product: str, sha: str) -> tuple[Evidence, ...]:
    """Everything that was reported for a commit, the oldest first."""
    rows = await conn.execute(_of_commit(), {"product": product, "sha": sha})
    return tuple(_evidence(row) for row in rows)


@cache
def _of_commit() -> Select[Any]:
    found = select(e.c.id, e.c.record).where(e.c.product == bindparam("product"), e.c.sha == bindparam("sha"))
    return found.order_by(e.c.id)


async def match(unit: Unit, product: str, sha: str) -> None:
    """A release has this commit: what was reported for it is kept for good."""
    rows = update(e).where(e.c.product == product, e.c.sha == sha, e.c.matched.is_(False))
    await unit.conn.execute(rows.values(matched=True))


async def forget(unit: Unit, product: str, before: datetime) -> int:
    """Drop what no release ever had and that is older than `before`; returns how many rows."""
    gone = delete(e).where(e.c.product == product, e.c.matched.is_(False), e.c.at < before)
    return int((await unit.conn.execute(gone)).rowcount)


def _evidence(row: Any) -> Evidence:
    return decode(Evidence, {**row.record, "id": row.id})
