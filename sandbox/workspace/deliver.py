"""Delivery to the bot: signed requests, three seconds for an answer, events again when they fail, clicks never."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.workspace import seed
from sandbox.workspace.clock import TransportClock
from sandbox.workspace.records import Json

PATIENCE = 3.0
REDELIVER_AFTER = (0.0, 60.0, 300.0)
KEPT_DELIVERIES = 20_000


@dataclass
class Delivery:
    """One request to the bot: what it was, what came back, how long it took.

    `error` is what Slack would show the person: `operation_timeout`, `dispatch_failed` or nothing.
    """

    kind: str
    what: str
    user: str
    payload: Json
    status: int = 0
    seconds: float = 0.0
    body: str = ""
    error: str = ""
    retry: int = 0
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """True when the bot answered 200 in time."""
        return not self.error

    def answer(self) -> Any:
        """The body as JSON, or None when there was none or it is plain text."""
        try:
            return json.loads(self.body) if self.body.strip() else None
        except ValueError:
            return None


@dataclass
class Courier:
    """Signs, sends and remembers; `pace` scales the waits before a redelivery."""

    bot_url: str
    signing_secret: str
    transport: TransportClock
    pace: float = 1.0
    patience: float = PATIENCE
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=KEPT_DELIVERIES))
    fresh: set[asyncio.Task[None]] = field(default_factory=set)
    waiting: set[asyncio.Task[None]] = field(default_factory=set)
    on_trouble: Callable[[Delivery], None] | None = None
    _session: aiohttp.ClientSession | None = None
    _events: int = 0

    async def open(self) -> None:
        """Be ready to send."""
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Stop redelivering and hang up."""
        tasks = [*self.fresh, *self.waiting]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def command(self, form: Json) -> Delivery:
        """A slash command, as a form."""
        return await self._once(Delivery("command", form["command"], form["user_id"], form), urlencode(form))

    async def interaction(self, payload: Json) -> Delivery:
        """A click, a form sent or closed, a shortcut: a form with one field, `payload`."""
        body = urlencode({"payload": json.dumps(payload)})
        return await self._once(Delivery(payload["type"], _what(payload), payload["user"]["id"], payload), body)

    def event(self, event: Json) -> None:
        """An event, sent in the background; again up to three times when the bot did not take it."""
        self._events += 1
        wrapped: Json = {
            "token": "verification-is-by-signature",
            "team_id": seed.TEAM_ID,
            "api_app_id": seed.APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0{hashlib.sha256(f'{id(self)}{self._events}'.encode()).hexdigest()[:9].upper()}",
            "event_time": int(self.transport.now()),
            "authorizations": [
                {"enterprise_id": None, "team_id": seed.TEAM_ID, "user_id": seed.BOT_USER, "is_bot": True}
            ],
        }
        self._start(self._first(wrapped), self.fresh)

    def _start(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)

    async def heard(self) -> None:
        """Wait until every event was sent once."""
        while self.fresh:
            await asyncio.gather(*list(self.fresh), return_exceptions=True)

    async def settle(self) -> None:
        """Wait until no event is on its way any more, redeliveries included."""
        while self.fresh or self.waiting:
            await asyncio.gather(*self.fresh, *self.waiting, return_exceptions=True)

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Send an event once more, as Slack does when it did not see the answer."""
        again = Delivery("event", delivery.what, delivery.user, delivery.payload, retry=delivery.retry + 1)
        return await self._send(again, json.dumps(delivery.payload), "application/json", reason="http_timeout")

    async def _first(self, wrapped: Json) -> None:
        delivery = await self._attempt(wrapped, 0, "")
        if _to_repeat(delivery):
            self._start(self._again(wrapped, delivery), self.waiting)

    async def _again(self, wrapped: Json, delivery: Delivery) -> None:
        for retry, wait in enumerate(REDELIVER_AFTER, start=1):
            await asyncio.sleep(wait * self.pace)
            reason = "http_timeout" if delivery.error == "operation_timeout" else "http_error"
            delivery = await self._attempt(wrapped, retry, reason)
            if not _to_repeat(delivery):
                return

    async def _attempt(self, wrapped: Json, retry: int, reason: str) -> Delivery:
        event = wrapped["event"]
        user = event.get("user")
        delivery = Delivery("event", event["type"], user if isinstance(user, str) else "", wrapped, retry=retry)
        return await self._send(delivery, json.dumps(wrapped), "application/json", reason)

    async def _once(self, delivery: Delivery, body: str) -> Delivery:
        await self._send(delivery, body, "application/x-www-form-urlencoded", "")
        if delivery.error and self.on_trouble is not None:
            self.on_trouble(delivery)
        return delivery

    async def _send(self, delivery: Delivery, body: str, content_type: str, reason: str) -> Delivery:
        assert self._session is not None, "the courier is not open"
        headers = self.signed(body.encode()) | {"Content-Type": content_type}
        if delivery.retry:
            headers |= {"x-slack-retry-num": str(delivery.retry), "x-slack-retry-reason": reason}
        loop = asyncio.get_running_loop()
        started = loop.time()
        timeout = aiohttp.ClientTimeout(total=self.patience)
        try:
            url = f"{self.bot_url}/slack/events"
            async with self._session.post(url, data=body.encode(), headers=headers, timeout=timeout) as answer:
                delivery.status = answer.status
                delivery.body = await answer.text()
                if answer.status != 200:
                    delivery.error = "dispatch_failed"
                    delivery.no_retry = answer.headers.get("x-slack-no-retry") == "1"
        except TimeoutError:
            delivery.error = "operation_timeout"
        except aiohttp.ClientError:
            delivery.error = "dispatch_failed"
        delivery.seconds = loop.time() - started
        self.deliveries.append(delivery)
        return delivery

    def signed(self, body: bytes) -> dict[str, str]:
        """The two headers by which the bot knows that it is us."""
        stamp = str(int(self.transport.now()))
        base = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _to_repeat(delivery: Delivery) -> bool:
    return not delivery.ok and not delivery.no_retry


def _what(payload: Json) -> str:
    if payload["type"] == "block_actions":
        return str(payload["actions"][0]["action_id"])
    if "view" in payload:
        return str(payload["view"]["callback_id"])
    return str(payload.get("callback_id", ""))
