"""Which release a thread in Slack tells about."""

from __future__ import annotations

from core.store import living
from core.usecases.context import Context


async def release_of(ctx: Context, channel: str, thread_ts: str) -> int | None:
    """The release whose living message starts this thread; None for any other thread."""
    if not thread_ts:
        return None
    async with ctx.store.database.reader.connect() as conn:
        return await living.release_at(conn, channel, thread_ts)
