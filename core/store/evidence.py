"""Evidence as rows: one for each thing that was reported, kept by the commit it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.evidence.model import Evidence
from core.store.records import decode, encode
from core.store.tables import evidence as e
from core.store.unit import Unit


async def add(unit: Unit, product: str, found: Evidence) -> bool:
    """Keep a result; False when the same was reported before. Its id is that of the row."""
    record = {key: value for key, value in encode(found).items() if key != "id"}
    values = {
        "product": product, "sha": found.sha, "digest": found.digest, "record": record, "at": found.at,
        "matched": False,
    }  # fmt: skip
    return await unit.insert_new(e, values)


async def of_digest(conn: AsyncConnection, product: str, digest: str) -> Evidence | None:
    """What was kept under this digest."""
    row = (await conn.execute(_read(product).where(e.c.digest == digest))).first()
    return None if row is None else _evidence(row)


async def of_commit(conn: AsyncConnection, product: str, sha: str) -> tuple[Evidence, ...]:
    """Everything that was reported for a commit, the oldest first."""
    rows = await conn.execute(_read(product).where(e.c.sha == sha).order_by(e.c.id))
    return tuple(_evidence(row) for row in rows)


async def waiting(conn: AsyncConnection, product: str, sha: str) -> tuple[Evidence, ...]:
    """What was reported for a commit before a release had it."""
    rows = await conn.execute(_read(product).where(e.c.sha == sha, e.c.matched.is_(False)).order_by(e.c.id))
    return tuple(_evidence(row) for row in rows)


async def count(conn: AsyncConnection, product: str, sha: str) -> int:
    """How many results a commit has."""
    asked = select(func.count()).select_from(e).where(e.c.product == product, e.c.sha == sha)
    return int((await conn.execute(asked)).scalar_one())


async def match(unit: Unit, product: str, sha: str) -> None:
    """A release has this commit: what was reported for it is kept for good."""
    rows = update(e).where(e.c.product == product, e.c.sha == sha, e.c.matched.is_(False))
    await unit.conn.execute(rows.values(matched=True))


async def forget(unit: Unit, product: str, before: datetime) -> int:
    """Drop what no release ever had and that is older than `before`; returns how many rows."""
    gone = delete(e).where(e.c.product == product, e.c.matched.is_(False), e.c.at < before)
    return int((await unit.conn.execute(gone)).rowcount)


async def forgettable(conn: AsyncConnection, product: str, before: datetime) -> bool:
    """Whether there is anything to forget."""
    asked = select(e.c.id).where(e.c.product == product, e.c.matched.is_(False), e.c.at < before).limit(1)
    return (await conn.execute(asked)).first() is not None


def _read(product: str) -> Select[Any]:
    return select(e.c.id, e.c.record).where(e.c.product == product)


def _evidence(row: Any) -> Evidence:
    return decode(Evidence, {**row.record, "id": row.id})
