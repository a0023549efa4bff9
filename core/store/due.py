"""What is due in release time, and the claims that make each occurrence happen once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.columns import Instant
from core.store.remembered import remembered
from core.store.tables import due_done
from core.store.tables import release as r
from core.store.unit import Unit


async def releases_to_wake(
    conn: AsyncConnection, now: datetime, limit: int = 100, *, product: str = ""
) -> Sequence[int]:
    """Ids of releases, of all products or of one, with something due, longest waiting first.

    Ended ones without a review cost nothing.
    """
    of_one = {"of_product": product} if product else {}
    rows = await conn.execute(_waking(bool(product)), {"now": now, "most": limit, **of_one})
    return list(rows.scalars())


@cache
def _waking(of_one: bool) -> Select[Any]:
    due = r.c.wake_at <= bindparam("now", type_=Instant)
    waking = select(r.c.id).where(due).order_by(r.c.wake_at).limit(bindparam("most", type_=Integer))
    # "product || ''", so that SQLite does not take the index over all releases of a product, the ended ones too
    return waking.where(r.c.product.concat("") == bindparam("of_product")) if of_one else waking


async def done(
    conn: AsyncConnection, occurrences: Collection[str], subjects: Collection[str] = ()
) -> set[tuple[str, str, str]]:
    """What has happened already of these occurrences: kind, subject, occurrence; with `subjects` only theirs."""
    return await _known(conn, tuple(occurrences), tuple(subjects))


@remembered(due_done)
async def _known(
    conn: AsyncConnection, occurrences: tuple[str, ...], subjects: tuple[str, ...]
) -> set[tuple[str, str, str]]:
    theirs = {"subjects": subjects} if subjects else {}
    rows = await conn.execute(_done(bool(subjects)), {"occurrences": occurrences, **theirs})
    return {(kind, subject, occurrence) for kind, subject, occurrence in rows}


@cache
def _done(of_some: bool) -> Select[Any]:
    known = select(due_done.c.kind, due_done.c.subject, due_done.c.occurrence)
    known = known.where(due_done.c.occurrence.in_(bindparam("occurrences", expanding=True)))
    return known.where(due_done.c.subject.in_(bindparam("subjects", expanding=True))) if of_some else known


@remembered(due_done)
async def since(conn: AsyncConnection, at: datetime) -> Sequence[tuple[str, str, datetime]]:
    """Kind, subject and instant of everything that happened after an instant."""
    return [(row.kind, row.subject, row.at) for row in await conn.execute(_late(), {"from": at})]


@cache
def _late() -> Select[Any]:
    after = due_done.c.at > bindparam("from", type_=Instant)
    return select(due_done.c.kind, due_done.c.subject, due_done.c.at).where(after)


async def claim(unit: Unit, key: tuple[str, str, str], at: datetime) -> bool:
    """True for the one unit that may let this (kind, subject, occurrence) happen."""
    row = {**dict(zip(("kind", "subject", "occurrence"), key, strict=True)), "at": at}
    return await unit.insert_new(due_done, row)


async def claim_all(unit: Unit, keys: Sequence[tuple[str, str, str]], at: datetime) -> set[tuple[str, str, str]]:
    """The same for many: those that this unit may let happen."""
    names = ("kind", "subject", "occurrence")
    return await unit.insert_all(due_done, [{**dict(zip(names, key, strict=True)), "at": at} for key in keys], names)
