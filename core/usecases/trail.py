"""The record of one release as people see it: its newest entries, and whether every link of its chain holds."""

from __future__ import annotations

from typing import Any

from core.domain.retro.record import happened
from core.domain.situation import Happened
from core.store import audit
from core.store.engines import Conn
from core.store.unit_of_work import release_chain
from core.usecases.context import Context


async def trail_of(conn: Conn, release_id: int) -> tuple[Happened, ...]:
    """The record of a release as the rules read it, oldest first."""
    found = await audit.entries(conn, release_chain(release_id))
    return tuple(happened(e.verb, e.actor, e.at, e.body) for e in found)


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
