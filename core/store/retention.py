"""Erase what must not be kept for ever, and leave a trace that still verifies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import NotFound
from core.store import tables as t
from core.store.columns import db_now
from core.store.unit import Unit

CHAIN = "retention"  # the chain that says what was erased, by whom and when
INBOX_DAYS = 7


@dataclass(frozen=True, slots=True)
class Erased:
    """What the trail itself says was erased: bodies up to an entry, or the chain as a whole."""

    upto: int
    whole: bool


async def erase_bodies(unit: Unit, chain: str, actor: str, at: datetime) -> int:
    """Remove what was said on a chain; that it was said, by whom and when stays. The unit holds both chains."""
    seq = unit.seq(chain)
    gone = await unit.conn.execute(delete(t.audit_body).where(t.audit_body.c.chain == chain))
    await _note(unit, chain, actor, at, what="bodies", count=gone.rowcount, seq=seq)
    return gone.rowcount


async def remove_chain(unit: Unit, chain: str, actor: str, at: datetime) -> int:
    """Remove a whole chain, after it was exported; its leaves in the anchors stay."""
    if chain == CHAIN:
        raise ValueError("the trail of what was erased is not erased")
    head = (await unit.conn.execute(select(t.chain).where(t.chain.c.name == chain))).first()
    if head is None:
        raise NotFound(chain=chain)
    await unit.conn.execute(delete(t.audit_body).where(t.audit_body.c.chain == chain))
    gone = await unit.conn.execute(delete(t.audit).where(t.audit.c.chain == chain))
    await unit.conn.execute(delete(t.chain).where(t.chain.c.name == chain))
    del unit.heads[chain]
    await _note(unit, chain, actor, at, what="chain", count=gone.rowcount, seq=head.seq, last_hash=head.hash)
    return gone.rowcount


async def _note(unit: Unit, chain: str, actor: str, at: datetime, **what: str | int) -> None:
    await unit.audit(CHAIN, actor, "erase", "", {"chain": chain, **what}, at)


async def erased_chains(conn: AsyncConnection) -> dict[str, Erased]:
    """What may be missing. These entries are verified like all others."""
    known: dict[str, Erased] = {}
    bodies = select(t.audit_body.c.body).where(t.audit_body.c.chain == CHAIN).order_by(t.audit_body.c.seq)
    for (body,) in await conn.execute(bodies):
        said = json.loads(body)
        whole = said["what"] == "chain" or (said["chain"] in known and known[said["chain"]].whole)
        known[said["chain"]] = Erased(said["seq"], whole)
    return known


async def forget_requests(unit: Unit, days: float = INBOX_DAYS) -> int:
    """Request keys older than Slack ever repeats a request."""
    old = delete(t.inbox).where(t.inbox.c.at < db_now() - days * 86_400)
    return (await unit.conn.execute(old)).rowcount
