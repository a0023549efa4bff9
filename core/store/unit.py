"""What a unit of work offers while it is open: its connection, chains, audit trail and outbox."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Float, Insert, Select, Table, Update, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from core.domain.slack_ids import is_person
from core.store import tables as t
from core.store.columns import db_now, iso, to_json

MANY = 50  # rows in one statement; more would keep the loop from other work


def release_chain(release_id: int) -> str:
    return f"release:{release_id}"


@dataclass(slots=True)
class Head:
    """Where a chain stands: its newest entry."""

    seq: int
    hash: str
    at: str
    was: int  # the number it had when it was locked


def entry_hash(previous: str, fields: tuple[str, int, str, str, str, str, str]) -> str:
    """The link of one audit entry: (chain, seq, at, actor, verb, policy, body digest) after the previous hash."""
    return hashlib.sha256((previous + "1\n" + "\n".join(map(str, fields))).encode()).hexdigest()


def body_digest(salt: str, body: str) -> str:
    return hashlib.sha256((salt + body).encode()).hexdigest()


Roles = Callable[[AsyncConnection, str, datetime], Awaitable[Sequence[str]]]
"""The roles that somebody (a Slack id) holds at an instant."""


@dataclass(slots=True)
class Unit:
    """An open unit of work. `process` owns what is claimed in it; `roles` says who holds which at this moment."""

    conn: AsyncConnection
    process: str
    roles: Roles | None = None
    heads: dict[str, Head] = field(default_factory=dict)
    wanted: set[int] = field(default_factory=set)
    saved: dict[int, int] = field(default_factory=dict)  # release id -> the seq its facts were written with

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that knows ON CONFLICT, in the words of this database."""
        if self.conn.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    async def insert_new(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert one row; False when a unique key already has it."""
        computed = {name: value for name, value in values.items() if isinstance(value, ColumnElement)}
        statement = _new(self.conn.dialect.name, table)
        if computed:
            statement = statement.values(**computed)
        plain = {name: value for name, value in values.items() if name not in computed}
        return (await self.conn.execute(statement, plain)).rowcount == 1

    async def insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]) -> set[Any]:
        """Insert many rows; the keys of those that were new, as tuples of the columns `key`."""
        columns = [table.c[name] for name in key]
        statement = self.insert(table).on_conflict_do_nothing().returning(*columns)
        added: set[Any] = set()
        for at in range(0, len(rows), MANY):
            found = await self.conn.execute(statement, [dict(row) for row in rows[at : at + MANY]])
            added |= {tuple(row) for row in found}
        return added

    async def lock(self, names: Collection[str]) -> None:
        """Lock chains in name order, making those that are new."""
        await self._take(names)
        missing = sorted(set(names) - set(self.heads))
        for name in missing:
            await self.insert_new(t.chain, {"name": name, "seq": 0, "hash": "", "at": ""})
        if missing:
            await self._take(names)

    async def _take(self, names: Collection[str]) -> None:
        for row in await self.conn.execute(_chains(), {"names": sorted(names)}):
            self.heads.setdefault(row.name, Head(row.seq, row.hash, row.at, row.seq))

    async def new_chain(self, name: str) -> None:
        """Begin the chain of something that this unit just made; nobody else can know it, so the order is kept."""
        if not await self.insert_new(t.chain, {"name": name, "seq": 0, "hash": "", "at": ""}):
            raise RuntimeError(f"chain {name} exists already")
        self.heads[name] = Head(0, "", "", 0)

    def seq(self, chain: str) -> int:
        """The newest entry of a locked chain, this unit's own included."""
        return self._head(chain).seq

    def _head(self, chain: str) -> Head:
        try:
            return self.heads[chain]
        except KeyError:
            raise RuntimeError(f"chain {chain} is not locked by this unit") from None

    async def audit(
        self, chain: str, actor: str, verb: str, policy: str, body: Mapping[str, Any], at: datetime
    ) -> int:
        """Add an entry to a locked chain; returns its number. With a person's act their roles at this moment stand."""
        head = self._head(chain)
        if self.roles is not None and "roles" not in body and is_person(actor):
            body = {**body, "roles": list(await self.roles(self.conn, actor, at))}
        salt, text = secrets.token_hex(16), to_json(body)
        link = (chain, head.seq + 1, max(iso(at), head.at), actor, verb, policy, body_digest(salt, text))
        if any("\n" in str(part) or "\x00" in str(part) for part in link):
            raise ValueError(f"a field of an audit entry holds a line break: {link!r}")
        names = ("chain", "seq", "at", "actor", "verb", "policy", "body_digest")
        head.hash = entry_hash(head.hash, link)
        head.seq, head.at = link[1], link[2]
        entry = dict(zip(names, link, strict=True)) | {"hash": head.hash}
        await self.conn.execute(_added(t.audit), entry)
        await self.conn.execute(_added(t.audit_body), {"chain": chain, "seq": head.seq, "salt": salt, "body": text})
        return head.seq

    async def outbox(
        self, lane: str, kind: str, body: Mapping[str, Any], *, cause: str, rank: int = 1, delay: float = 0.0,
        expires_at: datetime | None = None,
    ) -> int:
        """Write an effect that follows this unit. `cause` is a locked chain, which keeps the lane in order.

        rank 0: a click waits for it, 1: milestone, 2: reminder. `delay` is transport seconds from now,
        `expires_at` release time. Returns the row's id.
        """
        row = self._row(lane, kind, body, cause) | {"rank": rank, "expires_at": expires_at}
        del row["created_at"]
        given = {"delay": delay} if delay else {"not_before": 0.0}
        return int((await self.conn.execute(_effect(bool(delay)), row | given)).scalar_one())

    async def outbox_all(
        self, found: Sequence[tuple[str, Mapping[str, Any], float]], kind: str, *, cause: str, rank: int
    ) -> None:
        """Many effects of one kind: lane, body and seconds from now of each. They go in as one statement each MANY."""
        now = float((await self.conn.execute(select(db_now()))).scalar_one())
        for at in range(0, len(found), MANY):
            rows = [
                self._row(lane, kind, body, cause)
                | {"rank": rank, "expires_at": None, "created_at": now, "not_before": now + delay if delay else 0.0}
                for lane, body, delay in found[at : at + MANY]
            ]
            await self.conn.execute(insert(t.outbox), rows)

    def _row(self, lane: str, kind: str, body: Mapping[str, Any], cause: str) -> dict[str, Any]:
        return {
            "key": secrets.token_hex(16), "lane": lane, "kind": kind, "body": dict(body), "state": "ready",
            "open": True, "doubt": False, "attempt": 0, "created_at": db_now(), "claimed_at": 0.0,
            "lease_until": 0.0, "owner": "", "cause_chain": cause, "cause_seq": self.seq(cause), "error": "",
        }

    def want(self, release_id: int) -> None:
        """All living messages of the release shall show what this unit leaves."""
        self.wanted.add(release_id)

    async def settle(self) -> None:
        """Write what follows from all of the above, before COMMIT."""
        for release_id in sorted(self.wanted):
            head = self._head(release_chain(release_id))
            values: dict[str, Any] = {"wanted": head.seq}
            if head.seq == head.was:
                # Facts may change without an entry here (another release was shipped, an announcement is out): then
                # the number tells nothing, so all is drawn anew, also by who is just at it with the older facts.
                values |= {"shown": 0, "owner": "", "lease_until": 0.0}
            await self.conn.execute(_behind(), values | {"of_release": release_id})
        for release_id, seq in self.saved.items():
            newest = self.seq(release_chain(release_id))
            if newest != seq:  # an audit entry came after the save
                await self.conn.execute(_stands_for(), {"of_id": release_id, "facts_seq": newest})
        for name, head in sorted(self.heads.items()):
            if head.seq != head.was:
                await self._advance(name, head)

    async def _advance(self, name: str, head: Head) -> None:
        now = {"seq": head.seq, "hash": head.hash, "at": head.at}
        moved = await self.conn.execute(_moved(), now | {"of_name": name, "was": head.was})
        if moved.rowcount != 1:
            raise RuntimeError(f"chain {name} moved under its own lock")

    def proof(self) -> tuple[str, int, str] | None:
        """An entry that is there exactly when this unit was committed (its salt makes it unlike any other)."""
        return next(((name, h.seq, h.hash) for name, h in sorted(self.heads.items()) if h.seq != h.was), None)

    async def holds(self, chain: str, seq: int, link: str) -> bool:
        """Whether the trail has this very entry."""
        entry = select(t.audit.c.hash).where(t.audit.c.chain == chain, t.audit.c.seq == seq)
        return (await self.conn.execute(entry)).scalar_one_or_none() == link


# Built once: every unit needs them, and to build a statement takes longer than to run it.


@cache
def _new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    added = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return added.on_conflict_do_nothing().inline()


@cache
def _added(table: Table) -> Insert:
    return insert(table)


@cache
def _chains() -> Select[Any]:
    named = t.chain.c.name.in_(bindparam("names", expanding=True))
    return select(t.chain).where(named).order_by(t.chain.c.name).with_for_update()


@cache
def _effect(later: bool) -> Insert:
    values = {"not_before": db_now() + bindparam("delay", type_=Float)} if later else {}
    return insert(t.outbox).values(created_at=db_now(), **values).returning(t.outbox.c.id)


@cache
def _behind() -> Update:
    return update(t.living).where(t.living.c.release_id == bindparam("of_release"), t.living.c.closed.is_(False))


@cache
def _stands_for() -> Update:
    return update(t.release).where(t.release.c.id == bindparam("of_id"))


@cache
def _moved() -> Update:
    return update(t.chain).where(t.chain.c.name == bindparam("of_name"), t.chain.c.seq == bindparam("was"))
