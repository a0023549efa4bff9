"""Flags as rows: what a flag is under the chain `flags`, what it does in an environment under `flags:<environment>`.

Each row carries the number of the entry that wrote it last. It is the version that somebody saw who wants to change
it, and it lets a process that knows the chain up to some number read only what is newer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.flags.model import Flag, Segment, Setting
from core.store.flag_tables import flag as f
from core.store.flag_tables import flag_client as c
from core.store.flag_tables import flag_segment as g
from core.store.flag_tables import flag_setting as s
from core.store.flag_tables import flag_usage as u
from core.store.records import decode, encode
from core.store.tables import chain as heads
from core.store.unit import Unit

FLAGS = "flags"


def flags_chain(environment: str) -> str:
    return f"{FLAGS}:{environment}"


@dataclass(frozen=True, slots=True)
class Stored:
    """A flag with its setting in one environment; `version` is 0 and `by` empty before the first change there."""

    flag: Flag
    setting: Setting = field(default_factory=Setting)
    version: int = 0
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """How often an app asked for a flag on one day, and what it was told; `variant` is "" for on and off as such."""

    name: str
    app: str
    day: str
    yes: int
    no: int
    variant: str = ""


async def seen(conn: AsyncConnection, environments: Iterable[str]) -> Mapping[str, int]:
    """The newest entry of each chain of flags."""
    names = [FLAGS, *map(flags_chain, environments)]
    found = dict.fromkeys(names, 0)
    for row in await conn.execute(select(heads.c.name, heads.c.seq).where(heads.c.name.in_(names))):
        found[row.name] = row.seq
    return found


async def of_environment(
    conn: AsyncConnection, environment: str, *, flags_after: int = 0, settings_after: int = 0
) -> tuple[Stored, ...]:
    """All flags, archived ones too, with their settings there; with numbers only what was written after them."""
    here = and_(s.c.key == f.c.key, s.c.environment == environment)
    rows = select(f.c.record.label("flag"), s.c.record, s.c.seq, s.c.by, s.c.at).outerjoin_from(f, s, here)
    if flags_after or settings_after:
        rows = rows.where(or_(f.c.seq > flags_after, s.c.seq > settings_after))
    return tuple(_stored(row) for row in await conn.execute(rows.order_by(f.c.key)))


async def everywhere(conn: AsyncConnection, name: str = "") -> Sequence[tuple[Flag, Mapping[str, Stored]]]:
    """Each flag that is not archived, or the one of this name, with what was ever set of it by environment."""
    living = select(f.c.key, f.c.record).where(f.c.archived_at.is_(None)).order_by(f.c.name)
    rows = select(s.c.environment, s.c.key, s.c.record, s.c.seq, s.c.by, s.c.at)
    if name:
        living = living.where(f.c.name == name)
        rows = rows.where(s.c.key.in_(select(f.c.key).where(f.c.name == name, f.c.archived_at.is_(None))))
    found = {row.key: decode(Flag, row.record) for row in await conn.execute(living)}
    there: dict[str, dict[str, Stored]] = {}
    for row in await conn.execute(rows):
        if (flag := found.get(row.key)) is not None:
            stored = Stored(flag, decode(Setting, row.record), row.seq, row.by, row.at)
            there.setdefault(row.key, {})[row.environment] = stored
    return [(flag, there.get(key, {})) for key, flag in found.items()]


async def find(conn: AsyncConnection, name: str, environment: str = "") -> Stored | None:
    """The flag of this name that is not archived."""
    here = and_(s.c.key == f.c.key, s.c.environment == environment)
    rows = select(f.c.record.label("flag"), s.c.record, s.c.seq, s.c.by, s.c.at).outerjoin_from(f, s, here)
    row = (await conn.execute(rows.where(f.c.name == name, f.c.archived_at.is_(None)))).first()
    return None if row is None else _stored(row)


async def key_taken(conn: AsyncConnection, key: str) -> bool:
    """Whether a flag ever had this key."""
    return (await conn.execute(select(f.c.key).where(f.c.key == key))).first() is not None


async def segments(conn: AsyncConnection) -> tuple[Segment, ...]:
    rows = await conn.execute(select(g.c.record).order_by(g.c.id))
    return tuple(decode(Segment, row.record) for row in rows)


async def put_flag(unit: Unit, flag: Flag) -> None:
    """Write it whole, after its audit entry; the unit holds the chain `flags`."""
    values = {
        "name": flag.name, "record": encode(flag), "archived_at": flag.archived_at, "seq": unit.seq(FLAGS),
    }  # fmt: skip
    row = unit.insert(f).values(key=flag.key, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[f.c.key], set_=values))


async def put_setting(unit: Unit, environment: str, key: str, setting: Setting, by: str, at: datetime) -> int:
    """Write it whole, after its audit entry; the unit holds the environment's chain. Returns the new version."""
    version = unit.seq(flags_chain(environment))
    values = {"record": encode(setting), "seq": version, "by": by, "at": at}
    row = unit.insert(s).values(environment=environment, key=key, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[s.c.environment, s.c.key], set_=values))
    return version


