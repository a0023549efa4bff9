"""GET /metrics: how the bot does, for Prometheus; only with METRICS_TOKEN, which a scraper shows as a bearer token.

What each process measures of itself is counted here; what the store knows is read when it is asked for. No label holds
a name, a title or an address.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from core.domain.parts import OPEN_PHASES
from core.errors import Busy
from core.store.clashes import DATABASE_FAULTS
from core.store.health import Health, health
from core.usecases.context import Context

PATH = "/metrics"
DEADLINE = 5.0  # seconds for the store; a scraper waits ten
ANSWERS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.4, 3.0)  # Slack waits three seconds
TICKS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0)


@dataclass(slots=True)
class Meters:
    """All numbers of one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    answers: Histogram = field(init=False)
    ticks: Histogram = field(init=False)
    late: Histogram = field(init=False)
    commits: Counter = field(init=False)
    troubles: Counter = field(init=False)
    _gauges: dict[str, Gauge] = field(default_factory=dict)
    _ticked: float = 0.0  # loop time of the last tick

    def __post_init__(self) -> None:
        own = self.registry
        ProcessCollector(registry=own)
        self.answers = Histogram(
            "release_bot_answer_seconds", "From a request of Slack's until its answer", ["kind"], buckets=ANSWERS,
            registry=own,
        )  # fmt: skip
        self.ticks = Histogram("release_bot_tick_seconds", "How long a tick took", buckets=TICKS, registry=own)
        self.late = Histogram(
            "release_bot_tick_late_seconds", "How much later than due a tick began", buckets=TICKS, registry=own
        )
        self.commits = Counter("release_bot_commits", "Units of work that were saved", registry=own)
        self.troubles = Counter("release_bot_log_lines", "Warnings and errors in the log", ["level"], registry=own)
        for name, words, labels in _OF_THE_STORE:
            self._gauges[name] = Gauge(f"release_bot_{name}", words, labels, registry=own)
        for level in ("warning", "error"):
            self.troubles.labels(level)

    def answered(self, kind: str, seconds: float) -> None:
        """A request was answered; `kind` is one of a few words."""
        self.answers.labels(kind).observe(max(0.0, seconds))

    def ticked(self, late: float, seconds: float) -> None:
        """A tick has ended that began so much too late and took so long."""
        self.late.observe(max(0.0, late))
        self.ticks.observe(seconds)
        self._ticked = asyncio.get_running_loop().time()

    async def text(self, ctx: Context) -> bytes:
        """Everything in Prometheus' text format; when the store gives no answer, `release_bot_store_up` is 0."""
        for name, _, labels in _OF_THE_STORE:  # what is not known now is not told as it was
            if labels:
                self._gauges[name].clear()
            else:
                self._gauges[name].set(math.nan)
        if self._ticked:
            self._gauges["tick_age_seconds"].set(asyncio.get_running_loop().time() - self._ticked)
        try:
            async with asyncio.timeout(DEADLINE), ctx.store.database.reader.connect() as conn:
                self._tell(await health(conn, ctx.product))
        except (TimeoutError, Busy, *DATABASE_FAULTS):
            self._gauges["store_up"].set(0)
        return generate_latest(self.registry)

    def _tell(self, found: Health) -> None:
        known = self._gauges
        known["store_up"].set(1)
        known["outbox_oldest_seconds"].set(max(0.0, found.oldest))
        known["messages_behind"].set(found.behind)
        for state, count in found.effects.items():
            known["outbox_open"].labels(state).set(count)
        for work, count in found.claims.items():
            known["claims"].labels(work).set(count)
        for phase in OPEN_PHASES:
            known["releases"].labels(phase.value).set(found.releases.get(phase.value, 0))


_OF_THE_STORE = (
    ("store_up", "1 when the store answers", ()),
    ("outbox_open", "Effects that have not happened yet", ("state",)),
    ("outbox_oldest_seconds", "How long the oldest due effect has waited", ()),
    ("claims", "Rows that a process holds while it works on them", ("work",)),
    ("messages_behind", "Messages in Slack that show an older state", ()),
    ("releases", "Open releases", ("phase",)),
    ("tick_age_seconds", "Since the last tick of this process", ()),
)


class Troubles(logging.Handler):
    """Counts what is written to the log as a warning or worse, whoever wrote it."""

    def __init__(self, meters: Meters) -> None:
        super().__init__(logging.WARNING)
        self._meters = meters

    def emit(self, record: logging.LogRecord) -> None:
        self._meters.troubles.labels("error" if record.levelno >= logging.ERROR else "warning").inc()


@dataclass(slots=True)
class Metered:
    """The address. `token` is what a scraper has to show; without one nobody can be believed and there is none."""

    ctx: Context
    meters: Meters
    token: str = field(repr=False)
    _troubles: Troubles | None = None

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.handle)] if self.token else []

    async def handle(self, request: web.Request) -> web.Response:
        """200 with the numbers, 401 without the token."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), self.token.encode())
        if scheme.lower() != "bearer" or not known:
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return web.Response(body=await self.meters.text(self.ctx), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def open(self) -> None:
        """Begin to count what goes to the log."""
        self._troubles = Troubles(self.meters)
        logging.getLogger().addHandler(self._troubles)

    def close(self) -> None:
        if self._troubles is not None:
            logging.getLogger().removeHandler(self._troubles)
            self._troubles = None
