"""The web server: Slack's requests, /healthz and /readyz; a signature is checked before anything is parsed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.logging import log

LARGEST_BODY = 1024 * 1024  # Slack's own are far smaller; a form with all its words has some 200 kB
SLACK_PATH = "/slack/events"

_log = log("bot.web")
Ready = Callable[[], Awaitable[tuple[bool, dict[str, Any]]]]
Hook = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_web(
    bolt: AsyncApp,
    signing_secret: str,
    ready: Ready,
    hooks: Mapping[str, Hook] = MappingProxyType({}),
    more: Iterable[web.AbstractRouteDef] = (),
) -> web.Application:
    """The aiohttp application; `ready` says whether requests should be sent here, and why not.

    `hooks` are further paths; each reads its own body, checks its own signature and keeps its own limits. So does what
    answers `more`, which are not all posts.
    """
    verifier = SignatureVerifier(signing_secret)
    app = web.Application(client_max_size=LARGEST_BODY)

    async def slack(request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if not _signed(verifier, raw, request):
            return web.json_response({"error": "the signature is missing, wrong or older than 5 minutes"}, status=401)
        try:
            asked = AsyncBoltRequest(body=raw.decode(), query=request.query_string, headers=request.headers)  # type: ignore[arg-type]
        except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
            return web.json_response({"error": "this is no request of Slack's"}, status=400)
        return await to_aiohttp_response(await bolt.async_dispatch(asked))

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(request: web.Request) -> web.Response:
        good, facts = await ready()
        return web.json_response(facts, status=200 if good else 503, dumps=_plain)

    app.router.add_post(SLACK_PATH, slack)
    for path, hook in hooks.items():
        app.router.add_post(path, hook)
    app.router.add_routes(more)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def _signed(verifier: SignatureVerifier, raw: bytes, request: web.Request) -> bool:
    """Whether Slack signed exactly this, within five minutes; what cannot be compared is not signed."""
    stamp, signature = (request.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature"))
    try:
        return bool(verifier.is_valid(raw, stamp, signature))
    except (ValueError, TypeError):  # no number, no text, other letters than ASCII
        return False


def _plain(value: Any) -> str:
    return json.dumps(value, default=str)


class Listener:
    """The listening socket; `close` takes no more requests and lets the running ones finish."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=5.0)
        self._host, self._port = host, port
        self.address = ""

    async def open(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=512)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        _log.info("listening", address=self.address, path=SLACK_PATH)

    async def close(self) -> None:
        await self._runner.cleanup()
