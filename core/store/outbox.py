"""The outbox: effects that follow a unit of work, claimed by one worker at a time, in order within a lane.

A worker: `rows = await claim(store)`; for each: look first if `row.doubt`; `if not await still_mine(...)`: drop it;
send; then in one unit `await finish(unit, row, result)` and whatever `advance` makes of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Float, Integer, Select, Text, Update, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from core.errors import NotFound, ReleaseBotError
from core.failpoints import failpoint
from core.store.columns import db_now
from core.store.remembered import remembered
from core.store.tables import outbox as o
from core.store.unit_of_work import Store, Unit

LEASE = 30.0  # seconds; an owner that dies on this machine is noticed at once, one elsewhere after this
SETTLE = 15.0  # longer than the client's time-out: a lost request may still be landing
AT_ONCE = 5
LOOK_BACK = 300


class LeaseLost(ReleaseBotError):
    """Another worker has taken this row: this process was frozen for longer than its lease."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours until its lease ends."""

    id: int
    key: str
    lane: str
    rank: int
    kind: str
    body: Mapping[str, Any]
    doubt: bool
    attempt: int
    expires_at: datetime | None
    cause_chain: str
    cause_seq: int


def _going() -> ColumnElement[bool]:
    """Rows that will go by themselves: the oldest open one of each lane, unless a person must speak first.

    `open IS true` stands as a constant, or neither database would use its partial index.
    """
    older = o.alias()
    first = ~exists().where(older.c.lane == o.c.lane, older.c.id < o.c.id, older.c.open.is_(True))
    return and_(o.c.open.is_(True), or_(o.c.state == "ready", o.c.state == "sending"), first)


def _due() -> ColumnElement[bool]:
    """What may be claimed now; `lease` is given when it is asked."""
    lease = bindparam("lease", type_=Float)
    over = or_(o.c.lease_until <= db_now(), o.c.lease_until > db_now() + 2 * lease)  # the clock may go back
    return and_(_going(), o.c.not_before <= db_now(), over)


@cache  # each process asks twice a second, and to build it takes longer than to run it
def claim_statement() -> Update:
    """Take the heads of lanes that are due; one statement for both databases. Needs process, lease and at_once."""
    lease = bindparam("lease", type_=Float)
    heads = (
        select(o.c.id).where(_due()).order_by(o.c.rank, o.c.id).limit(bindparam("at_once", type_=Integer))
        .with_for_update(skip_locked=True, of=o).cte("heads")
    )
    return (
        update(o).where(o.c.id.in_(select(heads.c.id)))
        .values(
            state="sending", doubt=case((o.c.state == "sending", True), else_=o.c.doubt), attempt=o.c.attempt + 1,
            owner=bindparam("process", type_=Text), claimed_at=db_now(), lease_until=db_now() + lease,
        )
        .returning(o)
    )


async def claim(store: Store, lease: float = LEASE, at_once: int = AT_ONCE) -> Sequence[Claimed]:
    """Claim what is due, most urgent first; empty when nothing is."""

    async def work(unit: Unit) -> list[Claimed]:
        asked = {"process": unit.process, "lease": lease, "at_once": at_once}
        rows = (await unit.conn.execute(claim_statement(), asked)).all()
        return sorted((_claimed(row) for row in rows), key=lambda c: (c.rank, c.id))

    rows: list[Claimed] = await store.unit(work, verb="outbox.claim", interactive=False)
    if rows:
        await failpoint("outbox.claimed")
    return rows


def _claimed(row: Row[Any]) -> Claimed:
    return Claimed(**{name: getattr(row, name) for name in Claimed.__dataclass_fields__})


def _mine(row: Claimed) -> Update:
    return update(o).where(o.c.id == row.id, o.c.attempt == row.attempt, o.c.state == "sending")


async def _close(unit: Unit, row: Claimed, **values: Any) -> None:
    changed = await unit.conn.execute(_mine(row).values(lease_until=0.0, **values))
    if changed.rowcount != 1:
        raise LeaseLost(id=row.id, key=row.key)


