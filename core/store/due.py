"""What is due in release time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.tables import release as r


async def releases_to_wake(conn: AsyncConnection, now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of releases with something due, longest waiting first; ended ones without a review cost nothing."""
    waking = select(r.c.id).where(r.c.wake_at <= now).order_by(r.c.wake_at).limit(limit)
    return list((await conn.execute(waking)).scalars())
