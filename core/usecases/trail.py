"""The record of one release as people see it: its newest entries, and whether every link of its chain holds."""

from __future__ import annotations

from typing import Any

from core.domain.secrets import redact
from core.store import audit
from core.store.audit import Entry
from core.store.unit_of_work import release_chain
from core.usecases.context import Context


async def record_of(ctx: Context, release_id: int, last: int = 20) -> dict[str, Any]:
    """{"count", "head", "entries" (newest first, without bodies), "whole", "broken"}; nothing is locked for it.

    `broken` is the first entry that does not fit, 0 when all do.
    """
    name = release_chain(release_id)
    report = await audit.verify(ctx.store.database, chain=name)
    async with ctx.store.database.reader.connect() as conn:
        found = await audit.newest(conn, name, last)
    return {
        "count": found[0].seq if found else 0,
        "head": found[0].hash if found else "",
        "entries": [{"seq": e.seq, "at": e.at, "actor": e.actor, "verb": e.verb} for e in found],
        "whole": report.sound,
        "broken": min((fault.seq for fault in report.faults), default=0),
        "expired": report.expired,
    }


async def all_entries(ctx: Context, release_id: int) -> list[dict[str, Any]]:
    """Every entry with what people want to know of it, the newest first: in which roles somebody acted, why, and the
    phase where it changed. Secrets in reasons are taken out."""
    async with ctx.store.database.reader.connect() as conn:
        found = await audit.entries(conn, release_chain(release_id))
    return [_told(entry) for entry in reversed(found)]


def _told(entry: Entry) -> dict[str, Any]:
    body = entry.body or {}
    why = str((body.get("input") or {}).get("reason") or "")
    return {
        "seq": entry.seq, "at": entry.at.isoformat(), "actor": entry.actor, "verb": entry.verb,
        "roles": list(body.get("roles") or ()), "why": redact(why)[0],
        "to": str(body.get("to") or "") if body.get("to") != body.get("from") else "", "expired": entry.body is None,
    }  # fmt: skip
