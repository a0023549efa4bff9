"""The roster as rows: what people said about themselves, and the zone that Slack knows; `roster` is its chain."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, Text, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.people import Colleague
from core.store.records import decode, encode
from core.store.remembered import remembered
from core.store.tables import person as p
from core.store.unit import Unit

ROSTER = "roster"


@remembered(p)
async def everybody(conn: AsyncConnection) -> dict[str, Colleague]:
    """All rows by person. Every unit asks for them, so what was read once is not taken apart again."""
    return {row.id: _colleague(row.record) for row in await conn.execute(_all())}


@cache
def _all() -> Select[Any]:
    return select(p.c.id, type_coerce(p.c.record, Text).label("record"))


@lru_cache(maxsize=4096)
def _colleague(text: str) -> Colleague:
    return decode(Colleague, json.loads(text))


async def load(conn: AsyncConnection, person: str) -> Colleague:
    """One row, an empty one for a person who has none."""
    row = (await conn.execute(_all().where(p.c.id == person))).first()
    return Colleague(person) if row is None else _colleague(row.record)


async def put(unit: Unit, colleague: Colleague) -> None:
    """Write what a person said; the unit holds the chain `roster`."""
    record = encode(colleague)
    row = unit.insert(p).values(id=colleague.id, record=record, read_at=None)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[p.c.id], set_={"record": record}))


async def put_zone(unit: Unit, person: str, zone: str, at: datetime) -> bool:
    """Write what Slack said at `at`; returns whether the zone is another one than before."""
    before = await load(unit.conn, person)
    record = encode(replace(before, zone=zone))
    row = unit.insert(p).values(id=person, record=record, read_at=at)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[p.c.id], set_={"record": record, "read_at": at}))
    return before.zone != zone


async def unread(conn: AsyncConnection, people: Collection[str], before: datetime) -> list[str]:
    """Those of the people about whom Slack was not asked since `before`, in their order."""
    fresh = select(p.c.id).where(p.c.id.in_(sorted(people)), p.c.read_at.is_not(None), p.c.read_at >= before)
    known = set((await conn.execute(fresh)).scalars())
    return [one for one in people if one not in known]
