"""Releases as rows: the whole aggregate in `record`, the columns that keys and readers need beside it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, Text, Update, bindparam, case, insert, or_, select, text, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.rehearsals import channel_of
from core.domain.release import Phase, Release, ReleaseType
from core.errors import Blocker, NotFound, Refused
from core.store.columns import Instant, instant
from core.store.records import decode, encode
from core.store.remembered import remembered
from core.store.tables import release as r
from core.store.unit import Unit, release_chain


def _columns(release: Release) -> dict[str, Any]:
    record = encode(release)
    del record["id"]  # the row's own
    train = release.train  # a rehearsal takes nobody's departure
    if train and channel_of(release.product):
        train = f"{release.product}:{train}"
    return {
        "product": release.product, "version": release.version, "type": str(release.type), "train": train,
        "departs_at": release.departs_at, "phase": str(release.phase), "epoch": release.epoch,
        "held": release.hold is not None, "digest": release.digest, "open": release.is_open,
        "policy_hash": release.policy_hash, "record": record,
    }


def _release(row: Any) -> Release:
    return _read(row.id, row.record)


@lru_cache(maxsize=128)  # each unit asks for all open releases, and has changed one of them at most
def _read(release_id: int, record: str) -> Release:
    return decode(Release, {**json.loads(record), "id": release_id})


_RECORD = type_coerce(r.c.record, Text).label("record")  # as text, so that what was read once is known again


async def add(unit: Unit, release: Release) -> Release:
    """Insert a new release, begin its chain and lock it; returns it with its id. `save` follows in the same unit.

    Refuses with `version.taken` or `departure.taken`: the keys catch a command that was typed again.
    """
    values = _columns(release) | {"wake_at": None, "facts": {}, "facts_seq": 0}
    with _keys_of(release):
        added = await unit.conn.execute(insert(r).values(**values).returning(r.c.id))
    new = replace(release, id=added.scalar_one())
    await unit.new_chain(release_chain(new.id))
    return new


async def save(unit: Unit, release: Release, *, facts: Mapping[str, Any], wake_at: datetime | None) -> None:
    """Write the release whole, after the unit's last audit entry on it; refuses as `add` does."""
    seq = unit.seq(release_chain(release.id))
    values = _columns(release) | {"facts": dict(facts), "facts_seq": seq, "wake_at": wake_at}
    with _keys_of(release):
        changed = await unit.conn.execute(_of_id(), values | {"of_id": release.id})
    if changed.rowcount != 1:
        raise NotFound(id=release.id)
    unit.saved[release.id] = seq


@cache
def _of_id() -> Update:
    return update(r).where(r.c.id == bindparam("of_id"))


@contextmanager
def _keys_of(release: Release) -> Iterator[None]:
    """A broken unique key is a refusal that names what is taken."""
    try:
        yield
    except IntegrityError as error:
        said = str(error.orig).splitlines()[0]  # further lines hold values
        if "uq_release_departure" in said or "release.departs_at" in said:
            facts = {"train": release.train, "departs_at": release.departs_at}
            raise Refused([Blocker("departure.taken", facts)]) from error
        if "uq_release_version" in said or "release.version" in said:
            raise Refused([Blocker("version.taken", {"version": release.version})]) from error
        raise


@remembered(r)
async def load(conn: AsyncConnection, release_id: int) -> Release:
    """The release; inside a unit its chain must be locked first, or it may be old when it is written."""
    row = (await conn.execute(_record(), {"release": release_id})).first()
    if row is None:
        raise NotFound(id=release_id)
    return _release(row)


@remembered(r)
async def find(conn: AsyncConnection, product: str, version: str) -> Release | None:
    """By version; of several with the same number (all but one cancelled) the newest."""
    row = (await conn.execute(_named(), {"product": product, "version": version})).first()
    return _release(row) if row is not None else None


@cache
def _named() -> Select[Any]:
    same = r.c.product == bindparam("product"), r.c.version == bindparam("version")
    return select(r.c.id, _RECORD).where(*same).order_by(r.c.open.desc(), r.c.id.desc()).limit(1)


@remembered(r)
async def open_releases(conn: AsyncConnection, product: str) -> Sequence[Release]:
    """Those that are not closed or cancelled, the soonest departure first."""
    return [_release(row) for row in await conn.execute(_open(), {"product": product})]


async def around(conn: AsyncConnection, product: str, since: datetime) -> Sequence[Release]:
    """All open releases, and those that left or would have left after an instant, cancelled ones too."""
    of_product = select(r.c.id, _RECORD).where(r.c.product == product)
    dated = of_product.where(or_(r.c.open.is_(True), r.c.departs_at >= since)).order_by(r.c.id)
    return [_release(row) for row in await conn.execute(dated)]


