"""What proves a chain of the trail to somebody without this store: its links as they lie here, and its anchors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables as t


async def links(conn: AsyncConnection, chain: str) -> list[dict[str, Any]]:
    """Each entry with every field that its hash is made of, oldest first; `salt` and `body` are None once expired."""
    same = and_(t.audit_body.c.chain == t.audit.c.chain, t.audit_body.c.seq == t.audit.c.seq)
    rows = select(t.audit, t.audit_body.c.salt, t.audit_body.c.body).outerjoin_from(t.audit, t.audit_body, same)
    found = await conn.execute(rows.where(t.audit.c.chain == chain).order_by(t.audit.c.seq))
    return [dict(row._mapping) for row in found]


async def anchors_of(conn: AsyncConnection, chain: str) -> list[dict[str, Any]]:
    """The anchors from the first to the last one that holds this chain, so that each follows from the one before:
    number, instant, root, hash and the hash before. Those that hold the chain have all their leaves as
    [chain, entry, hash], in the order in which the root is made of them; of the others `leaves` is None.
    """
    holding = select(t.audit_anchor_leaf.c.anchor_seq).where(t.audit_anchor_leaf.c.chain == chain)
    held = sorted((await conn.execute(holding)).scalars())
    if not held:
        return []
    within = t.audit_anchor.c.seq.between(held[0] - 1, held[-1])
    rows = (await conn.execute(select(t.audit_anchor).where(within).order_by(t.audit_anchor.c.seq))).all()
    hashes = {row.seq: row.hash for row in rows}
    leaves: dict[int, list[list[Any]]] = {seq: [] for seq in held}
    of_those = select(t.audit_anchor_leaf).where(t.audit_anchor_leaf.c.anchor_seq.in_(holding))
    for leaf in await conn.execute(of_those):
        leaves[leaf.anchor_seq].append([leaf.chain, leaf.chain_seq, leaf.chain_hash])
    return [
        {"seq": row.seq, "at": row.at, "root": row.root, "hash": row.hash, "previous": hashes.get(row.seq - 1, ""),
         "leaves": sorted(leaves[row.seq]) if row.seq in leaves else None}
        for row in rows
        if row.seq >= held[0]
    ]  # fmt: skip


async def policies_named(conn: AsyncConnection, hashes: Sequence[str]) -> dict[str, str]:
    """The texts of policies by their hashes; one that is not known is absent."""
    rows = await conn.execute(select(t.policy.c.hash, t.policy.c.body).where(t.policy.c.hash.in_(sorted(set(hashes)))))
    return {row.hash: row.body for row in rows}


async def between(conn: AsyncConnection, chains: Sequence[str], start: str, end: str) -> list[dict[str, Any]]:
    """The entries of some chains from one instant until before another (ISO, UTC), with what was said."""
    same = and_(t.audit_body.c.chain == t.audit.c.chain, t.audit_body.c.seq == t.audit.c.seq)
    rows = select(t.audit, t.audit_body.c.body).outerjoin_from(t.audit, t.audit_body, same)
    within = rows.where(t.audit.c.chain.in_(sorted(chains)), t.audit.c.at >= start, t.audit.c.at < end)
    found = await conn.execute(within.order_by(t.audit.c.at, t.audit.c.chain, t.audit.c.seq))
    return [
        {"chain": x.chain, "at": x.at, "actor": x.actor, "verb": x.verb, "body": json.loads(x.body) if x.body else None}
        for x in found
    ]
