"""The tick: once a second in every process, what is due by the hour and what is due by real time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Due, SandboxClock
from bot.logging import log
from core.domain.due import What
from core.errors import Busy, IntegrationError, NotFound
from core.failpoints import failpoint
from core.store import anchors, inbox, living, outbox, pace, runs
from core.store.owners import Owner
from core.store.unit_of_work import Unit
from core.usecases import rehearsing
from core.usecases.context import Context
from core.usecases.heads import observe
from core.usecases.integrating import follow_develop
from core.usecases.measuring import catch_up
from core.usecases.retention import keep_house
from core.usecases.tick import next_due, tick

RETENTION = 300.0
HEADS, GROUPS, DEVELOP, ANCHOR = 60.0, 300.0, 600.0, 3600.0  # seconds of real time, shared by all processes
EVERY = 1  # seconds between two ticks
AT_ONCE = 0.05
LONGEST_TICK = 5.0  # that a stop waits for
SOON = 0.03
SAID: dict[What, str] = {
    "hold_over": "the hold of {} is over",
    "freeze": "{} is frozen",
    "coming": "support hears of {}",
    "answer": "an answer about {} is due",
    "go_hour": "go or no-go for {}",
    "missed": "{} would miss its train",
    "request": "a request about {} reaches somebody at work",
    "day_ends": "{} waits, and the working day ends",
    "seats": "{} begins or ends to stand in",
    "live": "I ask how {} is doing",
    "review": "the review of an override of {} is asked for",
    "decision": "the next one is called about {}, if nobody decides",
    "lock_ends": "the lock on {} ends",
    "digest": "last week is told in the thread of {}",
    "lock_stands": "I ask whether {} is still to be locked",
    "reminder": "a reminder about {} is due",
}

_log = log("bot.scheduler")


@dataclass(slots=True)
class Scheduler:
    """Everything that happens without anybody asking. Nothing here decides: the units do."""

    ctx: Context
    owner: Owner
    sweep_groups: Callable[[], Awaitable[object]]
    settle_seconds: float
    ticked: Callable[[float, float], None] | None = None  # hears how late each tick began and how long it took
    _due_at: float = 0.0  # loop time of the next tick
    _ticker: AsyncIOScheduler | None = None
    _ticking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _slow: set[asyncio.Task[None]] = field(default_factory=set)
    _next: dict[str, float] = field(default_factory=dict)  # loop time at which slow work is asked for again

    def start(self) -> None:
        self._ticker = AsyncIOScheduler(timezone="UTC")
        self._ticker.add_job(
            self.every_second, "interval", seconds=EVERY, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._ticker.start()

    async def stop(self) -> None:
        if self._ticker is not None:
            self._ticker.pause()
            await asyncio.sleep(0)  # what was started just now takes its lock
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_TICK), self._ticking:  # a tick that is under way ends first
                    pass
            self._ticker.shutdown(wait=False)
        for task in self._slow:
            task.cancel()
        if self._slow:
            await asyncio.wait(self._slow, timeout=5.0)

    async def every_second(self) -> None:
        """One tick; nothing that fails here ends the ticking."""
        async with self._ticking:
            began = asyncio.get_running_loop().time()
            await self._tick()
            if self.ticked is not None:
                late = began - self._due_at if self._due_at else 0.0
                self.ticked(late, asyncio.get_running_loop().time() - began)
            self._due_at = began + EVERY

    async def _tick(self) -> None:
        for work in (self.free_the_dead, self.what_is_due):
            try:
                await work()
            except (Busy, IntegrationError, NotFound) as error:
                _log.warning("tick_put_off", work=work.__name__, why=str(error))
            except Exception:  # noqa: BLE001  (a loop that must not die)
                _log.exception("tick_failed", work=work.__name__)
        self._beside("heads", HEADS, self.look_at_remote)
        self._beside("groups", GROUPS, self.sweep_groups)
        self._beside("develop", DEVELOP, self.follow_develop)
        self._beside("anchor", ANCHOR, self.make_anchor)
        self._beside("retention", RETENTION, self.keep_house)

    async def what_is_due(self) -> int:
        """Releases whose hour has come."""
        done = await tick(self.ctx) + await rehearsing.at_the_hour(self.ctx)
        if done:
            await failpoint("tick.due")
        return done

    async def free_the_dead(self) -> None:
        """Claims of processes of this machine that were killed go on at once."""
        dead = self.owner.dead()
        if not dead:
            return

        async def work(unit: Unit) -> int:
            await living.free_claims_of(unit, dead)
            await runs.free_claims_of(unit, dead)
            return await outbox.free_claims_of(unit, dead, self.settle_seconds)

        freed = await self.ctx.store.unit(work, verb="owners.free", interactive=False)
        self.owner.forget(dead)
        _log.info("claims_freed", owners=dead, rows=freed)

    async def look_at_remote(self) -> int:
        told = await observe(self.ctx)
        for one in await rehearsing.running(self.ctx):
            told += await observe(one, 0.0)
        return told

    async def follow_develop(self) -> int:
        """Development and integration get develop, where the host runs them."""
        return await follow_develop(self.ctx)

    async def keep_house(self) -> int:
        """Tell of evidence that reaches its age with the next month, and delete it when the month has come."""
        return await keep_house(self.ctx)

    async def make_anchor(self) -> None:
        """Notes the heads of all chains that grew, and forgets the keys of requests that nobody repeats any more.

        A release that an older process has written meanwhile, or wrote long ago, gets its rows of the metrics.
        """

        async def work(unit: Unit) -> None:
            await anchors.make(unit, self.ctx.clock.now())
            await inbox.forget_requests(unit)

        await self.ctx.store.unit(work, verb="anchor", interactive=False)
        await catch_up(self.ctx)

    def _beside(self, name: str, gap: float, work: Callable[[], Awaitable[object]]) -> None:
        """Slow work beside the ticking, once in `gap` seconds over all processes, never twice at a time here."""
        now = asyncio.get_running_loop().time()
        if now < self._next.get(name, 0.0):
            return
        self._next[name] = now + gap
        task = asyncio.create_task(self._slowly(name, gap, work), name=f"scheduler:{name}")
        self._slow.add(task)
        task.add_done_callback(self._slow.discard)

    async def _slowly(self, name: str, gap: float, work: Callable[[], Awaitable[object]]) -> None:
        try:
            wait = await pace.reserve(self.ctx.store, f"every:{name}", gap, most=0.0)
            if wait < AT_ONCE:
                await work()
            else:  # another process has done it lately
                self._next[name] = asyncio.get_running_loop().time() + wait
        except (Busy, IntegrationError, NotFound) as error:
            _log.warning("put_off", work=name, why=str(error))
        except Exception:  # noqa: BLE001  (a loop that must not die)
            _log.exception("sweep_failed", work=name)


@dataclass(slots=True)
class Announcer:
    """Tells the sandbox's clock what comes next, right after each COMMIT, so that people can jump there."""

    ctx: Context
    clock: SandboxClock
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        """For the life of the process."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.once()
            except (Busy, NotFound, aiohttp.ClientError, TimeoutError) as error:
                _log.warning("not_announced", why=type(error).__name__)
            await asyncio.sleep(SOON)

    async def once(self) -> None:
        """What happens next by itself, in words."""
        due = await next_due(self.ctx)
        policy = await self.ctx.policy()
        words = [Due(due.at, SAID[due.what].format(due.about), policy.name_of(due.who))] if due else []
        await self.clock.announce(words)