async def fixed_in(conn: AsyncConnection, product: str, most: int) -> Sequence[tuple[datetime, datetime]]:
    """When the newest hotfixes were started and were live, the newest first."""
    fixes = select(r.c.id, _RECORD).where(r.c.product == product, r.c.type == str(ReleaseType.HOTFIX))
    found = [_release(row) for row in await conn.execute(fixes.order_by(r.c.id.desc()).limit(most))]
    return [(x.started_at, x.live_at) for x in found if x.live_at is not None]


async def numbers(conn: AsyncConnection, product: str, ended: int) -> dict[int, str]:
    """Id -> version of all open releases and of the newest that have ended, without reading what they hold."""
    named = select(r.c.id, r.c.version).where(r.c.product == product)
    newest = named.where(r.c.open.is_(False)).order_by(r.c.id.desc()).limit(ended)
    rows = [*(await conn.execute(named.where(r.c.open.is_(True)))), *(await conn.execute(newest))]
    return {row.id: row.version for row in rows}


async def facts_of(conn: AsyncConnection, release_id: int) -> tuple[Mapping[str, Any], int]:
    """What readers draw from, and the audit number it stands for."""
    row = (await conn.execute(_facts(), {"release": release_id})).first()
    if row is None:
        raise NotFound(id=release_id)
    return row.facts, row.facts_seq


@cache  # asked at every turn, and to build a statement takes longer than to run it
def _facts() -> Select[Any]:
    return select(r.c.facts, r.c.facts_seq).where(r.c.id == bindparam("release"))


@cache
def _record() -> Select[Any]:
    return select(r.c.id, _RECORD).where(r.c.id == bindparam("release"))


@cache
def _open() -> Select[Any]:
    of_product = select(r.c.id, _RECORD).where(r.c.product == bindparam("product"))
    return soonest_first(of_product.where(r.c.open.is_(True)))


async def leaving(
    conn: AsyncConnection, product: str, trains: Collection[str], since: datetime
) -> list[dict[str, Any]]:
    """What leaves or has left by these trains from an instant on and was not cancelled, as reminders look at it."""
    return await _leaving_by(conn, product, tuple(trains), since)


@remembered(r)
async def _leaving_by(
    conn: AsyncConnection, product: str, trains: tuple[str, ...], since: datetime
) -> list[dict[str, Any]]:
    asked = {"product": product, "trains": trains, "since": since}
    return [_leaving(row) for row in await conn.execute(_by_train(), asked)]


@cache
def _by_train() -> Select[Any]:
    living = case((r.c.open.is_(True), type_coerce(r.c.record, Text)))  # of what has ended nothing is asked any more
    named = (r.c.id, r.c.version, r.c.type, r.c.train, r.c.departs_at, r.c.phase, living.label("record"))
    late = r.c.departs_at >= bindparam("since", type_=Instant)
    by_train = r.c.train.in_(bindparam("trains", expanding=True)), r.c.product == bindparam("product")
    return select(*named).where(*by_train, late, text("phase <> 'cancelled'"))


@lru_cache(maxsize=64)
def _record_of(text_of_it: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text_of_it)
    return found


def _leaving(row: Any) -> dict[str, Any]:
    record = _record_of(row.record) if row.record else {}
    return {
        "release": row.id, "version": row.version, "type": ReleaseType(row.type), "train": row.train,
        "departs_at": row.departs_at, "lead": str(record.get("lead") or ""), "phase": Phase(row.phase),
        "stands": bool(record.get("hold") or record.get("go")),
        "told": "planned:stakeholders" in record.get("announced", ()),
        "live_at": instant(record["live_at"]) if record.get("live_at") else None,
    }  # fmt: skip


@remembered(r)
async def open_facts(conn: AsyncConnection, product: str) -> list[str]:
    """What readers draw from, of all open releases, as the text that is stored."""
    return list((await conn.execute(_open_facts(), {"product": product})).scalars())


@cache
def _open_facts() -> Select[Any]:
    kept = select(type_coerce(r.c.facts, Text)).where(r.c.product == bindparam("product"), r.c.open.is_(True))
    return kept.order_by(r.c.id)


async def product_of(conn: AsyncConnection, release_id: int) -> str:
    """The key of the product that it is a release of; "" when there is no such release."""
    found = await conn.execute(select(r.c.product).where(r.c.id == release_id))
    return str(found.scalar_one_or_none() or "")


async def policy_hash(conn: AsyncConnection, release_id: int) -> str:
    """The policy that the release is pinned to."""
    found = (await conn.execute(select(r.c.policy_hash).where(r.c.id == release_id))).scalar_one_or_none()
    if found is None:
        raise NotFound(id=release_id)
    return str(found)


def soonest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(r.c.departs_at.is_(None), r.c.departs_at, r.c.id)
