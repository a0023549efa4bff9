"""The only place where objects are joined: `async with running(settings) as app` serves, `build` gives the parts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot import stuck
from bot.calendar_feed import CalendarFeed
from bot.charts.maker import ChartMaker
from bot.charts.process import Charts
from bot.clock import SandboxClock
from bot.deliver import Deliveries
from bot.edge import Edge
from bot.evidence_hook import EVIDENCE_PATH, EvidenceHook
from bot.files import Maker
from bot.flags import Board, board_of, routes_of
from bot.forge import forge_of
from bot.github_hook import GITHUB_PATH, GitHubHook
from bot.homes import Homes
from bot.hosts import hosts_of
from bot.integrations.gitrepo import copies_in
from bot.integrations.host import Host
from bot.integrations.slack import Slack, make_client
from bot.integrations.watched import watched
from bot.living import LivingMessages
from bot.logging import log
from bot.meters import Metered, Meters
from bot.opening import Parts, opened
from bot.outbox import Outbox
from bot.pace import Pace
from bot.packages import make
from bot.policy_start import bring_in, read_policy
from bot.readiness import Readiness
from bot.replies import Replies
from bot.runner.loop import Runner
from bot.runner.setup import runner_of
from bot.runner.tails import RunnerTails
from bot.scheduler import Announcer, Scheduler
from bot.settings import Settings
from bot.slack_events import SlackEvents
from bot.socket_mode import SocketMode
from bot.status_page import StatusPage
from bot.tracker import tracker_of
from bot.variables import recorded
from bot.web import SLACK_PATH, Hook, Listener, make_web
from core.domain.policy import Policy
from core.failpoints import failpoint
from core.ports import Clock
from core.store import living as living_rows
from core.store import outbox as outbox_rows
from core.store.owners import Owner
from core.store.products import product_chain
from core.store.reads import Reads
from core.usecases.context import Context, roles_at
from core.usecases.groups import store_groups
from core.usecases.heads import observe
from core.usecases.people import store_zones
from handlers.middleware import answered
from handlers.request import Answer, Request
from handlers.routes import dispatch

DRAIN_SECONDS = 10.0
ROUNDS = 200  # of `settle`; more would be a circle

_log = log("bot.app")


@dataclass(slots=True)
class App:
    """The running bot. In a test its loops stay off and `settle` does what they would do."""

    settings: Settings
    ctx: Context
    owner: Owner
    session: aiohttp.ClientSession
    slack: Slack
    host: Host
    replies: Replies
    edge: Edge
    bolt: AsyncApp
    outbox: Outbox
    living: LivingMessages
    homes: Homes
    runner: Runner
    scheduler: Scheduler
    readiness: Readiness
    board: Board
    feed: CalendarFeed
    metered: Metered
    charts: Charts
    page: StatusPage
    announcer: Announcer | None = None
    hook: GitHubHook | None = None
    listener: Listener | None = None
    socket: SocketMode | None = None
    _loops: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Where Slack reaches us, for people."""
        listener = None if self.settings.app_token else self.listener
        return f"{listener.address}{SLACK_PATH}" if listener else "Socket Mode"

    def web(self) -> web.Application:
        hooks: dict[str, Hook] = {} if self.hook is None else {GITHUB_PATH: self.hook.handle}
        if self.settings.evidence_sources:  # without a token nobody can be believed, so there is no such address
            hooks[EVIDENCE_PATH] = EvidenceHook(self.ctx, self.settings.evidence_sources).handle
        more = [*routes_of(self.board, self.settings.flag_readers), *self.feed.routes(), *self.metered.routes()]
        more += self.page.routes()
        return make_web(self.bolt, self.settings.signing_secret, self.readiness.report, hooks, more)

    def start_loops(self) -> None:
        """Begin to claim and to tick."""
        self._start(self.outbox.run(), "outbox")
        self._start(self.living.run(), "living")
        self._start(self.homes.run(), "homes")
        self._start(self.runner.run(), "runs")
        self._start(self.board.run(), "flags")
        if self.settings.app_token:
            self.socket = SocketMode(self.bolt, self.settings.app_token, self.settings.slack_api_url)
            self._start(self.socket.run(), "socket")
        if self.announcer is not None:
            self._start(self.announcer.clock.follow(self.settle), "clock")
            self._start(self.announcer.run(), "announcer")
        self.scheduler.start()
        self.metered.open()

    def _start(self, loop: Coroutine[Any, Any, None], name: str) -> None:
        self._loops.append(asyncio.create_task(loop, name=f"loop:{name}"))

    async def settle(self, patience: float = 30.0) -> None:
        """Do everything that is due at this release time: tick, deliver, edit, until nothing is left to do now.

        What waits for a pause (a back-off, a slot) is waited for, at most `patience` seconds in all.
        """
        end = asyncio.get_running_loop().time() + patience
        for _ in range(ROUNDS):
            await self.replies.after.idle()
            await self._moved(patience)
            if await self.scheduler.what_is_due():
                continue
            wait = await self._until_next()
            if wait is None or asyncio.get_running_loop().time() + wait > end:
                break
            await asyncio.sleep(max(wait, 0.02))
        await self.homes.once()
        await self.board.once()
        if self.announcer is not None:
            await self.announcer.once()

    async def _moved(self, patience: float) -> None:
        """Deliver and edit what is there and what comes of it; the hour is the same all the while."""
        for _ in range(ROUNDS):
            more = await self.outbox.claim()
            await self.outbox.idle()
            more += await self.runner.once(0.0 if self._loops else patience)  # with loops they go on by themselves
            more += await self.living.once()
            if not more:
                break

    async def due(self) -> bool:
        """Whether something waits to be delivered."""
        return await self._until_next() is not None

    async def _until_next(self) -> float | None:
        """Seconds until something can be done again; None when nothing is open."""
        async with self.ctx.store.database.reader.connect() as conn:
            waits = (await outbox_rows.earliest(conn), await living_rows.unsettled(conn))
        return min((wait for wait in waits if wait is not None), default=None)

    async def stop(self) -> None:
        """SPINE 14: not ready, claim nothing, finish requests, answers and deliveries, then leave."""
        serving = bool(self._loops or self.listener)
        if serving:  # a command of the terminal speaks for itself
            _log.info("stopping")
        self.readiness.draining = True
        self.metered.close()
        await failpoint("stop.draining")
        await self.scheduler.stop()
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self.listener is not None:
            await self.listener.close()
        await self.replies.after.drain(3.0)
        await self.runner.drain(DRAIN_SECONDS)
        await self.outbox.drain(DRAIN_SECONDS)
        await self.living.drain(DRAIN_SECONDS / 2)
        await self.board.flush()
        await self.charts.close()
        if self.announcer is not None:
            await self.announcer.clock.leave()
        if serving:
            _log.info("stopped")