async def put_segment(unit: Unit, segment: Segment) -> None:
    """Write it whole, after its audit entry; the unit holds the chain `flags`."""
    values = {"record": encode(segment), "seq": unit.seq(FLAGS)}
    row = unit.insert(g).values(id=segment.id, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[g.c.id], set_=values))


async def count(unit: Unit, environment: str, counted: Collection[Usage]) -> None:
    """Add to what was counted before."""
    for one in counted:
        place = {
            "environment": environment, "name": one.name, "app": one.app, "day": one.day, "variant": one.variant,
        }  # fmt: skip
        row = unit.insert(u).values(**place, yes=one.yes, no=one.no)
        added = {"yes": u.c.yes + row.excluded.yes, "no": u.c.no + row.excluded.no}
        await unit.conn.execute(row.on_conflict_do_update(index_elements=[u.c[n] for n in place], set_=added))


async def usage(conn: AsyncConnection, environment: str, name: str = "") -> tuple[Usage, ...]:
    """What was counted, of one flag or of all, the newest day first."""
    rows = select(u.c.name, u.c.app, u.c.day, u.c.yes, u.c.no, u.c.variant).where(u.c.environment == environment)
    if name:
        rows = rows.where(u.c.name == name)
    found = await conn.execute(rows.order_by(u.c.day.desc(), u.c.name, u.c.app, u.c.variant))
    return tuple(Usage(*row) for row in found)


async def last_used(conn: AsyncConnection, environment: str) -> Mapping[str, tuple[str, int]]:
    """Flag -> the newest day on which an app asked for it, and how often all of them did on all days."""
    rows = select(u.c.name, func.max(u.c.day), func.sum(u.c.yes + u.c.no)).where(
        u.c.environment == environment, u.c.variant == ""
    )
    return {name: (day, int(times)) for name, day, times in await conn.execute(rows.group_by(u.c.name))}


async def rename_usage(unit: Unit, name: str, to: str) -> None:
    """What was asked under the old name counts for the new one; where both were asked on one day each keeps its own."""
    there = u.alias()
    same = [there.c[n] == u.c[n] for n in ("environment", "app", "day", "variant")]
    free = ~exists().where(there.c.name == to, *same)
    await unit.conn.execute(update(u).where(u.c.name == name, free).values(name=to))


async def heard(unit: Unit, environment: str, app: str, sdk: str, at: datetime) -> None:
    """An app asks for flags here: a flag that nobody uses and an app that never reports are different facts."""
    row = unit.insert(c).values(environment=environment, app=app, sdk=sdk, first_at=at, last_at=at)
    newer = {"sdk": sdk, "last_at": at}
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[c.c.environment, c.c.app], set_=newer))


async def clients(conn: AsyncConnection, environment: str) -> Mapping[str, datetime]:
    """App -> when it was last heard of."""
    rows = await conn.execute(select(c.c.app, c.c.last_at).where(c.c.environment == environment))
    return {row.app: row.last_at for row in rows}


def _stored(row: Any) -> Stored:
    flag = decode(Flag, row.flag)
    return Stored(flag) if row.record is None else Stored(flag, decode(Setting, row.record), row.seq, row.by, row.at)
