"""Git plans, stored before anything is published, so that a killed push can be looked up and repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.repository import GitPlan
from core.errors import NotFound
from core.store.columns import to_json
from core.store.records import decode, encode
from core.store.tables import git_plan as g
from core.store.unit import Unit

State = Literal["planned", "pushed", "void"]


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan, what it was made from, and how far it came."""

    id: int
    release_id: int
    inputs: Mapping[str, Any]
    plan: GitPlan
    state: State


async def keep(unit: Unit, release_id: int, inputs: Mapping[str, Any], plan: GitPlan) -> StoredPlan:
    """Store a plan; the same inputs again return the plan that is there. `inputs` are what the order was made of."""
    body = encode(plan)
    values = {
        "release_id": release_id, "kind": plan.kind, "made_at": plan.made_at, "inputs": dict(inputs),
        "inputs_digest": _digest(inputs), "refs": body["refs"], "plan": body, "git_version": plan.git_version,
        "state": "planned",
    }
    await unit.insert_new(g, values)
    stored = await find(unit.conn, release_id, plan.kind, inputs)
    if stored is None:
        raise RuntimeError("a stored git plan is not there")
    return stored


async def replan(unit: Unit, plan_id: int, plan: GitPlan) -> None:
    """Put another plan in its place: the remote moved, or another git merges otherwise. Nothing of it was published."""
    body = encode(plan)
    row = update(g).where(g.c.id == plan_id, g.c.state != "pushed")
    changed = await unit.conn.execute(
        row.values(
            plan=body, refs=body["refs"], made_at=plan.made_at, git_version=plan.git_version, state="planned"
        )
    )
    if changed.rowcount != 1:
        raise NotFound(plan=plan_id)


async def find(conn: AsyncConnection, release_id: int, kind: str, inputs: Mapping[str, Any]) -> StoredPlan | None:
    """The plan made from these inputs."""
    made = select(g).where(g.c.release_id == release_id, g.c.kind == kind, g.c.inputs_digest == _digest(inputs))
    row = (await conn.execute(made)).first()
    return _plan(row) if row is not None else None


async def load(conn: AsyncConnection, plan_id: int) -> StoredPlan:
    row = (await conn.execute(select(g).where(g.c.id == plan_id))).first()
    if row is None:
        raise NotFound(plan=plan_id)
    return _plan(row)


async def mark(unit: Unit, plan_id: int, state: State) -> None:
    """How far the plan has come."""
    if (await unit.conn.execute(update(g).where(g.c.id == plan_id).values(state=state))).rowcount != 1:
        raise NotFound(plan=plan_id)


def _digest(inputs: Mapping[str, Any]) -> str:
    return hashlib.sha256(to_json(dict(inputs)).encode()).hexdigest()


def _plan(row: Any) -> StoredPlan:
    return StoredPlan(row.id, row.release_id, row.inputs, decode(GitPlan, row.plan), row.state)
