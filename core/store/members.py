"""Who is in which Slack user group, and who the people are, as last read; clicks are judged by these rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.tables import membership as m
from core.store.tables import slack_person as p
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
class Person:
    """What we know of a Slack user; `standing` is member, guest, bot or gone."""

    id: str
    name: str
    time_zone: str
    standing: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Moves:
    """Who came and who went since the group was last read."""

    joined: frozenset[str]
    left: frozenset[str]


async def groups(conn: AsyncConnection) -> dict[str, Group]:
    """All known groups by id."""
    people: dict[str, set[str]] = {}
    for row in await conn.execute(select(m.c.usergroup, m.c.person).where(m.c.left_at.is_(None))):
        people.setdefault(row.usergroup, set()).add(row.person)
    rows = await conn.execute(select(g))
    return {row.id: Group(row.id, row.handle, frozenset(people.get(row.id, ())), row.read_at) for row in rows}


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


async def person(conn: AsyncConnection, person_id: str) -> Person | None:
    row = (await conn.execute(select(p).where(p.c.id == person_id))).first()
    return None if row is None else Person(row.id, row.name, row.time_zone, row.standing, row.read_at)


async def put_person(unit: Unit, known: Person) -> None:
    """Keep what Slack said about a person."""
    values = {
        "name": known.name, "time_zone": known.time_zone, "standing": known.standing, "read_at": known.read_at
    }
    row = unit.insert(p).values(id=known.id, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[p.c.id], set_=values))
