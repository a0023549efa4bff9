"""Runs as rows: the key that lets only one be under way per product and environment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.release import Release, Run
from core.errors import Blocker, NotFound, Refused
from core.store.tables import run as r
from core.store.unit import Unit


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Whose run holds the environment now."""

    id: int
    release_id: int
    kind: str
    state: str


async def begin(unit: Unit, release: Release, run: Run) -> Run:
    """Insert the run and return it with its id; refuses with `run.under_way` while another has not ended."""
    values = {
        "release_id": release.id, "product": release.product, "environment": run.environment, "kind": run.kind,
        "started_at": run.started_at, "until": None,
    }
    try:
        added = await unit.conn.execute(insert(r).values(**values, **_moving(run)).returning(r.c.id))
    except IntegrityError as error:
        said = str(error.orig).splitlines()[0]
        if "uq_run_under_way" not in said and "run.environment" not in said:
            raise
        raise Refused([Blocker("run.under_way", {"environment": run.environment})]) from error
    return replace(run, id=added.scalar_one())


async def save(unit: Unit, run: Run) -> None:
    """Write how far the run has come."""
    changed = await unit.conn.execute(update(r).where(r.c.id == run.id).values(**_moving(run)))
    if changed.rowcount != 1:
        raise NotFound(run=run.id)


async def under_way(conn: AsyncConnection, product: str, environment: str) -> UnderWay | None:
    """The run that has not ended there, if any."""
    open_run = select(r.c.id, r.c.release_id, r.c.kind, r.c.state).where(
        r.c.product == product, r.c.environment == environment, r.c.ended_at.is_(None)
    )
    row = (await conn.execute(open_run)).first()
    return UnderWay(row.id, row.release_id, row.kind, row.state) if row is not None else None


def _moving(run: Run) -> dict[str, Any]:
    return {"state": str(run.state), "stop_asked": run.stop_asked, "reason": run.reason, "ended_at": run.ended_at}
