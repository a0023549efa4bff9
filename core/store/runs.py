"""Runs of pipelines as rows, and who is at work on which.

A runner: `rows = await claim(store)`; it works on each while `still_mine`; every change of a run says that it still is
(`Mine`), so that a process that was frozen for longer than its lease changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    Float,
    Integer,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from core.domain.pipeline.model import Step
from core.domain.plans.steps import steps_from
from core.store.columns import db_now
from core.store.engines import Conn
from core.store.outbox import LeaseLost
from core.store.remembered import remembered
from core.store.run_tables import run as r
from core.store.unit_of_work import Store, Unit

LEASE = 30.0
AT_ONCE = 5
State = Literal["running", "waiting", "done", "failed"]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as it is stored. `body` has what is brought where, as the effect `deploy` asked for it; `number` is that
    of the release's run; `state` waiting: for a person; `end_step` is to be ended at once, "" where none is."""

    id: int
    product: str
    environment: str
    release_id: int | None
    number: int
    kind: str
    body: Mapping[str, Any]
    state: State
    stop_asked: bool
    end_step: str
    reason: str
    owner: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def steps(self) -> tuple[Step, ...]:
        return steps_from(self.body["steps"])

    @property
    def again(self) -> dict[str, int]:
        """For steps that a person let begin anew: the last attempt that does not count any more."""
        return {str(name): int(number) for name, number in self.body.get("again", {}).items()}


@dataclass(frozen=True, slots=True)
class NewRun:
    """What shall run; `number` is that of the release's run, and counts from the store where there is no release."""

    product: str
    environment: str
    release_id: int | None
    number: int
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    stop_asked: bool = False


def _run(row: Row[Any]) -> StoredRun:
    return StoredRun(**{name: getattr(row, name) for name in StoredRun.__dataclass_fields__})


# --- begin, look ------------------------------------------------------------------------------------------------------


async def begin(unit: Unit, new: NewRun, at: datetime) -> int | None:
    """Write a run; its id, also when it was begun before. None while another one is at work in the environment. One
    that waits for a person there ends, because this one follows it.

    The unit holds the product's chain.
    """
    known = await of_release(unit.conn, new.release_id, new.number) if new.release_id is not None else None
    if known is not None:
        return known.id
    there = await open_run(unit.conn, new.product, new.environment)
    if there is not None and there.state == "running":
        return None
    if there is not None:
        await end(unit, there.id, at)
    values = {
        "product": new.product, "environment": new.environment, "release_id": new.release_id, "number": new.number,
        "kind": new.kind, "body": dict(new.body), "state": "running", "stop_asked": new.stop_asked, "reason": "",
        "end_step": "", "owner": "", "lease_until": 0.0, "look_at": 0.0, "started_at": at, "ended_at": None,
    }
    added = await unit.conn.execute(insert(r).values(**values).returning(r.c.id))
    return int(added.scalar_one())


async def load(conn: Conn, run_id: int) -> StoredRun | None:
    row = (await conn.execute(select(r).where(r.c.id == run_id))).first()
    return None if row is None else _run(row)


async def of_release(conn: Conn, release_id: int, number: int) -> StoredRun | None:
    row = (await conn.execute(select(r).where(r.c.release_id == release_id, r.c.number == number))).first()
    return None if row is None else _run(row)


async def open_run(conn: Conn, product: str, environment: str) -> StoredRun | None:
    """The run that is at work, or waits for a person, in an environment."""
    there = select(r).where(r.c.product == product, r.c.environment == environment, r.c.ended_at.is_(None))
    row = (await conn.execute(there)).first()
    return None if row is None else _run(row)


async def newest(conn: Conn, product: str, environment: str) -> StoredRun | None:
    """The run that began last in an environment."""
    there = select(r).where(r.c.product == product, r.c.environment == environment).order_by(r.c.id.desc()).limit(1)
    row = (await conn.execute(there)).first()
    return None if row is None else _run(row)


async def all_open(conn: Conn, product: str) -> Sequence[StoredRun]:
    there = select(r).where(r.c.product == product, r.c.ended_at.is_(None)).order_by(r.c.id)
    return [_run(row) for row in await conn.execute(there)]


async def durations(conn: Conn, product: str, environment: str, kind: str, most: int) -> Sequence[int]:
    """How many seconds the newest runs of a kind took that did all they should, the newest first."""
    done = select(r.c.started_at, r.c.ended_at).where(
        r.c.product == product, r.c.environment == environment, r.c.kind == kind, r.c.state == "done"
    )
    rows = await conn.execute(done.order_by(r.c.id.desc()).limit(most))
    return [round((row.ended_at - row.started_at).total_seconds()) for row in rows]


# --- claims -----------------------------------------------------------------------------------------------------------


def _due() -> ColumnElement[bool]:
    """What may be claimed now. The state stands as a constant, or neither database would use its partial index."""
    lease = bindparam("lease", type_=Float)
    over = or_(r.c.lease_until <= db_now(), r.c.lease_until > db_now() + 2 * lease)  # the clock may go back
    return and_(r.c.state == literal_column("'running'"), r.c.look_at <= db_now(), over)


@cache
def claim_statement() -> Update:
    """Take runs that nobody is at work on; needs process, lease and at_once."""
    heads = (
        select(r.c.id).where(_due()).order_by(r.c.look_at, r.c.id).limit(bindparam("at_once", type_=Integer))
        .with_for_update(skip_locked=True, of=r).cte("heads")
    )  # fmt: skip
    mine = {"owner": bindparam("process", type_=Text), "lease_until": db_now() + bindparam("lease", type_=Float)}
    return update(r).where(r.c.id.in_(select(heads.c.id))).values(**mine).returning(r)


