"""What is due in release time, and the claims that make each occurrence happen once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.tables import due_done
from core.store.tables import release as r
from core.store.unit import Unit


async def releases_to_wake(conn: AsyncConnection, now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of releases with something due, longest waiting first; ended ones without a review cost nothing."""
    waking = select(r.c.id).where(r.c.wake_at <= now).order_by(r.c.wake_at).limit(limit)
    return list((await conn.execute(waking)).scalars())


async def claim(unit: Unit, kind: str, subject: str, occurrence: str, at: datetime) -> bool:
    """True for the one unit that may let it happen. A moved date is another occurrence."""
    row = {"kind": kind, "subject": subject, "occurrence": occurrence, "at": at}
    return await unit.insert_new(due_done, row)
