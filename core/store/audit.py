"""Read and verify the audit trail, in pieces, so that a long read holds nothing up.

    report = await verify(database, published=["7be1 04c9"])
    if not report.sound: ... each of report.faults names chain, entry and what is wrong
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, select, true, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables as t
from core.store.anchors import Leaf, anchor_hash, root_of
from core.store.columns import instant, iso
from core.store.engines import Database
from core.store.unit import Unit, body_digest, entry_hash

PIECE = 10_000
SHORTEST = 8  # digits of an anchor as it is published; fewer would fit many
RETENTION, ERASED = "retention", "retention.erased"  # the chain and the verb that tell of bodies that have expired


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `body` is None when it is missing, which `verify` tells."""

    chain: str
    seq: int
    at: datetime
    actor: str
    verb: str
    policy: str
    body: Mapping[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the trail that cannot be as it was written; entry 0 is the chain as a whole."""

    chain: str
    seq: int
    what: str


@dataclass(slots=True)
class Report:
    """What was looked at and what is wrong with it."""

    entries: int = 0
    expired: int = 0  # entries whose body was deleted because of its age, as an entry of the trail says
    chains: int = 0
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.faults


async def entries(conn: AsyncConnection, chain: str) -> Sequence[Entry]:
    """The trail of one aggregate, oldest first: an auditor's file, or a replay."""
    rows = await conn.execute(_with_bodies().where(t.audit.c.chain == chain).order_by(t.audit.c.seq))
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> Entry:
    body = None if row.body is None else json.loads(row.body)
    return Entry(row.chain, row.seq, instant(row.at), row.actor, row.verb, row.policy, body, row.hash)


async def changes(
    conn: AsyncConnection, chains: Sequence[str], verbs: Sequence[str]
) -> dict[str, tuple[int, datetime]]:
    """Chain -> how many of its entries have one of these verbs, and when the last one was; others are absent."""
    found = select(t.audit.c.chain, func.count().label("found"), func.max(t.audit.c.at).label("last"))
    asked = found.where(t.audit.c.chain.in_(chains), t.audit.c.verb.in_(verbs)).group_by(t.audit.c.chain)
    return {row.chain: (row.found, instant(row.last)) for row in await conn.execute(asked)}


async def first_of(conn: AsyncConnection, chain: str, verbs: Sequence[str], *, after: int) -> Entry | None:
    """The first entry behind a number that has one of these verbs."""
    rows = _with_bodies().where(t.audit.c.chain == chain, t.audit.c.seq > after, t.audit.c.verb.in_(verbs))
    row = (await conn.execute(rows.order_by(t.audit.c.seq).limit(1))).first()
    return _entry(row) if row is not None else None


async def newest(conn: AsyncConnection, chain: str, most: int) -> Sequence[Row[Any]]:
    """The last links of a chain, newest first, without what was said."""
    links = select(t.audit).where(t.audit.c.chain == chain).order_by(t.audit.c.seq.desc()).limit(most)
    return (await conn.execute(links)).all()


async def acts_since(
    conn: AsyncConnection, chains: Collection[str], verbs: Collection[str], since: datetime
) -> list[tuple[str, str, str, datetime]]:
    """Chain, actor, verb and instant of what was done in some chains since an instant."""
    done = select(t.audit.c.chain, t.audit.c.actor, t.audit.c.verb, t.audit.c.at)
    named = done.where(t.audit.c.chain.in_(sorted(chains)), t.audit.c.verb.in_(sorted(verbs)))
    found = named.where(t.audit.c.at >= iso(since))
    return [(row.chain, row.actor, row.verb, instant(row.at)) for row in await conn.execute(found)]


async def actors(conn: AsyncConnection, chain: str, verb: str, policy: str) -> tuple[str, ...]:
    """Who has done this under that policy so far, each once, the first one first."""
    done = select(t.audit.c.actor).where(t.audit.c.chain == chain, t.audit.c.verb == verb, t.audit.c.policy == policy)
    return tuple(dict.fromkeys((await conn.execute(done.order_by(t.audit.c.seq))).scalars()))


def _with_bodies() -> Select[Any]:
    same = and_(t.audit_body.c.chain == t.audit.c.chain, t.audit_body.c.seq == t.audit.c.seq)
    return select(t.audit, t.audit_body.c.salt, t.audit_body.c.body).outerjoin_from(t.audit, t.audit_body, same)


async def verify(
    database: Database, published: Sequence[str] = (), piece: int = PIECE, chain: str | None = None
) -> Report:
    """Recompute every link, compare with heads, anchors and the `published` anchor hashes (their beginnings).

    With `chain` only that one is walked, and the anchors are not compared among themselves. What cannot even be read
    is a fault, too; then the rest is not looked at.
    """
    report = Report()
    try:
        await _verify(database, report, published, piece, chain)
    except (DBAPIError, LookupError, TypeError, ValueError) as odd:
        if isinstance(odd, DBAPIError) and "decode" not in str(odd.orig):  # of SQLite: a text that is none
            raise
        report.faults.append(Fault(chain or "store", 0, f"it cannot be read, the rest was not: {str(odd)[:120]!a}"))
    return report


async def _verify(database: Database, report: Report, published: Sequence[str], piece: int, chain: str | None) -> None:
    async with database.reader.connect() as connection:
        erased = await _erased(connection)
        # what was there when we began: chains may grow while we read
        known = select(t.chain).where(_only(t.chain.c.name, chain))
        heads = {row.name: (row.seq, row.hash) for row in await connection.execute(known)}
        leaves = await _leaves(connection, chain)
        if chain is None:
            await _verify_anchors(connection, report, published, leaves)
    by_chain: dict[str, list[Leaf]] = {}
    for leaf in (leaf for under in leaves.values() for leaf in under):
        by_chain.setdefault(leaf.chain, []).append(leaf)
    walk = _Walk(report, heads, by_chain, erased)
    async for rows in _pieces(database, piece, chain):
        for row in rows:
            walk.take(row)
    walk.end()
    for name in sorted(set(heads) | set(by_chain)):
        walk.missing(name)
    async with database.reader.connect() as connection:
        # chains that began while we read have their head by now
        begun = set((await connection.execute(select(t.chain.c.name))).scalars())
    for name in sorted(walk.seen - begun):
        report.faults.append(Fault(name, 0, "the chain has no head"))


async def erase(unit: Unit, chain: str) -> dict[str, Any]:
    """Delete what was said in all entries of a locked chain; its links stay. Returns what the entry `ERASED` in the
    chain `RETENTION` has to say of it, without which the bodies are missing."""
    head = (await unit.conn.execute(select(t.chain).where(t.chain.c.name == chain))).one()
    await unit.conn.execute(delete(t.audit_body).where(t.audit_body.c.chain == chain))
    return {"chain": chain, "through": head.seq, "head": head.hash}


async def _erased(conn: AsyncConnection) -> dict[str, tuple[int, str]]:
    """Chain -> the last entry whose body has expired, and its link, as the trail tells it."""
    told = _with_bodies().where(t.audit.c.chain == RETENTION, t.audit.c.verb == ERASED).order_by(t.audit.c.seq)
    found = [json.loads(row.body) for row in await conn.execute(told) if row.body is not None]
    return {str(one["chain"]): (int(one["through"]), str(one["head"])) for one in found}


def _only(column: ColumnElement[str], chain: str | None) -> ColumnElement[bool]:
    return true() if chain is None else column == chain


async def _pieces(database: Database, piece: int, chain: str | None) -> AsyncIterator[Sequence[Any]]:
    place = tuple_(t.audit.c.chain, t.audit.c.seq)
    ordered = _with_bodies().where(_only(t.audit.c.chain, chain)).order_by(t.audit.c.chain, t.audit.c.seq).limit(piece)
    query = ordered
    while True:
        async with database.reader.connect() as connection:
            rows = (await connection.execute(query)).all()
        if rows:
            yield rows
        if len(rows) < piece:
            return
        query = ordered.where(place > (rows[-1].chain, rows[-1].seq))


async def _leaves(conn: AsyncConnection, chain: str | None) -> dict[int, list[Leaf]]:
    """What each anchor says of the chains."""
    found: dict[int, list[Leaf]] = {}
    for row in await conn.execute(select(t.audit_anchor_leaf).where(_only(t.audit_anchor_leaf.c.chain, chain))):
        found.setdefault(row.anchor_seq, []).append(Leaf(row.chain, row.chain_seq, row.chain_hash))
    return found


async def _verify_anchors(
    conn: AsyncConnection, report: Report, published: Sequence[str], leaves: Mapping[int, Sequence[Leaf]]
) -> None:
    """Check the anchors among themselves and with their leaves."""
    number, previous, hashes = 0, "", []
    for row in await conn.execute(select(t.audit_anchor).order_by(t.audit_anchor.c.seq)):
        number += 1
        found = sorted(leaves.get(row.seq, []), key=lambda leaf: leaf.chain)
        if row.seq != number:
            report.faults.append(Fault("", row.seq, f"anchor {number} is missing"))
            number = row.seq
        if row.root != root_of(found) or row._mapping["count"] != len(found):
            report.faults.append(Fault("", row.seq, f"anchor {row.seq} does not match its leaves"))
        if row.hash != anchor_hash(previous, row.root, row.at):
            report.faults.append(Fault("", row.seq, f"anchor {row.seq} does not follow from the one before"))
        previous = row.hash
        hashes.append(row.hash)
        report.anchors += 1
    for told in published:
        begin = told.replace(" ", "").lower()
        if len(begin) < SHORTEST or not any(known.startswith(begin) for known in hashes):
            report.faults.append(Fault("", 0, f"the published anchor {told} is not in this store"))


class _Walk:
    """Takes the entries in order of chain and number, and notes what does not fit."""

    def __init__(
        self,
        report: Report,
        heads: Mapping[str, tuple[int, str]],
        leaves: Mapping[str, Sequence[Leaf]],
        erased: Mapping[str, tuple[int, str]],
    ) -> None:
        self._report, self._heads, self._leaves, self._erased = report, heads, leaves, erased
        self._chain, self._seq, self._hash, self._at = "", 0, "", ""
        self._through = 0  # up to which entry bodies have expired
        self._due: dict[int, set[str]] = {}  # what heads and anchors say about entries of this chain
        self.seen: set[str] = set()

    def take(self, row: Sequence[Any]) -> None:
        chain, seq, at, actor, verb, policy, digest, link, salt, body = row
        if chain != self._chain:
            self.end()
            self._begin(chain)
        self._report.entries += 1
        if seq != self._seq + 1:
            self._fault(seq, f"entries {self._seq + 1} to {seq - 1} are missing")
        elif entry_hash(self._hash, (chain, seq, at, actor, verb, policy, digest)) != link:
            self._fault(seq, "the entry was changed")
        if at < self._at:
            self._fault(seq, "the entry is older than the one before")
        if body is None or salt is None:
            self._bodyless(seq)
        elif body_digest(salt, body) != digest:
            self._fault(seq, "the body was changed")
        if self._due.pop(seq, {link}) != {link}:
            self._fault(seq, "head or anchor tell of another entry")
        self._seq, self._hash, self._at = seq, link, at

    def _begin(self, chain: str) -> None:
        self._chain, self._seq, self._hash, self._at = chain, 0, "", ""
        self.seen.add(chain)
        self._report.chains += 1
        self._due, self._through = {}, 0
        for leaf in self._leaves.get(chain, []):
            self._due.setdefault(leaf.seq, set()).add(leaf.hash)
        if chain in self._heads:
            seq, link = self._heads[chain]
            self._due.setdefault(seq, set()).add(link)
        if chain in self._erased:
            self._through, link = self._erased[chain]
            self._due.setdefault(self._through, set()).add(link)

    def _bodyless(self, seq: int) -> None:
        if seq > self._through:
            self._fault(seq, "the body is missing")
        else:
            self._report.expired += 1

    def end(self) -> None:
        """The last entry of a chain was taken."""
        if self._chain and self._due:
            self._fault(max(self._due), f"entries after {self._seq} are missing")

    def missing(self, chain: str) -> None:
        """A chain that heads or anchors know must have been seen, unless it has no entry yet."""
        begun = chain in self._leaves or self._heads[chain][0] > 0
        if begun and chain not in self.seen:
            self._report.faults.append(Fault(chain, 0, "the chain was removed"))

    def _fault(self, seq: int, what: str) -> None:
        self._report.faults.append(Fault(self._chain, seq, what))
