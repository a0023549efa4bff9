"""The record of one release as the rules read it, for what looks back at how it went."""

from __future__ import annotations

from core.domain.retro.record import happened
from core.domain.situation import Happened
from core.store import audit
from core.store.engines import Conn
from core.store.unit_of_work import release_chain


async def trail_of(conn: Conn, release_id: int) -> tuple[Happened, ...]:
    """Every entry, oldest first."""
    found = await audit.entries(conn, release_chain(release_id))
    return tuple(happened(e.verb, e.actor, e.at, e.body) for e in found)
