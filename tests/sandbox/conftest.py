"""A workspace, a Slack client and a tiny bot for the tests of the sandbox; all of it talks over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.people_do import ALL_EVENTS
from sandbox.workspace.workspace import Settings, Workspace

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[Any]]


@dataclass
class TinyBot:
    """A bot that checks signatures, keeps what it hears, and answers as the test says."""

    secret: str
    heard: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    def on(self, kind: str, answer: Answer) -> None:
        """Answer requests of this kind: command, block_actions, view_submission, event_callback and so on."""
        self.answers[kind] = answer

    def says(self, kind: str, what: Any) -> None:
        """Answer this kind always the same."""

        async def same(payload: Json) -> Any:
            return what

        self.answers[kind] = same

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        if not SignatureVerifier(self.secret).is_valid_request(body, dict(request.headers)):
            return web.Response(status=401, text="bad signature")
        if request.content_type == "application/json":
            payload = json.loads(body)
        else:
            form = await request.post()
            payload = json.loads(str(form["payload"])) if "payload" in form else {"type": "command", **form}
        self.heard.append(payload)
        self.headers.append(dict(request.headers))
        answer = self.answers.get(payload["type"])
        given = await answer(payload) if answer else None
        if isinstance(given, web.StreamResponse):
            return given
        return web.Response() if given is None else web.json_response(given)


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    """A workspace without rate limits, so that tests of other rules are not in their way."""
    async with Workspace(Settings(rate_scale=0, pace=0.001, patience=0.3, events=ALL_EVENTS)) as workspace:
        yield workspace


@pytest.fixture
async def client(slack: Workspace) -> AsyncIterator[AsyncWebClient]:
    """Slack's own SDK, pointed at the workspace."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.settings.token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
async def bot(slack: Workspace) -> AsyncIterator[TinyBot]:
    """The tiny bot, served and known to the workspace."""
    tiny = TinyBot(slack.settings.signing_secret)
    app = web.Application()
    app.router.add_post("/slack/events", tiny.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield tiny
    await runner.cleanup()


@pytest.fixture
def soon() -> Callable[[Awaitable[Any]], Awaitable[Any]]:
    """Await something, at most two seconds."""

    async def within(work: Awaitable[Any]) -> Any:
        return await asyncio.wait_for(work, 2)

    return within
