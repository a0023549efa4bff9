"""One unit of work: what a request writes, in one transaction, on the locks of the chains it names.

    async def work(unit: Unit) -> dict:
        release = await releases.load(unit.conn, 42)             # repositories take the unit's connection
        ...decide purely; raise Refused(...) to undo everything...
        await unit.audit("release:42", "U1", "approve", release.policy_hash, {"gate": "qa"}, clock.now())
        await releases.save(unit, after, facts=facts, wake_at=when)      # after the audit entry
        await unit.outbox("release:42/C1", "post", {...}, cause="release:42")
        unit.want(42)                                            # its living messages follow
        return {"said": "approved"}                              # JSON: kept under the request key

    answer = await store.unit(work, verb="approve", chains=["release:42"], key="trigger:13.37")

Inside, await nothing but the database: every port asks `inside_unit()` and refuses. The same key again
returns the stored answer and does nothing. A unit may run twice after a clash or a lost connection, so
`work` keeps no state of its own. `Busy` = no answer in time (2 s; 10 s with `interactive=False`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from core.errors import Busy
from core.failpoints import failpoint
from core.store import tables as t
from core.store.clashes import TROUBLES, Trouble, trouble_of
from core.store.columns import db_now
from core.store.engines import Database
from core.store.unit import Roles, Unit, release_chain

__all__ = ["Store", "Unit", "Work", "inside_unit", "release_chain"]

INTERACTIVE_SECONDS, PATIENT_SECONDS = 2.0, 10.0
COMMIT_GRACE = 0.4  # once COMMIT is under way its outcome is worth waiting for
RETRY_PAUSE = 0.02

_inside: ContextVar[bool] = ContextVar("inside_unit", default=False)

Work = Callable[[Unit], Awaitable[Any]]


def inside_unit() -> bool:
    """Whether this task holds database locks right now; ports refuse to be called then."""
    return _inside.get()


@dataclass(slots=True)
class _Order:
    """What the caller of `Store.unit` asked for, and what its last try may have left behind.

    `proof` is set when COMMIT was sent: an entry with this very hash is there if it arrived.
    """

    work: Work
    verb: str
    chains: tuple[str, ...]
    key: str | None
    proof: tuple[str, int, str] | None = None
    answer: Any = None


@dataclass(slots=True)
class Store:
    """The store as one process sees it. `process` is the owner id that its claims carry."""

    database: Database
    process: str
    roles: Roles | None = None  # who holds which, for what is written to the trail
    _wakers: list[Callable[[], None]] = field(default_factory=list)

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each COMMIT; it only sets an event for a local loop."""
        self._wakers.append(wake)

    async def unit(
        self, work: Work, *, verb: str, chains: Iterable[str] = (), key: str | None = None, interactive: bool = True
    ) -> Any:
        """Run `work` as one unit; `verb` names its failpoints, `key` makes a repetition return the first answer."""
        if inside_unit():
            raise RuntimeError(f"unit {verb} inside another unit")
        order = _Order(work, verb, tuple(sorted(set(chains))), key)
        try:
            async with asyncio.timeout(INTERACTIVE_SECONDS if interactive else PATIENT_SECONDS) as deadline:
                answer = await self._until_settled(order, deadline)
        except TimeoutError as late:
            raise Busy(verb=verb) from late
        for wake in self._wakers:
            wake()
        return answer

    async def _until_settled(self, order: _Order, deadline: asyncio.Timeout) -> Any:
        """Once, and once more as a whole after a clash or a lost connection; a locked SQLite until the deadline."""
        tried = False
        while True:
            try:
                return await self._once(order, deadline)
            except TROUBLES as error:
                trouble = trouble_of(error)
                if trouble is None:
                    raise
                if trouble is Trouble.SLOW or (tried and trouble is not Trouble.LOCKED):
                    raise Busy(verb=order.verb, why=trouble.value) from error
                tried = tried or trouble is not Trouble.LOCKED
            await asyncio.sleep(random.random() * RETRY_PAUSE)

    async def _once(self, order: _Order, deadline: asyncio.Timeout) -> Any:
        inside = _inside.set(True)
        try:
            async with self.database.writing() as connection:
                unit = Unit(connection, self.process, self.roles)
                if not await self._opened(order, unit):
                    return order.answer
                order.answer = await order.work(unit)
                await self._closing(order, unit)
                if not deadline.expired():
                    now = asyncio.get_running_loop().time()
                    deadline.reschedule(max(deadline.when() or now, now + COMMIT_GRACE))
        finally:
            _inside.reset(inside)
        await failpoint(f"commit.after:{order.verb}")
        return order.answer

    async def _opened(self, order: _Order, unit: Unit) -> bool:
        """Take key and locks; False when this was done before and its answer is known."""
        if order.key is not None:
            row = {"key": order.key, "at": db_now(), "answer": None}
            if not await unit.insert_new(t.inbox, row):
                stored = await unit.conn.execute(select(t.inbox.c.answer).where(t.inbox.c.key == order.key))
                order.answer = stored.scalar_one()
                return False
        if order.chains:
            await unit.lock(order.chains)
        await failpoint("unit.locked")
        return order.proof is None or not await unit.holds(*order.proof)

    async def _closing(self, order: _Order, unit: Unit) -> None:
        """Everything that is written last; from here on COMMIT may arrive without our hearing of it."""
        await unit.settle()
        if order.key is not None:
            row = update(t.inbox).where(t.inbox.c.key == order.key)
            await unit.conn.execute(row.values(answer=order.answer))
        await failpoint(f"commit.before:{order.verb}")
        order.proof = unit.proof()
