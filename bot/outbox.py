"""The outbox loop: claims what is due, looks before it repeats, sends, and records what came of it in one unit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.deliver import Delivered, Deliveries
from bot.drawing import LONG, SLACK_KINDS, NotWanted, Spot, release_of
from bot.integrations.slack import Posted
from bot.integrations.slack_errors import NO_CHANNEL
from bot.logging import log
from bot.pace import NoSlot
from bot.rounds import Rounds
from bot.unbroken import Unbroken
from core.domain.environments import WAITING
from core.errors import Busy, IntegrationError
from core.failpoints import failpoint
from core.store import outbox, products
from core.store.columns import db_now
from core.store.outbox import Claimed, LeaseLost
from core.store.unit_of_work import Store, Unit
from core.usecases import stuck
from core.usecases.advance import advance, chains_of
from core.usecases.pausing import paused

POLL = 0.5
AT_ONCE = 8  # effects under way in one process
RENEW = 8.0
LOOK_AFTER_LOSS = 60.0
PAUSED = 3600.0  # what waits while everything is paused is woken by the word that lets it go on

_log = log("bot.outbox")


@dataclass(slots=True)
class Outbox:
    """One per process; `wake` makes the loop look at once."""

    store: Store
    deliveries: Deliveries
    settle_seconds: float = outbox.SETTLE
    _rounds: Rounds = field(default_factory=lambda: Rounds("outbox", POLL))
    _running: dict[asyncio.Task[None], Claimed] = field(default_factory=dict)
    _waiting: dict[int, Claimed] = field(default_factory=dict)
    _unbroken: Unbroken = field(default_factory=Unbroken)

    def wake(self) -> None:
        self._rounds.wake()

    async def run(self) -> None:
        """For the life of the process."""
        await self._rounds.run(self.claim)

    async def claim(self) -> int:
        """Claim what is due and start delivering it; returns how many rows."""
        return await self._unbroken.run(self._claim())

    async def _claim(self) -> int:
        room = AT_ONCE - len(self._running)
        if room <= 0 or self._rounds.stopping or not await self._any_due():
            return 0
        rows: Sequence[Claimed] = await outbox.claim(self.store, at_once=room)
        if not rows:
            self._rounds.sleep_on()  # our own COMMIT has woken us; what is due is not the head of its lane
        for row in rows:
            self._waiting[row.id] = row
            task = asyncio.create_task(self._deliver(row), name=f"outbox:{row.kind}:{row.id}")
            self._running[task] = row
            task.add_done_callback(self._ended)
        return len(rows)

    async def _any_due(self) -> bool:
        async with self.store.database.reader.connect() as conn:
            return await outbox.any_due(conn)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._rounds.wake()

    async def idle(self) -> None:
        """Wait until nothing is under way in this process."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def drain(self, seconds: float) -> None:
        """Stop claiming, finish what is under way, give back what was not begun."""
        self._rounds.stop()
        await self._unbroken.drain(seconds)
        if self._running:
            await asyncio.wait(set(self._running), timeout=seconds)
        unbegun = list(self._waiting.values())  # known before the tasks end: each forgets its own row
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(set(self._running), timeout=1.0)
        if unbegun:
            await self.store.unit(
                lambda unit: outbox.give_back(unit, unbegun), verb="outbox.give_back", interactive=False
            )

    # -- one row ---------------------------------------------------------------------------------------------------

    async def _deliver(self, row: Claimed) -> None:
        takes_long = row.kind not in SLACK_KINDS or row.kind in LONG
        heartbeat = asyncio.create_task(self._renew(row)) if takes_long else None
        try:
            await self._try(row)
        except LeaseLost:
            _log.warning("lease_lost", row=row.id, kind=row.kind)
        except Busy as busy:
            _log.warning("store_busy", row=row.id, kind=row.kind)
            await self._broken_off(row, str(busy))
        except Exception as error:  # noqa: BLE001  (one row must not end the loop; it is tried again)
            _log.exception("delivery_failed", row=row.id, kind=row.kind)
            await self._broken_off(row, f"{type(error).__name__}: {error}")
        finally:
            self._waiting.pop(row.id, None)
            if heartbeat is not None:
                heartbeat.cancel()

    async def _renew(self, row: Claimed) -> None:
        """Git over a slow line outlives a lease; while this process runs, the row stays its own."""
        while True:
            await asyncio.sleep(RENEW)
            await self.store.unit(lambda unit: outbox.renew(unit, row), verb="outbox.renew", interactive=False)

    async def _try(self, row: Claimed) -> None:
        there = await self.deliveries.of(row)
        if row.expires_at is not None and row.expires_at <= there.ctx.clock.now():
            await self._void(row, "it came too late to be of use")
            return
        try:
            if row.kind in SLACK_KINDS:
                await self._message(row, there)
            else:
                if row.kind in WAITING and await paused(there.ctx) is not None:
                    await self._until_it_goes_on(row, there)
                    return
                self._waiting.pop(row.id, None)
                await self._finish(row, await there.do(row), there)
        except NotWanted as reason:
            await self._void(row, str(reason))
        except NoSlot as far:
            await self._later(row, far.seconds)
        except IntegrationError as error:
            await self._failed(row, error)

    async def _message(self, row: Claimed, there: Deliveries) -> None:
        spot = await there.spot(row)
        if row.doubt and await self._found(row, spot, there):
            return
        await self.deliveries.slot(spot)
        await failpoint("outbox.before_send")
        if not await self._mine(row):
            raise LeaseLost(id=row.id, key=row.key)
        self._waiting.pop(row.id, None)
        try:
            where = await there.send(row, spot)
        except IntegrationError as error:
            if error.facts.get("code") == "ratelimited":
                await self.deliveries.pace.limited(f"post:{spot.channel}", error)
            raise
        try:
            await self._finish(row, there.posted(row, spot, where), there)
        except LeaseLost:
            await self._take_back(row, spot, where)
            raise

    async def _found(self, row: Claimed, spot: Spot, there: Deliveries) -> bool:
        """Look for a message that may have been sent; a second copy of it is taken away."""
        found = await self.deliveries.find(row, spot)
        await failpoint("outbox.looked")
        if not found:
            return False
        for copy in found[1:]:
            await self.deliveries.slack.delete(copy)
        await self._finish(row, there.posted(row, spot, found[0]), there)
        return True

    async def _mine(self, row: Claimed) -> bool:
        async with self.store.database.reader.connect() as conn:
            return await outbox.still_mine(conn, row)

    async def _finish(self, row: Claimed, done: Delivered, there: Deliveries) -> None:
        """The row, what belongs to it and what the release makes of it: one unit."""
        await failpoint("outbox.before_finish")
        release_id = release_of(row)

        async def work(unit: Unit) -> None:
            await outbox.finish(unit, row, done.result)
            if done.also is not None:
                await done.also(unit)
            if done.report is not None:
                await advance(there.ctx, done.report, unit=unit)

        own = done.report is not None or done.also is not None  # else nothing is changed but the row, which is ours
        chains = (*chains_of(there.ctx, *([] if release_id is None else [release_id])), *done.chains) if own else ()
        await self.store.unit(work, verb="outbox.finish", chains=chains, interactive=False)

    # -- when it did not work --------------------------------------------------------------------------------------

    async def _failed(self, row: Claimed, error: IntegrationError) -> None:
        code = str(error.facts.get("code", ""))
        _log.warning("effect_failed", row=row.id, kind=row.kind, code=code, doubt=error.doubt, why=str(error))
        if code in NO_CHANNEL:
            self.deliveries.slack.forget_channels()
        if row.body.get("optional") and not error.retryable and not error.doubt:
            await self._void(row, f"nobody is asked about it: {error}")
        elif row.doubt and not error.retryable and code in ("look_ran_out", *NO_CHANNEL, "missing_scope"):
            await self._stuck(row, outbox.unsure, str(error))
        elif error.doubt and row.kind in SLACK_KINDS:
            await self._again(row, str(error), self.settle_seconds, doubt=True)
        elif error.retryable:
            await self._again(row, str(error), max(error.retry_after, outbox.backoff(row.attempt)), doubt=None)
        else:
            await self._stuck(row, outbox.park, str(error))

    async def _broken_off(self, row: Claimed, why: str) -> None:
        """It ended somewhere on the way; a message that had been begun may stand although nothing recorded it."""
        delay = outbox.backoff(row.attempt)
        if row.kind in SLACK_KINDS and row.id not in self._waiting:
            await self._again(row, why, max(delay, self.settle_seconds), doubt=True)
        else:
            await self._again(row, why, delay, doubt=None)

    async def _again(self, row: Claimed, why: str, delay: float, doubt: bool | None) -> None:
        async def work(unit: Unit) -> None:
            await outbox.retry(unit, row, why, delay=delay, doubt=doubt)

        await self._record(row, work, "outbox.retry")

    async def _later(self, row: Claimed, seconds: float) -> None:
        async def work(unit: Unit) -> None:
            await outbox.defer(unit, row, db_now() + seconds)  # type: ignore[arg-type]

        await self._record(row, work, "outbox.defer")

    async def _until_it_goes_on(self, row: Claimed, there: Deliveries) -> None:
        """Under the product's lock: to go on either sees the row waiting, or has come first."""

        async def work(unit: Unit) -> None:
            still = (await products.load(unit.conn, there.ctx.product)).pause is not None
            await outbox.defer(unit, row, db_now() + (PAUSED if still else 0.0))  # type: ignore[arg-type]

        await self._record(row, work, "outbox.defer", chains_of(there.ctx))

    async def _void(self, row: Claimed, why: str) -> None:
        async def work(unit: Unit) -> None:
            await outbox.void(unit, row, why)

        await self._record(row, work, "outbox.void")

    async def _stuck(self, row: Claimed, how: Any, why: str) -> None:
        ctx = self.deliveries.ctx

        async def work(unit: Unit) -> None:
            await how(unit, row, why)
            await stuck.tell(ctx, unit, row, why)

        await self._record(row, work, f"outbox.{how.__name__}", chains_of(ctx))
        _log.error("effect_waits_for_a_person", row=row.id, kind=row.kind, why=why)

    async def _record(self, row: Claimed, work: Any, verb: str, chains: Sequence[str] = ()) -> None:
        try:
            await self.store.unit(work, verb=verb, chains=chains, interactive=False)
        except LeaseLost:
            _log.warning("lease_lost", row=row.id, kind=row.kind)
        except Busy:  # the claim runs out, and whoever claims it then looks first
            _log.warning("store_busy", row=row.id, kind=row.kind)

    async def _take_back(self, row: Claimed, spot: Spot, mine: Posted) -> None:
        """We were frozen for longer than the lease and sent: when the other has sent too, ours goes."""
        async with asyncio.timeout(LOOK_AFTER_LOSS):
            while (standing := await self._result(row)) is None:  # noqa: ASYNC110  (another process sets it)
                await asyncio.sleep(POLL)
        for copy in {*await self.deliveries.find(row, spot), mine}:
            if copy.ts and copy.ts != standing.get("ts"):
                await self.deliveries.slack.delete(copy)
        _log.warning("double_taken_back", row=row.id, ts=mine.ts)

    async def _result(self, row: Claimed) -> dict[str, Any] | None:
        async with self.store.database.reader.connect() as conn:
            return await outbox.result_of(conn, row.id)
