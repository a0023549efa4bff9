"""The keys of requests that were done: kept for as long as somebody may send one again."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables as t
from core.store.columns import db_now
from core.store.unit import Unit

KEPT_DAYS = 7


async def known(conn: AsyncConnection, key: str) -> bool:
    """Whether a request with this key was done."""
    return (await conn.execute(select(t.inbox.c.key).where(t.inbox.c.key == key))).first() is not None


async def forget_requests(unit: Unit, days: float = KEPT_DAYS) -> int:
    """Request keys older than Slack ever repeats a request."""
    old = delete(t.inbox).where(t.inbox.c.at < db_now() - days * 86_400)
    return (await unit.conn.execute(old)).rowcount
