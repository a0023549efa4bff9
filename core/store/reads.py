"""The reads that people wait for: one statement, compiled once, handed to the driver in one call.

What SQLAlchemy does for each call costs more than these statements do in the database. So only columns
of int, float and text are asked for, and JSON is parsed here.

    reads = Reads(database)
    card = await reads.card("shop", "1.3.0")        # or reads.card("shop"): the release that leaves soonest
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import Integer, Select, Text, and_, bindparam, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.util import greenlet_spawn

from core.errors import Busy
from core.store.columns import db_now
from core.store.engines import READERS, Database
from core.store.releases import soonest_first
from core.store.tables import outbox as o
from core.store.tables import product as p
from core.store.tables import release as r

DEADLINE = 2.0


@dataclass(frozen=True, slots=True)
class Card:
    """What a reader sees of one release: its facts, and the audit number they stand for."""

    id: int
    version: str
    phase: str
    seq: int
    text: str  # the facts as they are stored

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts, read anew each time: nobody else holds them."""
        facts: Mapping[str, Any] = json.loads(self.text)
        return facts


@dataclass(frozen=True, slots=True)
class Standing:
    """How the store does, for `/readyz`: rows that wait for a person, and how long the oldest due row has waited."""

    stuck: int
    oldest: float


_LOST = (
    OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)


class _Compiled:
    """A Core select as the driver wants it."""

    __slots__ = ("_engine", "_filled", "_names", "_sql", "_sqlite")

    def __init__(self, query: Select[Any], engine: AsyncEngine) -> None:
        compiled = query.compile(dialect=engine.dialect)
        self._engine = engine
        self._sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._filled = compiled.params
        self._sqlite = engine.dialect.name == "sqlite"

    async def rows(self, **values: Any) -> Sequence[Sequence[Any]]:
        """All rows; again while pooled connections turn out to be lost, `Busy` past the deadline."""
        filled = self._filled | values
        ordered = [filled[name] for name in self._names]
        try:
            async with asyncio.timeout(DEADLINE):
                for _ in range(READERS):  # after a restart of the database every one of them may be lost
                    with suppress(*_LOST):
                        return await self._ask(ordered)
                return await self._ask(ordered)
        except (TimeoutError, *_LOST) as error:
            raise Busy(why=str(error)) from error

    async def _ask(self, ordered: Sequence[Any]) -> Sequence[Sequence[Any]]:
        pooled = await self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        try:
            if self._sqlite:
                rows: Sequence[Sequence[Any]] = await driver.execute_fetchall(self._sql, ordered)
            else:
                rows = await driver.fetch(self._sql, *ordered)
        except BaseException:  # lost, or cancelled half-way: nobody may get this connection again
            await greenlet_spawn(pooled.invalidate)
            raise
        pooled.close()  # gives it back; without a reset there is nothing to wait for
        return rows


class Reads:
    """The compiled selects of one database."""

    def __init__(self, database: Database) -> None:
        shown = select(r.c.id, r.c.version, r.c.phase, r.c.facts_seq, r.c.facts)
        of_product = shown.where(r.c.product == bindparam("product", type_=Text))
        named = of_product.where(r.c.version == bindparam("version", type_=Text))
        in_flight = soonest_first(of_product.where(r.c.open.is_(True)))
        ended = select(r.c.id).where(r.c.product == bindparam("product", type_=Text), r.c.open.is_(False))
        newest = ended.order_by(r.c.id.desc()).limit(bindparam("most", type_=Integer))  # sorts numbers, not facts

        def compiled(query: Select[Any]) -> _Compiled:
            return _Compiled(query, database.reader)

        self._named = compiled(named.order_by(r.c.open.desc(), r.c.id.desc()).limit(1))
        self._soonest = compiled(in_flight.limit(1))
        beside = select(p.c.record).where(p.c.key == bindparam("key", type_=Text)).scalar_subquery()
        both = soonest_first(of_product.add_columns(beside).where(r.c.open.is_(True)))
        self._soonest_beside = compiled(both.limit(1))
        self._in_flight = compiled(in_flight)
        self._past = compiled(shown.where(r.c.id.in_(newest)).order_by(r.c.id.desc()))
        self._standing = compiled(_standing())
        self._record = compiled(select(p.c.record).where(p.c.key == bindparam("key", type_=Text)))

    async def record(self, key: str) -> Mapping[str, Any] | None:
        """The record of a product, or of a channel where one may be rehearsed; None before the first."""
        rows = await self._record.rows(key=key)
        return json.loads(rows[0][0]) if rows else None

    async def card(self, product: str, version: str | None = None) -> Card | None:
        """The release with this number, or the open one that leaves soonest."""
        if version is None:
            rows = await self._soonest.rows(product=product)
        else:
            rows = await self._named.rows(product=product, version=version)
        return _card(rows[0]) if rows else None

    async def soonest_beside(self, product: str, key: str) -> tuple[Card, Mapping[str, Any] | None] | None:
        """`card(product)` and `record(key)` in one call; None where nothing is in flight."""
        rows = await self._soonest_beside.rows(product=product, key=key)
        return (_card(rows[0]), json.loads(rows[0][5]) if rows[0][5] else None) if rows else None

    async def in_flight(self, product: str) -> list[Card]:
        """All open releases, the soonest departure first."""
        return [_card(row) for row in await self._in_flight.rows(product=product)]

    async def past(self, product: str, most: int = 10) -> list[Card]:
        """Closed and cancelled releases, the newest first."""
        return [_card(row) for row in await self._past.rows(product=product, most=most)]

    async def standing(self) -> Standing:
        """For `/readyz` and Home."""
        (stuck, oldest), = await self._standing.rows()
        return Standing(int(stuck), float(oldest or 0.0))


def _standing() -> Select[Any]:  # one row: how many are stuck, how long the oldest due one has waited
    waits: ColumnElement[bool] = and_(o.c.state.in_(_literals("ready", "sending")), o.c.not_before <= db_now())
    since = case((o.c.not_before > o.c.created_at, o.c.not_before), else_=o.c.created_at)
    stuck: ColumnElement[Any] = func.count(case((o.c.state.in_(_literals("parked", "unsure")), 1)))
    oldest: ColumnElement[Any] = db_now() - func.min(case((waits, since)))
    return select(stuck, oldest).where(o.c.open.is_(True))


def _literals(*words: str) -> list[Any]:
    """A list that grows when a statement is run cannot be compiled beforehand; these words stand in the SQL."""
    return [literal_column(f"'{word}'") for word in words]


def _card(row: Sequence[Any]) -> Card:
    return Card(row[0], row[1], row[2], row[3], row[4])
