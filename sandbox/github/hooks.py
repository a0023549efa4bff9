"""Webhooks out: signed as GitHub signs them, delivered once, and once more only when somebody asks for it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections import deque
from dataclasses import dataclass, field

import aiohttp

from sandbox.github.records import Json

PATIENCE = 10.0
EVERYTHING = "*"


@dataclass
class Delivery:
    """One request: what it told, and what came back (0: no answer)."""

    id: str
    event: str
    raw: bytes
    status: int = 0
    again: bool = False


@dataclass
class Hooks:
    """One webhook of the repository; without a `url` nothing is sent."""

    url: str = ""
    secret: str = ""
    events: frozenset[str] = frozenset({EVERYTHING})
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=5000))
    _session: aiohttp.ClientSession | None = None
    _going: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Be ready to send."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))

    async def close(self) -> None:
        """Hang up."""
        for task in self._going:
            task.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def tell(self, event: str, body: Json) -> None:
        """Send an event in the background."""
        if not self.url or not self.events & {event, EVERYTHING}:
            return
        self._start(Delivery(str(uuid.uuid4()), event, json.dumps(body).encode()))

    def redeliver(self, delivery: Delivery) -> None:
        """The same once more under the same id, as the button on GitHub's page does."""
        self._start(Delivery(delivery.id, delivery.event, delivery.raw, again=True))

    async def settle(self) -> None:
        """Wait until everything that was sent has an answer."""
        while self._going:
            await asyncio.gather(*list(self._going), return_exceptions=True)

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._send(delivery))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _send(self, delivery: Delivery) -> None:
        assert self._session is not None, "the hooks are not open"
        self.deliveries.append(delivery)
        try:
            async with self._session.post(self.url, data=delivery.raw, headers=self.headers(delivery)) as answer:
                delivery.status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            delivery.status = 0

    def headers(self, delivery: Delivery) -> dict[str, str]:
        """What a receiver knows it by."""
        told = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0000000",
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": delivery.id,
            "X-GitHub-Hook-ID": "1",
        }
        if self.secret:
            digest = hmac.new(self.secret.encode(), delivery.raw, hashlib.sha256).hexdigest()
            told["X-Hub-Signature-256"] = f"sha256={digest}"
        return told
