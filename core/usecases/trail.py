"""The record of one release as people see it: its newest entries, and whether every link of its chain holds."""

from __future__ import annotations

from typing import Any

from core.store import audit
from core.store.unit_of_work import release_chain
from core.usecases.context import Context


async def record_of(ctx: Context, release_id: int, last: int = 20) -> dict[str, Any]:
    """{"count", "head", "entries" (newest first, without bodies), "whole"}; nothing is locked for it."""
    name = release_chain(release_id)
    report = await audit.verify(ctx.store.database, chain=name)
    async with ctx.store.database.reader.connect() as conn:
        found = await audit.newest(conn, name, last)
    return {
        "count": found[0].seq if found else 0,
        "head": found[0].hash if found else "",
        "entries": [{"seq": e.seq, "at": e.at, "actor": e.actor, "verb": e.verb} for e in found],
        "whole": report.sound,
    }
