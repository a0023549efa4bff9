"""What waits about flags as rows: proposals, roll-outs and reviews, each written whole beside its audit entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.flags.waiting import Proposal, Review, Rollout
from core.store.flag_tables import flag_waiting as w
from core.store.records import decode, encode
from core.store.unit import Unit

Kind = Literal["proposal", "rollout", "review"]
KINDS: Mapping[type, Kind] = {Proposal: "proposal", Rollout: "rollout", Review: "review"}
T = TypeVar("T", Proposal, Rollout, Review)


async def put(unit: Unit, one: Proposal | Rollout | Review, *, open: bool, due: datetime | None = None) -> None:
    """Write it whole; `due` is when something happens by itself."""
    values: dict[str, Any] = {"open": open, "due_at": due if open else None, "record": encode(one)}
    row = unit.insert(w).values(
        id=one.id, kind=KINDS[type(one)], key=one.key, environment=one.environment, **values
    )
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[w.c.id], set_=values))


async def renamed(unit: Unit, key: str, name: str) -> None:
    """The flag has another name: what still waits about it carries that one on."""
    rows = select(w.c.id, w.c.record).where(w.c.open, w.c.key == key)
    for row in (await unit.conn.execute(rows)).all():
        await unit.conn.execute(update(w).where(w.c.id == row.id).values(record={**row.record, "name": name}))


async def find(conn: AsyncConnection, kind: type[T], id: str) -> T | None:
    """It by its id, whether it still waits or not."""
    found = await conn.execute(select(w.c.record).where(w.c.id == id, w.c.kind == KINDS[kind]))
    record = found.scalar_one_or_none()
    return None if record is None else decode(kind, record)


async def open_ones(conn: AsyncConnection, kind: type[T], key: str = "", environment: str = "") -> Sequence[T]:
    """All that still wait, or those of one flag, the oldest first."""
    rows = select(w.c.record).where(w.c.open, w.c.kind == KINDS[kind])
    if key:
        rows = rows.where(w.c.key == key)
    if environment:
        rows = rows.where(w.c.environment == environment)
    found = [decode(kind, row.record) for row in await conn.execute(rows)]
    return sorted(found, key=lambda one: int(one.id.rpartition("-")[2]))


async def due(conn: AsyncConnection, now: datetime) -> Sequence[tuple[str, str]]:
    """(kind, id) of what is due now."""
    rows = select(w.c.kind, w.c.id).where(w.c.open, w.c.due_at.is_not(None), w.c.due_at <= now).order_by(w.c.due_at)
    return [(row.kind, row.id) for row in await conn.execute(rows)]
