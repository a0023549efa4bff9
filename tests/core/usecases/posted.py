"""What the outbox holds of one moment, for tests of use cases that tell people something."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.store import tables as t
from core.usecases.context import Context


async def posted(ctx: Context, moment: str) -> list[tuple[str, dict[str, Any]]]:
    """(place, data) of each message of a moment, in the order in which they were written."""
    async with ctx.store.database.reader.connect() as conn:
        bodies = (await conn.execute(select(t.outbox.c.body).order_by(t.outbox.c.id))).scalars()
        return [(b["place"], b["data"]) for b in bodies if b.get("moment") == moment]