def build(settings: Settings, parts: Parts, policy: Policy) -> App:
    """Join everything. Nothing is started and nothing outside is asked."""
    forge = parts.forge or forge_of(settings, policy, parts.session)
    tracker = tracker_of(settings, parts.session)
    reads, key = Reads(parts.store.database), policy.product.key
    ctx = Context(parts.store, reads, parts.clock, parts.repository, key, forge, tracker, copies_in(settings.data_dir))
    slack = watched(Slack(make_client(settings.bot_token, settings.slack_api_url, parts.session)), "slack")
    host = Host(settings.data_dir / "host.json", settings.simulated_seconds, settings.faults)
    pace = Pace(parts.store, settings.pace_scale)
    feed = CalendarFeed(ctx, settings.signing_secret or settings.bot_token, settings.public_url or "")
    page = StatusPage(ctx, feed.key, feed.base)
    charts = Charts(settings.data_dir / "charts")
    addresses = {"calendar_address": feed.address, "page_address": page.address}
    seen = recorded(os.environ, type(settings).model_fields, settings.signing_secret or settings.bot_token)
    makers: dict[str, Maker] = {"chart": ChartMaker(charts), "package": partial(make, known=settings.secrets)}
    deliveries = Deliveries(ctx, slack, watched(host, "host"), pace, addresses, makers, seen)
    outbox = Outbox(parts.store, deliveries, settings.settle_seconds)
    living = LivingMessages(ctx, slack, pace)
    homes = Homes(ctx, slack, pace)
    read_groups = partial(_sweep, deliveries)
    replies = Replies(slack, homes.publish)
    runner = runner_of(ctx, settings, hosts_of(settings, parts.session))
    asked = partial(_dispatched, ctx=replace(ctx, tails=RunnerTails(ctx, runner.families)))
    edge = Edge(asked, parts.clock, replies, SlackEvents(parts.store, slack, homes.publish, read_groups))
    metered = Metered(ctx, Meters(), settings.scraper_token)
    edge.answered = metered.meters.answered
    scheduler = Scheduler(ctx, parts.owner, read_groups, settings.settle_seconds, metered.meters.ticked)
    announcer = Announcer(ctx, parts.clock) if isinstance(parts.clock, SandboxClock) else None
    board = board_of(ctx, settings.flag_readers)
    parts.store.roles = partial(roles_at, ctx)
    wakers = [metered.meters.commits.inc, outbox.wake, living.wake, runner.wake, board.wake]
    for wake in (*wakers, *([announcer.wake] if announcer else [])):
        parts.store.on_commit(wake)
    bolt, ready = edge.bolt(settings.bot_token), Readiness(parts.store.database, ctx.reads, slack)
    return App(
        settings, ctx, parts.owner, parts.session, slack, host, replies, edge, bolt, outbox, living, homes, runner,
        scheduler, ready, board, feed, metered, charts, page, announcer, _hook(settings, ctx, replies),
    )  # fmt: skip


def _hook(settings: Settings, ctx: Context, replies: Replies) -> GitHubHook | None:
    """Without a secret nobody can be believed, so there is no such address."""
    if not settings.hook_secret:
        return None
    return GitHubHook(settings.hook_secret, ctx.store, partial(observe, ctx), replies.after, product_chain(ctx.product))


async def _dispatched(request: Request, ctx: Context) -> Answer:
    """Handlers answer everything but the buttons about the outbox, which is none of their business."""
    if request.kind == "action" and request.action_id in stuck.RULINGS:
        return await answered(request, ctx, stuck.ruled)
    return await dispatch(request, ctx)


async def _sweep(deliveries: Deliveries) -> None:
    at = deliveries.ctx.clock.now()
    await store_groups(deliveries.ctx, await deliveries.read_groups(), at)
    await store_zones(deliveries.ctx, await deliveries.read_zones())


@asynccontextmanager
async def running(
    settings: Settings, *, loops: bool = True, listen: bool = True, clock: Clock | None = None, first: bool = True
) -> AsyncIterator[App]:
    """The whole bot. With `loops=False` nothing happens by itself: `settle` does it. `first` as in `bring_in`."""
    policy = read_policy(settings.release_policy)
    async with opened(settings, clock) as parts:
        await bring_in(parts.store, parts.clock, policy, first=first)
        app = build(settings, parts, policy)
        try:
            await app.board.open()
            if listen and (not settings.app_token or settings.others_knock):
                app.listener = Listener(app.web(), settings.host, settings.port)
                await app.listener.open()
                app.feed.base = app.page.base = settings.feed_base(app.listener.address)
            if loops:
                app.start_loops()
            yield app
        finally:
            await app.stop()
