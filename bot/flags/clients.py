"""Unleash's client API: SDKs read all flags of their environment, say who they are, and report what they counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.flags.board import Board, Shown
from bot.flags.ofrep import JSON, matches
from bot.flags.tokens import environment_of
from bot.logging import log
from core.errors import Busy
from core.store import flags
from core.store.unit_of_work import Unit

PREFIX = "/api/client"
LONGEST_APP, MOST_VARIANTS, LARGEST_COUNT = 100, 50, 1 << 40

_log = log("bot.flags.clients")


@dataclass(slots=True)
class UnleashClients:
    """`tokens` are environments by token."""

    board: Board
    tokens: Mapping[str, str] = field(repr=False)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{PREFIX}/features", self.features),
            web.post(f"{PREFIX}/register", self.register),
            web.post(f"{PREFIX}/metrics", self.metrics),
        ]

    async def features(self, request: web.Request) -> web.Response:
        """All flags, or 304 when they are those of the tag that was sent."""
        shown = self._shown(request)
        if shown is None:
            return _not_allowed()
        tag = f'"{shown.etag}"'
        if matches(request.headers.get("If-None-Match", ""), tag):
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=shown.body, content_type=JSON, headers={"ETag": tag})

    async def register(self, request: web.Request) -> web.Response:
        """202: an app is there."""
        shown = self._shown(request)
        if shown is None:
            return _not_allowed()
        said = await _said(request)
        if said is None:
            return _wrong()
        return await self._heard(shown, said)

    async def metrics(self, request: web.Request) -> web.Response:
        """202: what the app's SDK answered by itself since its last report is counted, of flags that there are."""
        shown = self._shown(request)
        if shown is None:
            return _not_allowed()
        said = await _said(request)
        bucket = said.get("bucket") if said is not None else None
        if said is None or not isinstance(bucket, dict | None):
            return _wrong()
        toggles = (bucket or {}).get("toggles") or {}
        if not isinstance(toggles, dict):
            return _wrong()
        for name, counted in toggles.items():
            if name in shown.flags and isinstance(counted, dict):
                self._count(shown.environment, name, _app(said), counted)
        return await self._heard(shown, said)

    def _count(self, environment: str, name: str, app: str, counted: Mapping[str, Any]) -> None:
        for word, on in (("yes", True), ("no", False)):
            if times := _times(counted.get(word)):
                self.board.count(environment, name, app, on, times=times)
        variants = counted.get("variants")
        if isinstance(variants, dict):
            for variant, number in list(variants.items())[:MOST_VARIANTS]:
                if (times := _times(number)) and variant != "disabled":
                    self.board.count(environment, name, app, True, variant[:LONGEST_APP], times)

    async def _heard(self, shown: Shown, said: Mapping[str, Any]) -> web.Response:
        app, sdk, at = _app(said), str(said.get("sdkVersion") or "")[:LONGEST_APP], self.board.ctx.clock.now()

        async def work(unit: Unit) -> None:
            await flags.heard(unit, shown.environment, app, sdk, at)

        try:
            await self.board.ctx.store.unit(work, verb="flag.heard", interactive=False)
        except Busy:
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.Response(status=202)

    def _shown(self, request: web.Request) -> Shown | None:
        environment = environment_of(request, self.tokens)
        if not environment:
            _log.warning("flags_not_allowed", path="client")
            return None
        return self.board.shown(environment)


async def _said(request: web.Request) -> dict[str, Any] | None:
    """The body as an object, None when it is none."""
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _app(said: Mapping[str, Any]) -> str:
    return str(said.get("appName") or "unknown")[:LONGEST_APP]


def _times(number: object) -> int:
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < LARGEST_COUNT else 0


def _not_allowed() -> web.Response:
    return web.json_response({"message": "the token is missing or not one of FLAG_TOKENS"}, status=401)


def _wrong() -> web.Response:
    return web.json_response({"message": "the body is no object of JSON in the form of the client API"}, status=400)
