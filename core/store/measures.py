"""The rows of metrics: written with the release that they are of, under its chain; read by period.

    await measures.put(unit, "shop", release_id, before, after)      # only what differs is written
    rows = await measures.between(conn, "shop", start, end)
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from core.domain.metrics.rows import Brought, Deployment, Rows, Story
from core.domain.rehearsals import MARK
from core.store.engines import Conn
from core.store.records import decode, encode
from core.store.tables import release as r
from core.store.tables import release_story as s
from core.store.tables import shipped_change as c
from core.store.tables import shipped_deployment as d
from core.store.unit import Unit

_DEPLOYMENT = [f.name for f in fields(Deployment)]
_OF = {"release": "release_id"}  # how a field of a row is called in the tables


async def put(unit: Unit, product: str, release_id: int, before: Rows, after: Rows) -> None:
    """Write what differs of one release; the unit holds its chain."""
    if before.deployments != after.deployments:
        await _put_deployments(unit, product, release_id, before.deployments, after.deployments)
    if before.changes != after.changes:
        if before.changes:
            await unit.conn.execute(delete(c).where(c.c.release_id == release_id))
        if after.changes:
            await unit.conn.execute(insert(c), [_change(product, x) for x in after.changes])
    for story in after.stories if before.stories != after.stories else ():
        values = {"product": product, "started_at": story.started_at, "last_at": story.last_at, "record": encode(story)}
        row = unit.insert(s).values(release_id=release_id, **values)
        await unit.conn.execute(row.on_conflict_do_update(index_elements=[s.c.release_id], set_=values))


async def _put_deployments(
    unit: Unit, product: str, release_id: int, before: Sequence[Deployment], after: Sequence[Deployment]
) -> None:
    gone = [x.number for x in before if x.number not in {y.number for y in after}]
    if gone:
        await unit.conn.execute(delete(d).where(d.c.release_id == release_id, d.c.number.in_(gone)))
    for x in after:
        if x not in before:
            values = {_OF.get(name, name): getattr(x, name) for name in _DEPLOYMENT} | {"product": product}
            row = unit.insert(d).values(**values)
            await unit.conn.execute(row.on_conflict_do_update(index_elements=list(d.primary_key), set_=values))


def _change(product: str, x: Brought) -> dict[str, Any]:
    values = x._asdict()
    return {_OF.get(name, name): value for name, value in values.items()} | {"product": product}


async def between(conn: Conn, product: str, start: datetime, end: datetime) -> Rows:
    """Everything that has something to say about the time from `start` until before `end`."""
    deployments = select(*_deployment_columns()).where(
        d.c.product == product, d.c.finished_at >= start, d.c.finished_at < end
    )
    changes = select(*_change_columns()).where(c.c.product == product, c.c.live_at >= start, c.c.live_at < end)
    stories = select(s.c.record).where(s.c.product == product, s.c.last_at >= start, s.c.started_at < end)
    found = [(await conn.execute(query)).all() for query in (deployments, changes, stories)]
    return await asyncio.to_thread(_rows, *found)


def _rows(deployments: Sequence[Any], changes: Sequence[Any], stories: Sequence[Any]) -> Rows:
    return Rows(
        tuple([Deployment(*row) for row in deployments]),
        tuple(map(Brought._make, changes)),
        tuple([decode(Story, row.record) for row in stories]),
    )


async def of_release(conn: Conn, release_id: int) -> Rows:
    """The rows of one release as they are stored."""
    deployments = select(*_deployment_columns()).where(d.c.release_id == release_id).order_by(d.c.number)
    changes = select(*_change_columns()).where(c.c.release_id == release_id)
    stories = select(s.c.record).where(s.c.release_id == release_id)
    found = [(await conn.execute(query)).all() for query in (deployments, changes, stories)]
    return _rows(*found)


def _deployment_columns() -> list[Any]:
    return [d.c[_OF.get(name, name)] for name in _DEPLOYMENT]


def _change_columns() -> list[Any]:
    return [c.c[_OF.get(name, name)] for name in Brought._fields]


async def unmeasured(conn: Conn) -> Sequence[int]:
    """Releases that have no rows yet: they were made before there were any. Rehearsals never have."""
    missing = select(r.c.id).outerjoin(s, s.c.release_id == r.c.id).where(s.c.release_id.is_(None))
    real = missing.where(~r.c.product.contains(MARK, autoescape=True))
    return list((await conn.execute(real.order_by(r.c.id))).scalars())


async def releases_of(conn: Conn, product: str) -> Sequence[int]:
    """All releases of a product, the oldest first."""
    return list((await conn.execute(select(r.c.id).where(r.c.product == product).order_by(r.c.id))).scalars())


async def first_at(conn: Conn, product: str) -> datetime | None:
    """When the first release of the product was started; None while there is none."""
    found = select(s.c.started_at).where(s.c.product == product).order_by(s.c.started_at).limit(1)
    return (await conn.execute(found)).scalar_one_or_none()
