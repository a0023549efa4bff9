"""The forge as one thing: an async context manager that serves GitHub's API over HTTP and lets people act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.github.door import Door
from sandbox.github.hooks import Hooks
from sandbox.github.limits import Limits
from sandbox.github.people import People
from sandbox.github.records import Token
from sandbox.github.refs import Refs
from sandbox.github.state import Hub
from sandbox.listening import Listening
from sandbox.product.remote import Product
from sandbox.workspace.clock import TransportClock
from sandbox.workspace.faults import Faults

LARGEST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """`look_every` seconds the forge sees what was pushed by itself; 0 means at the next call."""

    remote: Path
    repository: str = "asset-anchor/asset-anchor"
    tokens: tuple[Token, ...] = (Token("github_pat_sandbox"),)
    private: bool = True
    host: str = "127.0.0.1"
    port: int = 0
    hook_url: str = ""
    hook_secret: str = ""
    look_every: float = 0.0
    now: Callable[[], datetime] | None = field(default=None)


class GitHubServer:
    """`async with GitHubServer(Settings(bare_repository)) as github:` serves it on a free port."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = TransportClock()
        self._listening = Listening(settings.port, settings.host, 1.0)
        self.hub = Hub(
            settings.repository,
            Refs(Product(settings.remote)),
            settings.now or self._real_now,
            lambda: self.url,
            settings.private,
        )
        self.hooks = Hooks(settings.hook_url, settings.hook_secret)
        self.hub.on_event = self.hooks.tell
        self.faults = Faults()
        self.limits = Limits(self.clock)
        self.tokens = {token.value: token for token in settings.tokens}
        self.door = Door(self.hub, self.tokens, self.limits, self.faults)
        self.people = People(self.hub)

    @property
    def url(self) -> str:
        """What the bot is given as GITHUB_API_URL."""
        return self._listening.url

    def made(self, op: str) -> int:
        """How often an operation was done without a fault."""
        return sum(call.op == op and call.status < 400 and not call.fault for call in self.door.calls)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self.door.handle)
        await self.hooks.open()
        await self._listening.open(app)
        self.hub.notice()
        self._listening.look(self.settings.look_every, self.hub.notice)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listening.rest()
        await self.hooks.close()
        await self._listening.close()

    def _real_now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)