async def finish(unit: Unit, row: Claimed, result: Mapping[str, Any] | None = None) -> None:
    """It happened. In the same unit as the `advance` that hears of it; raises `LeaseLost` when the row is not ours."""
    done = {"state": "done", "open": False, "result": dict(result or {}), "error": "", "lease_until": 0.0}
    changed = await unit.conn.execute(_of_claim(), done | {"row": row.id, "number": row.attempt})
    if changed.rowcount != 1:
        raise LeaseLost(id=row.id, key=row.key)


@cache
def _of_claim() -> Update:
    return update(o).where(o.c.id == bindparam("row"), o.c.attempt == bindparam("number"), o.c.state == "sending")


async def note(unit: Unit, row: Claimed, thing: str) -> None:
    """Remember what was made outside for a row that is under way; raises `LeaseLost` when the row is not ours."""
    things = [*await noted(unit.conn, row.id), thing]
    if (await unit.conn.execute(_mine(row).values(result={"made": things}))).rowcount != 1:
        raise LeaseLost(id=row.id, key=row.key)


async def noted(conn: AsyncConnection, row_id: int) -> list[str]:
    """What was made outside for a row so far, whether it is done or not; oldest first."""
    kept = (await conn.execute(select(o.c.result).where(o.c.id == row_id))).scalar_one_or_none()
    return [str(thing) for thing in (kept or {}).get("made", ())]


async def void(unit: Unit, row: Claimed, why: str) -> None:
    """It need not happen any more."""
    await _close(unit, row, state="void", open=False, error=why)


async def retry(unit: Unit, row: Claimed, why: str, *, delay: float, doubt: bool | None = None) -> None:
    """Later again. `doubt=None` leaves it as it was: known not to have been sent this time."""
    values: dict[str, Any] = {} if doubt is None else {"doubt": doubt}
    await _close(unit, row, state="ready", not_before=db_now() + delay, error=why, **values)


async def defer(unit: Unit, row: Claimed, not_before: float) -> None:
    """Give the row back until a slot in the pace is free; nothing was tried."""
    await _close(unit, row, state="ready", not_before=not_before)


async def hurry(unit: Unit, kinds: Collection[str]) -> int:
    """What waits of these kinds may be claimed now; returns how many rows that are."""
    waiting = update(o).where(o.c.open.is_(True), o.c.state == "ready", o.c.kind.in_(sorted(kinds)))
    return (await unit.conn.execute(waiting.values(not_before=0.0))).rowcount


async def park(unit: Unit, row: Claimed, why: str) -> None:
    """It failed for good; a person retries or skips it. Its lane waits."""
    await _close(unit, row, state="parked", error=why)


async def unsure(unit: Unit, row: Claimed, why: str) -> None:
    """Nobody can tell whether it happened; a person says. Its lane waits."""
    await _close(unit, row, state="unsure", error=why)


def backoff(attempt: int) -> float:
    """1 s doubling to 60 s."""
    return float(min(60, 2 ** min(max(attempt - 1, 0), 6)))


Ruling = Literal["retry", "skip", "it happened"]


async def rule(unit: Unit, row_id: int, ruling: Ruling, why: str) -> None:
    """What a person says about a parked or unsure row; `retry` sends it without looking again."""
    values: dict[str, Any] = {
        "retry": {"state": "ready", "doubt": False, "not_before": 0.0},
        "skip": {"state": "void", "open": False},
        "it happened": {"state": "done", "open": False, "result": {}},
    }[ruling]
    stuck = update(o).where(o.c.id == row_id, o.c.state.in_(("parked", "unsure")))
    if (await unit.conn.execute(stuck.values(error=why, **values))).rowcount != 1:
        raise NotFound(id=row_id)


async def still_mine(conn: AsyncConnection, row: Claimed) -> bool:
    """Asked right before sending: a frozen process must not send on a lease that is over."""
    return (await conn.execute(_still_mine(), {"row": row.id, "number": row.attempt})).first() is not None


@cache
def _still_mine() -> Select[Any]:
    same = o.c.id == bindparam("row"), o.c.attempt == bindparam("number")
    return select(o.c.id).where(*same, o.c.state == "sending", o.c.lease_until > db_now())


