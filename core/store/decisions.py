"""Signatures as rows: at most one standing decision per release, gate, subject, role and person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.release import Decision
from core.store.remembered import remembered
from core.store.tables import decision as d
from core.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a click: `new` or known already (then `decision` is the first one); `instead_of` was withdrawn."""

    decision: Decision
    new: bool
    instead_of: Decision | None = None


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision with what became of it."""

    id: int
    decision: Decision
    withdrawn_at: datetime | None
    withdrawn_why: str


async def record(unit: Unit, release_id: int, decision: Decision) -> Recorded:
    """Record a decision once; an opposite verdict withdraws the standing one and takes its place."""
    values = _columns(release_id, decision)
    if await unit.insert_new(d, values):
        return Recorded(decision, new=True)
    same = _standing().where(*_same_place(decision))
    standing = (await unit.conn.execute(same, {"of_release": release_id})).one()
    before = _decision(standing)
    if before.verdict == decision.verdict:
        return Recorded(before, new=False)
    await _end(unit, [standing.id], decision.at, "changed their mind")
    if not await unit.insert_new(d, values):
        raise RuntimeError(f"decision of {decision.person} stands although it was withdrawn")
    return Recorded(decision, new=True, instead_of=before)


@remembered(d)
async def standing(conn: AsyncConnection, release_id: int) -> Sequence[Decision]:
    """What counts now, oldest first."""
    return [_decision(row) for row in await conn.execute(_standing(), {"of_release": release_id})]


async def history(conn: AsyncConnection, release_id: int) -> Sequence[PastDecision]:
    """Every decision ever made, withdrawn ones too."""
    rows = await conn.execute(select(d).where(d.c.release_id == release_id).order_by(d.c.id))
    return [PastDecision(row.id, _decision(row), row.withdrawn_at, row.withdrawn_why) for row in rows]


async def take_back(unit: Unit, release_id: int, decision: Decision, *, at: datetime, why: str) -> bool:
    """Withdraw one standing decision; False when it does not stand (any more)."""
    same = _standing().where(*_same_place(decision))
    found = (await unit.conn.execute(same, {"of_release": release_id})).first()
    if found is None:
        return False
    await _end(unit, [found.id], at, why)
    return True


async def void(unit: Unit, release_id: int, *, at: datetime, why: str, keep_subject: str = "") -> Sequence[Decision]:
    """Withdraw every standing decision, except those about `keep_subject`; returns those that fell."""
    others = _standing().where(d.c.subject != keep_subject)
    rows = (await unit.conn.execute(others, {"of_release": release_id})).all()
    if rows:
        await _end(unit, [row.id for row in rows], at, why)
    return [_decision(row) for row in rows]


@cache
def _standing() -> Select[Any]:
    return select(d).where(d.c.release_id == bindparam("of_release"), d.c.withdrawn_at.is_(None)).order_by(d.c.id)


def _same_place(decision: Decision) -> tuple[Any, ...]:
    return (
        d.c.gate == decision.gate, d.c.subject == decision.subject, d.c.role == decision.role,
        d.c.person == decision.person,
    )


async def _end(unit: Unit, ids: Sequence[int], at: datetime, why: str) -> None:
    await unit.conn.execute(update(d).where(d.c.id.in_(ids)).values(withdrawn_at=at, withdrawn_why=why))


def _columns(release_id: int, decision: Decision) -> dict[str, Any]:
    return {
        "release_id": release_id, "gate": decision.gate, "subject": decision.subject, "role": decision.role,
        "person": decision.person, "verdict": decision.verdict, "reason": decision.reason, "at": decision.at,
        "verified_at": decision.read_at, "withdrawn_at": None, "withdrawn_why": "",
        "stands_for": decision.stands_for,
    }


def _decision(row: Any) -> Decision:
    return Decision(
        gate=row.gate, subject=row.subject, role=row.role, person=row.person, verdict=row.verdict, at=row.at,
        reason=row.reason, read_at=row.verified_at, stands_for=row.stands_for,
    )