async def claim(store: Store, lease: float = LEASE, at_once: int = AT_ONCE) -> Sequence[StoredRun]:
    """Claim runs that are due, the one that has waited longest first; empty when nothing is."""

    async def work(unit: Unit) -> list[StoredRun]:
        asked = {"process": unit.process, "lease": lease, "at_once": at_once}
        return sorted((_run(row) for row in (await unit.conn.execute(claim_statement(), asked)).all()), key=_by_id)

    rows: list[StoredRun] = await store.unit(work, verb="run.claim", interactive=False)
    return rows


def _by_id(row: StoredRun) -> int:
    return row.id


@cache
def _any_due() -> Select[Any]:
    return select(r.c.id).where(_due()).limit(1)


async def any_due(conn: Conn, lease: float = LEASE) -> bool:
    """Whether a claim could find something: asked of the reader, so that an idle process never takes the write lock."""
    return (await conn.execute(_any_due(), {"lease": lease})).first() is not None


@remembered(r)
async def any_at_work(conn: Conn) -> bool:
    """Whether any run goes on by itself, now or later."""
    return (await conn.execute(_any_at_work())).first() is not None


@cache
def _any_at_work() -> Select[Any]:
    return select(r.c.id).where(r.c.state == literal_column("'running'")).limit(1)


async def earliest(conn: Conn) -> float | None:
    """Seconds until the next run may be looked at (0: now); None when none is at work."""
    at_work = select(func.min(r.c.look_at) - db_now()).where(r.c.state == literal_column("'running'"))
    wait = (await conn.execute(at_work)).scalar_one_or_none()
    return None if wait is None else max(0.0, float(wait))


def _mine(unit: Unit, run_id: int) -> Update:
    return update(r).where(r.c.id == run_id, r.c.owner == unit.process, r.c.state == "running")


async def change(unit: Unit, run_id: int, *, lease: float = LEASE, **values: Any) -> None:
    """Change a run that is ours and keep it. Raises `LeaseLost` when it is not ours any more."""
    kept = {"lease_until": db_now() + lease} | values
    if (await unit.conn.execute(_mine(unit, run_id).values(**kept))).rowcount != 1:
        raise LeaseLost(id=run_id)


async def still_mine(conn: Conn, run_id: int, process: str) -> bool:
    """Asked right before something is begun outside: a frozen process must not begin on a lease that is over."""
    same = select(r.c.id).where(r.c.id == run_id, r.c.owner == process, r.c.lease_until > db_now())
    return (await conn.execute(same)).first() is not None


async def give_back(unit: Unit, run_id: int, after: float = 0.0) -> None:
    """Let go of a run; anybody may look at it in `after` seconds. Not ours any more: nothing to give."""
    free = {"owner": "", "lease_until": 0.0, "look_at": db_now() + after if after else 0.0}
    await unit.conn.execute(_mine(unit, run_id).values(**free))


async def free_claims_of(unit: Unit, dead: Collection[str]) -> int:
    """Runs of processes of this machine that are gone go on at once."""
    theirs = update(r).where(r.c.ended_at.is_(None), r.c.owner.in_(sorted(dead)))
    return (await unit.conn.execute(theirs.values(owner="", lease_until=0.0, look_at=0.0))).rowcount


# --- what people say --------------------------------------------------------------------------------------------------


async def ask_to_stop(unit: Unit, run_id: int, end_step: str = "") -> None:
    """Nothing else begins. `end_step` is ended at once, where it still runs: whoever is at work on it sees that."""
    asked: dict[str, Any] = {"stop_asked": True} | ({"end_step": end_step} if end_step else {})
    await unit.conn.execute(update(r).where(r.c.id == run_id).values(**asked))


async def step_to_end(conn: Conn, run_id: int) -> str:
    """The step that a person wants ended at once; "" for none."""
    return str((await conn.execute(select(r.c.end_step).where(r.c.id == run_id))).scalar_one_or_none() or "")


async def stop_all(conn: Conn) -> None:
    """After a restore nobody knows which steps were done since: each run stands after the one under way."""
    at_work = update(r).where(r.c.state == "running")
    await conn.execute(at_work.values(stop_asked=True, owner="", lease_until=0.0, look_at=0.0))


async def go_on(unit: Unit, run_id: int, body: Mapping[str, Any]) -> None:
    """A run that waited for a person goes on."""
    values: dict[str, Any] = {"state": "running", "stop_asked": False, "end_step": "", "reason": "", "body": dict(body)}
    values |= {"ended_at": None}
    await unit.conn.execute(update(r).where(r.c.id == run_id).values(owner="", lease_until=0.0, look_at=0.0, **values))


async def rewrite(unit: Unit, run_id: int, body: Mapping[str, Any]) -> None:
    """What a run is about changes while it waits for a person."""
    await unit.conn.execute(update(r).where(r.c.id == run_id, r.c.state == "waiting").values(body=dict(body)))


async def end(unit: Unit, run_id: int, at: datetime, state: State = "failed") -> None:
    """A run that waits for nobody any more."""
    await unit.conn.execute(
        update(r).where(r.c.id == run_id, r.c.ended_at.is_(None)).values(state=state, ended_at=at, owner="")
    )
