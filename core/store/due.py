"""What is due in release time, and the claims that make each occurrence happen once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.tables import due_done
from core.store.tables import release as r
from core.store.unit import Unit


async def releases_to_wake(
    conn: AsyncConnection, now: datetime, limit: int = 100, *, product: str = ""
) -> Sequence[int]:
    """Ids of releases, of all products or of one, with something due, longest waiting first.

    Ended ones without a review cost nothing.
    """
    waking = select(r.c.id).where(r.c.wake_at <= now).order_by(r.c.wake_at).limit(limit)
    # "product || ''", so that SQLite does not take the index over all releases of a product, the ended ones too
    waking = waking.where(r.c.product.concat("") == product) if product else waking
    return list((await conn.execute(waking)).scalars())


async def done(
    conn: AsyncConnection, occurrences: Collection[str], subjects: Collection[str] = ()
) -> set[tuple[str, str, str]]:
    """What has happened already of these occurrences: kind, subject, occurrence; with `subjects` only theirs."""
    known = select(due_done.c.kind, due_done.c.subject, due_done.c.occurrence)
    known = known.where(due_done.c.occurrence.in_(list(occurrences)))
    rows = await conn.execute(known.where(due_done.c.subject.in_(list(subjects))) if subjects else known)
    return {(row.kind, row.subject, row.occurrence) for row in rows}


async def since(conn: AsyncConnection, at: datetime) -> Sequence[tuple[str, str, datetime]]:
    """Kind, subject and instant of everything that happened after an instant."""
    late = select(due_done.c.kind, due_done.c.subject, due_done.c.at).where(due_done.c.at > at)
    return [(row.kind, row.subject, row.at) for row in await conn.execute(late)]


async def claim(unit: Unit, key: tuple[str, str, str], at: datetime) -> bool:
    """True for the one unit that may let this (kind, subject, occurrence) happen."""
    row = {**dict(zip(("kind", "subject", "occurrence"), key, strict=True)), "at": at}
    return await unit.insert_new(due_done, row)


async def claim_all(unit: Unit, keys: Sequence[tuple[str, str, str]], at: datetime) -> set[tuple[str, str, str]]:
    """The same for many: those that this unit may let happen."""
    names = ("kind", "subject", "occurrence")
    return await unit.insert_all(due_done, [{**dict(zip(names, key, strict=True)), "at": at} for key in keys], names)
