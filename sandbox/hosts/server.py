"""All hosts as one thing: an async context manager that serves their APIs and runs the product behind them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.hosts.door import Door, Json
from sandbox.hosts.hook import HookFake
from sandbox.hosts.machine import Machine
from sandbox.hosts.render import RenderFake
from sandbox.hosts.vercel import VercelFake
from sandbox.hosts.yard import Place, Worker, Yard
from sandbox.listening import Listening
from sandbox.workspace.clock import TransportClock

TOKENS = {"render": "rnd_sandbox_0123456789", "vercel": "vercel_sandbox_0123456789", "hook": "hook_sandbox_0123456789"}


@dataclass(frozen=True)
class Settings:
    """`look_every` seconds the hosts see what was pushed by themselves; 0 means at the next call."""

    port: int = 0
    look_every: float = 0.0
    now: Callable[[], datetime] | None = field(default=None)


class Hosts:
    """`async with Hosts(worker) as hosts:` serves `/render/v1/...`, `/vercel/...`, `/hook/...`; `/` says what runs."""

    def __init__(self, worker: Worker, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.worker = worker
        clock = TransportClock()
        now = self.settings.now or (lambda: datetime.fromtimestamp(clock.now(), UTC))
        self.render = RenderFake(Yard("dep-", now, worker), TOKENS["render"])
        self.vercel = VercelFake(Yard("dpl_", now, worker), TOKENS["vercel"])
        self.hook = HookFake(Yard("d", now, worker), TOKENS["hook"])
        self.doors: dict[str, Door] = {"render": self.render, "vercel": self.vercel, "hook": self.hook}
        self._listening = Listening(self.settings.port)

    @property
    def url(self) -> str:
        return self._listening.url

    async def add(self, host: str, place: Place, port: int = 0) -> str:
        """A service of a host; its stable address, or "" where nothing really runs."""
        self.doors[host].yard.add(place)
        return await self.worker.add(place, port) if isinstance(self.worker, Machine) else ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_route("*", "/{host}/{path:.*}", self._handle)
        await self._listening.open(app)
        self._listening.look(self.settings.look_every, self._look)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listening.rest()
        for door in self.doors.values():
            await door.yard.close()
        if isinstance(self.worker, Machine):
            await self.worker.close()
        await self._listening.close()

    def what_runs(self) -> Json:
        """Place -> what serves there, and how its newest deployment stands; for the sandbox's page."""
        behind = self.worker.what_runs() if isinstance(self.worker, Machine) else {}
        return {
            place.id: {"host": host, **behind.get(place.id, {}), "deployments": [
                {"id": one.id, "commit": one.commit, "state": one.state, "share": one.share}
                for one in door.yard.of(place)[:5]
            ]}
            for host, door in self.doors.items() for place in door.yard.places.values()
        }  # fmt: skip

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        door = self.doors.get(request.match_info["host"])
        if door is None:
            return web.Response(status=404)
        return await door.handle(request, request.rel_url.raw_path.removeprefix(f"/{request.match_info['host']}"))

    async def _page(self, request: web.Request) -> web.Response:
        return web.json_response(self.what_runs())

    def _look(self) -> None:
        for door in self.doors.values():
            with contextlib.suppress(RuntimeError):  # git is busy: the next look sees it
                door.yard.notice()
