"""Which release a thread in Slack tells about."""

from __future__ import annotations

from sqlalchemy import select

from core.store.tables import living
from core.usecases.context import Context


async def release_of(ctx: Context, channel: str, thread_ts: str) -> int | None:
    """The release whose living message starts this thread; None for any other thread."""
    row = select(living.c.release_id).where(living.c.channel == channel, living.c.ts == thread_ts).limit(1)
    async with ctx.store.database.reader.connect() as conn:
        return (await conn.execute(row)).scalar_one_or_none() if thread_ts else None
