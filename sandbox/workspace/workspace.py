"""The workspace as one thing: an async context manager that serves Slack's side over HTTP and hands out persons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.listening import Listening
from sandbox.workspace import page_api
from sandbox.workspace.answers import Answers
from sandbox.workspace.api.desk import ALL_SCOPES, Desk
from sandbox.workspace.api.door import Call, Door
from sandbox.workspace.clock import ReleaseClock, TransportClock
from sandbox.workspace.clock_routes import ClockRoutes
from sandbox.workspace.control import Control
from sandbox.workspace.deliver import Courier, Delivery
from sandbox.workspace.faults import Faults
from sandbox.workspace.hands import Hands
from sandbox.workspace.limits import Limits
from sandbox.workspace.people_do import USUAL_EVENTS, PeopleDo
from sandbox.workspace.permits import Permits
from sandbox.workspace.person import Person
from sandbox.workspace.records import Message
from sandbox.workspace.state import State

LARGEST_BODY = 4 * 1024 * 1024
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}  # all else is only saved, never shown


@dataclass(frozen=True)
class Settings:
    """How a workspace is set up; `rate_scale` and `pace` below 1 make rate limits and redeliveries faster, 0 none."""

    token: str = "xoxb-sandbox"
    signing_secret: str = "sandbox-signing-secret"
    bot_url: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    start: str = "2026-11-30T14:05:00+00:00"
    scopes: frozenset[str] = ALL_SCOPES
    events: frozenset[str] = USUAL_EVENTS
    rate_scale: float = 1.0
    pace: float = 1.0
    patience: float = 3.0
    page: page_api.PageExtras = field(default_factory=page_api.PageExtras)


class Workspace:
    """A strict Slack-like workspace; `async with Workspace() as slack:` serves it on a free port."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.transport = TransportClock()
        self.clock = ReleaseClock(self.settings.start)
        self.state = State(self.transport, self.clock.now)
        self.clock.on_change = self.state.touch
        self.permits = Permits(self.transport)
        self.limits = Limits(self.settings.rate_scale)
        self.faults = Faults()
        self.desk = Desk(self.state, self.permits, self.limits, self.settings.scopes, lambda: self.url)
        self.door = Door(self.desk, self.settings.token, self.faults)
        self.courier = Courier(
            self.settings.bot_url,
            self.settings.signing_secret,
            self.transport,
            self.settings.pace,
            self.settings.patience,
        )
        self.answers = Answers(self.desk)
        self.people = PeopleDo(self.desk, self.courier, self.settings.events)
        self.hands = Hands(self.desk, self.courier, self.answers, self.people)
        self._listening = Listening(self.settings.port, self.settings.host, 1.0)

    # -- serving ---------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the workspace is served."""
        return self._listening.url

    @property
    def api_url(self) -> str:
        """What the bot is given as SLACK_API_URL (slack_sdk's `base_url`)."""
        return f"{self.url}/api/"

    @property
    def clock_url(self) -> str:
        """What the bot is given as CLOCK_URL."""
        return f"{self.url}/clock"

    @property
    def bot_url(self) -> str:
        """Where the bot listens; `/slack/events` is added."""
        return self.courier.bot_url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self.courier.bot_url = url.rstrip("/")

    def app(self) -> web.Application:
        """The aiohttp application with everything on it."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/api/{method}", self.door.handle)
        app.router.add_post("/response/{secret}", self.answers.at_address)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}/{name}", self._file)
        ClockRoutes(self.clock).add_to(app)
        Control(self).add_to(app)
        page_api.PageApi(self.state, self.hands, self.clock, self.settings.page).add_to(app)
        return app

    async def __aenter__(self) -> Self:
        await self.courier.open()
        try:
            await self._listening.open(self.app())
        except OSError:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clock.close()
        self.state.close()
        for task in list(self.door.late):
            task.cancel()
        await self.courier.close()
        await self._listening.close()

    async def _upload(self, request: web.Request) -> web.Response:
        upload = self.desk.uploads.get(request.match_info["file"])
        if upload is None or upload.content:
            raise web.HTTPNotFound
        content = b""
        async for part in request.content.iter_chunked(1 << 16):  # a file may be larger than any other request
            content += part
            if len(content) > upload.length:
                break
        if len(content) != upload.length:
            raise web.HTTPBadRequest(text="the length is not what was announced")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _file(self, request: web.Request) -> web.Response:
        upload = self.desk.uploads.get(request.match_info["file"])
        if upload is None or not upload.complete:
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        kind = PICTURES.get(upload.name.rpartition(".")[2].lower(), "application/octet-stream")
        return web.Response(body=upload.content, content_type=kind, headers=headers)

    def start_over(self) -> None:
        """Begin again: nothing said, the clock at its start; to be called when no bot runs."""
        self.clock.start_over()
        self.faults.clear()
        self.door.calls.clear()
        self.courier.deliveries.clear()
        self.answers.troubles.clear()
        self.state.clear()

    # -- people and what happened ------------------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        """A member by name or id, with hands and eyes."""
        return Person(self.state.member(name), self.hands)

    @property
    def calls(self) -> list[Call]:
        """Every Web API call so far, with its outcome."""
        return list(self.door.calls)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every request to the bot so far."""
        return list(self.courier.deliveries)

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel that everybody in it sees, threads included."""
        return [m for m in self.state.messages.get(self.state.channel(channel).id, []) if not m.only_for]

    def unexpected(self) -> list[str]:
        """What a test should end on: answers that Slack could not show, and requests the bot did not answer well."""
        failed = [f"{d.kind} {d.what} by {d.user}: {d.error}" for d in self.deliveries if d.error]
        return [*self.answers.troubles, *failed]

    async def settled(self) -> None:
        """Wait until every event has reached the bot, or was given up."""
        await self.courier.settle()

    async def until(self, holds: Callable[[], bool], patience: float = 5.0) -> None:
        """Wait until something is true of the workspace; raises TimeoutError when it does not become so."""
        async with asyncio.timeout(patience):
            while not holds():
                await self.state.changed_since(self.state.seq, 0.05)
