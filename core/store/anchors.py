"""Anchors: one hash over all chains that grew, to be published where nobody can change it afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.failpoints import failpoint
from core.store.clashes import UnitClash
from core.store.columns import iso
from core.store.tables import audit_anchor as a
from core.store.tables import audit_anchor_leaf as leaf
from core.store.tables import chain as c
from core.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a chain stood when the anchor was made."""

    chain: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor; `short` is how people meet it."""

    seq: int
    at: str
    count: int
    root: str
    hash: str

    @property
    def short(self) -> str:
        return f"{self.hash[:4]} {self.hash[4:8]}"


def root_of(leaves: Iterable[Leaf]) -> str:
    """The hash over leaves, which stand in the order of their chains' names."""
    told = "".join(f"{one.chain}\n{one.seq}\n{one.hash}\n" for one in leaves)
    return hashlib.sha256(told.encode()).hexdigest()


def anchor_hash(previous: str, root: str, at: str) -> str:
    return hashlib.sha256((previous + root + at).encode()).hexdigest()


async def make(unit: Unit, at: datetime) -> Anchor | None:
    """Anchor all chains that grew since the last anchor, this unit's entries included; None when none did.

    Call it after the unit's last audit entry. Two makers at once want the same number: one runs again.
    """
    leaves = await _grown(unit)
    if not leaves:
        return None
    last = await newest(unit.conn)
    root = root_of(leaves)
    moment = max(iso(at), last.at if last else "")
    made = Anchor(
        last.seq + 1 if last else 1, moment, len(leaves), root, anchor_hash(last.hash if last else "", root, moment)
    )
    values = {"seq": made.seq, "at": made.at, "count": made.count, "root": made.root, "hash": made.hash}
    if not await unit.insert_new(a, values):
        raise UnitClash(f"anchor {made.seq}")
    await unit.conn.execute(
        insert(leaf),
        [{"anchor_seq": made.seq, "chain": o.chain, "chain_seq": o.seq, "chain_hash": o.hash} for o in leaves],
    )
    await failpoint("anchor.made")
    return made


async def _grown(unit: Unit) -> Sequence[Leaf]:
    """The heads that are committed, with this unit's own in their place."""
    anchored = select(func.max(leaf.c.chain_seq)).where(leaf.c.chain == c.c.name).scalar_subquery()
    rows = await unit.conn.execute(select(c.c.name, c.c.seq, c.c.hash, func.coalesce(anchored, 0).label("anchored")))
    heads = []
    for row in rows:
        own = unit.heads.get(row.name)
        seq, link = (own.seq, own.hash) if own else (row.seq, row.hash)
        if seq > row.anchored:
            heads.append(Leaf(row.name, seq, link))
    return sorted(heads, key=lambda one: one.chain)


async def newest(conn: AsyncConnection) -> Anchor | None:
    """The last anchor made."""
    row = (await conn.execute(select(a).order_by(a.c.seq.desc()).limit(1))).first()
    return None if row is None else Anchor(**row._mapping)
