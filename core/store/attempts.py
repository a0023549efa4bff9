"""The attempts at the steps of a run, and the logs of their work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from core.domain.pipeline.model import Attempt, StepState
from core.store.engines import Conn
from core.store.run_tables import run as r
from core.store.run_tables import step as a
from core.store.run_tables import step_log as g
from core.store.unit_of_work import Unit


async def of_run(conn: Conn, run_id: int) -> tuple[Attempt, ...]:
    """All of them, in the order in which they began."""
    rows = await conn.execute(select(a).where(a.c.run_id == run_id).order_by(a.c.started_at, a.c.name, a.c.attempt))
    return tuple(_attempt(row) for row in rows)


def _attempt(row: Row[Any]) -> Attempt:
    ended, found = row.ended_at, dict(row.found or {})
    return Attempt(
        row.name, row.attempt, StepState(row.state), row.started_at, ended, row.ref, row.reason, row.line, row.rc, found
    )


async def machine_of(conn: Conn, run_id: int, step: str, number: int) -> str:
    """Where the command of an attempt runs; "" for one that runs nowhere in particular."""
    same = select(a.c.machine).where(a.c.run_id == run_id, a.c.name == step, a.c.attempt == number)
    return str((await conn.execute(same)).scalar_one_or_none() or "")


async def newest_found(conn: Conn, product: str, environment: str, name: str, most: int = 200) -> Any:
    """What the newest step that has done its work in an environment found under this name; None when none did."""
    same = a.c.run_id == r.c.id, r.c.product == product, r.c.environment == environment, a.c.state == "done"
    newest = select(a.c.found).where(*same).order_by(a.c.started_at.desc(), a.c.run_id.desc()).limit(most)
    return next((found[name] for found in (await conn.execute(newest)).scalars() if found and found.get(name)), None)


async def add(unit: Unit, run_id: int, new: Attempt, machine: str = "") -> None:
    """Write an attempt; raises IntegrityError for a number that is taken."""
    known = ("ref", "line", "reason", "rc", "started_at", "ended_at")
    values = {name: getattr(new, name) for name in known} | {"found": dict(new.found), "state": str(new.state)}
    await unit.conn.execute(
        insert(a).values(run_id=run_id, name=new.step, attempt=new.number, machine=machine, **values)
    )


async def close(unit: Unit, run_id: int, done: Attempt) -> bool:
    """The attempt has ended; False when that was recorded before."""
    values = {"state": str(done.state), "reason": done.reason, "line": done.line, "rc": done.rc}
    closed = await unit.conn.execute(
        _under_way(run_id, done.step, done.number).values(found=dict(done.found), ended_at=done.ended_at, **values)
    )
    return closed.rowcount == 1


async def note(unit: Unit, run_id: int, step: str, number: int, **values: Any) -> None:
    """What is known of an attempt that is under way: its `ref`, its last `line`, its `machine`."""
    await unit.conn.execute(_under_way(run_id, step, number).values(**values))


def _under_way(run_id: int, step: str, number: int) -> Any:
    same = a.c.run_id == run_id, a.c.name == step, a.c.attempt == number
    return update(a).where(*same, a.c.state == str(StepState.RUNNING))


async def add_log(unit: Unit, run_id: int, step: str, number: int, part: int, text: str) -> None:
    """Keep a part of a log, without secrets; the same part again is kept once."""
    await unit.insert_new(g, {"run_id": run_id, "name": step, "attempt": number, "part": part, "text": text})


async def log_of(
    conn: Conn, run_id: int, step: str, number: int, *, first: int = 0, most: int = 1000
) -> Sequence[tuple[int, str]]:
    """The parts of a log from `first` on, in their order."""
    same = select(g.c.part, g.c.text).where(g.c.run_id == run_id, g.c.name == step, g.c.attempt == number)
    rows = await conn.execute(same.where(g.c.part >= first).order_by(g.c.part).limit(most))
    return [(int(row.part), str(row.text)) for row in rows]
