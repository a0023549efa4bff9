"""Who is in which Slack user group, as last read; clicks are judged by these rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.remembered import remembered
from core.store.tables import membership as m
from core.store.tables import usergroup as g
from core.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Group:
    """A user group as it was at `read_at`."""

    id: str
    handle: str
    people: frozenset[str]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Moves:
    """Who came and who went since the group was last read."""

    joined: frozenset[str]
    left: frozenset[str]


@remembered(g, m)
async def groups(conn: AsyncConnection) -> dict[str, Group]:
    """All known groups by id."""
    people: dict[str, set[str]] = {}
    for row in await conn.execute(_here()):
        people.setdefault(row.usergroup, set()).add(row.person)
    rows = await conn.execute(_known())
    return {row.id: Group(row.id, row.handle, frozenset(people.get(row.id, ())), row.read_at) for row in rows}


@cache
def _here() -> Select[Any]:
    return select(m.c.usergroup, m.c.person).where(m.c.left_at.is_(None))


@cache
def _known() -> Select[Any]:
    return select(g)


async def read_group(unit: Unit, group_id: str, handle: str, people: Collection[str], at: datetime) -> Moves:
    """Store a group as Slack showed it at `at`; an answer older than what is stored changes nothing."""
    fresh = unit.insert(g).values(id=group_id, handle=handle, read_at=at)
    newer = fresh.on_conflict_do_update(
        index_elements=[g.c.id], set_={"handle": handle, "read_at": at}, where=g.c.read_at <= at
    )
    if (await unit.conn.execute(newer)).rowcount == 0:
        return Moves(frozenset(), frozenset())
    here = m.c.usergroup == group_id, m.c.left_at.is_(None)
    known = set((await unit.conn.execute(select(m.c.person).where(*here))).scalars())
    joined, left = set(people) - known, known - set(people)
    for person in sorted(joined):
        await unit.insert_new(m, {"usergroup": group_id, "person": person, "joined_at": at, "left_at": None})
    if left:
        await unit.conn.execute(update(m).where(*here, m.c.person.in_(sorted(left))).values(left_at=at))
    return Moves(frozenset(joined), frozenset(left))