async def renew(unit: Unit, row: Claimed, lease: float = LEASE) -> None:
    """A long effect (git over the network) is still under way; raises `LeaseLost` when the row is not ours."""
    if (await unit.conn.execute(_mine(row).values(lease_until=db_now() + lease))).rowcount != 1:
        raise LeaseLost(id=row.id, key=row.key)


async def free_claims_of(unit: Unit, dead: Collection[str], settle: float = SETTLE) -> int:
    """Claims of dead processes may go on once a request that was under way has landed; the claim marks the doubt."""
    theirs = update(o).where(o.c.open.is_(True), o.c.state == "sending", o.c.owner.in_(sorted(dead)))
    freed = await unit.conn.execute(theirs.values(owner="", lease_until=0.0, not_before=o.c.claimed_at + settle))
    return freed.rowcount


async def give_back(unit: Unit, rows: Collection[Claimed]) -> None:
    """At a clean stop: claimed, not begun, so no doubt is added."""
    for row in rows:
        await unit.conn.execute(_mine(row).values(state="ready", owner="", lease_until=0.0))


async def doubt_all_open(conn: AsyncConnection) -> int:
    """After a restore the world has gone on: each open row is looked for before it is sent."""
    opened = update(o).where(o.c.open.is_(True))
    ready = case((o.c.state == "sending", "ready"), else_=o.c.state)
    return (await conn.execute(opened.values(doubt=True, state=ready, owner="", lease_until=0.0))).rowcount


def stuck_statement() -> Select[Any]:
    """Parked and unsure rows, oldest first."""
    return select(o).where(o.c.open.is_(True), o.c.state.in_(("parked", "unsure"))).order_by(o.c.id)


async def stuck(conn: AsyncConnection) -> Sequence[Row[Any]]:
    rows: Sequence[Row[Any]] = (await conn.execute(stuck_statement())).all()
    return rows


async def newest_ts(conn: AsyncConnection, row_id: int, channel: str) -> str:
    """The newest Slack time in a channel that is surely older than this row; "0" when none is known.

    Of rows claimed a good while before this one was written: their messages stood before it could be sent. Slack's
    own clock is compared with itself, so neither skew nor the sandbox's time matters.
    """
    written = select(o.c.created_at).where(o.c.id == row_id).scalar_subquery()
    older = select(o.c.result).where(o.c.id < row_id, o.c.state == "done", o.c.claimed_at < written - 2 * LEASE)
    rows = await conn.execute(older.order_by(o.c.id.desc()).limit(LOOK_BACK))
    results = [result for result in rows.scalars() if result and result.get("ts")]  # a file's place may be unknown
    known = [str(result["ts"]) for result in results if result.get("channel") == channel]
    return max(known, key=float, default="0")


async def earliest(conn: AsyncConnection) -> float | None:
    """Seconds until the next open row may go (0: now); None when none will go by itself."""
    wait = (await conn.execute(select(func.min(o.c.not_before) - db_now()).where(_going()))).scalar_one_or_none()
    return None if wait is None else max(0.0, float(wait))


async def result_of(conn: AsyncConnection, row_id: int) -> dict[str, Any] | None:
    """What a finished row keeps; None while it is open."""
    closed = select(o.c.result).where(o.c.id == row_id, o.c.open.is_(False))
    row = (await conn.execute(closed)).first()
    return None if row is None else dict(row.result or {})


async def any_due(conn: AsyncConnection, lease: float = LEASE) -> bool:
    """Whether a claim could find something: asked of the reader, so that an idle process never takes the write lock."""
    return (await conn.execute(_any_due(), {"lease": lease})).first() is not None


@remembered(o)
async def any_open(conn: AsyncConnection) -> bool:
    """Whether anything is left to do, now or later."""
    return (await conn.execute(_any_open())).first() is not None


@cache
def _any_open() -> Select[Any]:
    return select(o.c.id).where(o.c.open.is_(True)).limit(1)


@cache
def _any_due() -> Select[Any]:
    return select(o.c.id).where(_due()).limit(1)
