"""Policies by hash: use cases judge by what is stored here, never by a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import NotFound
from core.store.remembered import remembered
from core.store.tables import policy as p
from core.store.unit import Unit


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy text; `state` is proposed, active or retired."""

    hash: str
    body: str
    serial: int
    state: str
    activated_at: datetime | None
    actor: str


async def load(conn: AsyncConnection, policy_hash: str) -> StoredPolicy:
    """The policy that a release is pinned to."""
    found = await find(conn, policy_hash)
    if found is None:
        raise NotFound(policy=policy_hash)
    return found


async def find(conn: AsyncConnection, policy_hash: str) -> StoredPolicy | None:
    """The policy with this text, when it is known."""
    return await _first(conn, select(p).where(p.c.hash == policy_hash))


@remembered(p)
async def active(conn: AsyncConnection) -> StoredPolicy | None:
    """The policy for trains and new releases; None before the first start."""
    return await _first(conn, _active())


@cache
def _active() -> Select[Any]:
    return select(p).where(p.c.state == "active")


async def proposed(conn: AsyncConnection) -> StoredPolicy | None:
    """The newest one that waits for its signatures."""
    return await _first(conn, select(p).where(p.c.state == "proposed").order_by(p.c.serial.desc()).limit(1))


async def newest_serial(conn: AsyncConnection) -> int:
    """0 when there is none."""
    return int((await conn.execute(select(func.max(p.c.serial)))).scalar_one() or 0)


async def propose(unit: Unit, policy: StoredPolicy) -> bool:
    """Store a policy as proposed; False when this very text is known. The unit holds the chain `policy`."""
    values = {
        "hash": policy.hash, "body": policy.body, "serial": policy.serial, "state": "proposed",
        "activated_at": None, "actor": policy.actor,
    }
    return await unit.insert_new(p, values)


async def activate(unit: Unit, policy_hash: str, actor: str, at: datetime) -> None:
    """Make it the active one; what was active and what was proposed before it is retired."""
    chosen = await load(unit.conn, policy_hash)
    older = p.c.hash != policy_hash, p.c.serial <= chosen.serial
    await unit.conn.execute(update(p).where(*older).values(state="retired"))
    row = update(p).where(p.c.hash == policy_hash)
    await unit.conn.execute(row.values(state="active", activated_at=at, actor=actor))


async def _first(conn: AsyncConnection, query: Select[Any]) -> StoredPolicy | None:
    row = (await conn.execute(query)).first()
    return None if row is None else StoredPolicy(**row._mapping)
