"""What runs where, one row per product and environment."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.release import Environment, Lock
from core.store.records import decode, encode
from core.store.remembered import remembered
from core.store.tables import environment as e
from core.store.unit import Unit


@remembered(e)
async def of_product(conn: AsyncConnection, product: str) -> dict[str, Environment]:
    """By name; an environment that was never written is absent."""
    rows = await conn.execute(_rows(), {"of_product": product})
    return {row.name: _environment(row) for row in rows}


@cache
def _rows() -> Select[Any]:
    return select(e).where(e.c.product == bindparam("of_product")).order_by(e.c.name)


async def load(conn: AsyncConnection, product: str, name: str) -> Environment:
    """The environment, empty when nothing is known of it."""
    return (await of_product(conn, product)).get(name, Environment(name))


async def put(unit: Unit, product: str, environment: Environment) -> None:
    """Write the environment whole; the unit holds the lock of the chain that speaks for it."""
    values = {
        "version": environment.version, "sha": environment.sha, "candidate": environment.candidate,
        "since": environment.since, "lock": encode(environment.lock), "previous": environment.previous,
        "previous_sha": environment.previous_sha,
    }
    row = unit.insert(e).values(product=product, name=environment.name, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[e.c.product, e.c.name], set_=values))


def _environment(row: Any) -> Environment:
    return Environment(
        name=row.name, version=row.version, sha=row.sha, candidate=row.candidate, since=row.since,
        lock=None if row.lock is None else decode(Lock, row.lock), previous=row.previous,
        previous_sha=row.previous_sha,
    )
