"""OFREP, OpenFeature's protocol for asking over HTTP: one flag, or all of them, for a context."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.flags.board import Board, Shown
from bot.flags.tokens import environment_of
from bot.logging import log
from core.domain.flags.context import context_of
from core.domain.flags.evaluation import Decision

SINGLE, BULK = "/ofrep/v1/evaluate/flags/{key:.+}", "/ofrep/v1/evaluate/flags"
LARGEST_CONTEXT = 64 * 1024
APP = "ofrep"  # under which these questions are counted: the protocol names no app
JSON = "application/json"
TARGET = "targetingKey"

_log = log("bot.flags.ofrep")


class _Odd(Exception):
    """The request is none; with OFREP's code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(slots=True)
class Ofrep:
    """`tokens` are environments by token."""

    board: Board
    tokens: Mapping[str, str] = field(repr=False)
    _answers: dict[tuple[str, Decision], bytes] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(BULK, self.bulk), web.post(SINGLE, self.single)]

    async def single(self, request: web.Request) -> web.Response:
        """200 with the value, 404 for a flag that does not exist, 400 for what is no context, 401 without a token."""
        shown = self._shown(request)
        if shown is None:
            return _not_allowed()
        key = request.match_info["key"]
        try:
            context = _context(await _body(request), shown.environment)
        except _Odd as odd:
            return _wrong(400, {"key": key, "errorCode": odd.code, "errorDetails": str(odd)})
        if key not in shown.flags:
            told = {"key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": f"there is no flag {key[:100]}"}
            return _wrong(404, told)
        decision = shown.flags.decide(key, context)
        self.board.count(shown.environment, key, APP, decision.enabled)
        return web.Response(body=self._answer(key, decision), content_type=JSON)

    async def bulk(self, request: web.Request) -> web.Response:
        """All flags; 304 when neither they nor the context are others than those of the tag that was sent."""
        shown = self._shown(request)
        if shown is None:
            return _not_allowed()
        try:
            context = _context(await _body(request), shown.environment)
        except _Odd as odd:
            return _wrong(400, {"errorCode": odd.code, "errorDetails": str(odd)})
        about = hashlib.sha256(shown.etag.encode())
        about.update(json.dumps(context, sort_keys=True).encode())
        body = b""
        if shown.timed:  # with the same flags and the same context the hour may change an answer
            body = self._all(shown, context)
            about.update(body)
        tag = f'"{about.hexdigest()[:32]}"'
        if matches(request.headers.get("If-None-Match", ""), tag):
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body or self._all(shown, context), content_type=JSON, headers={"ETag": tag})

    def _all(self, shown: Shown, context: Mapping[str, str]) -> bytes:
        flags = shown.flags
        told = [self._answer(name, flags.decide(name, context)) for name in flags.names]
        return b'{"flags":[%b]}' % b",".join(told)

    def _shown(self, request: web.Request) -> Shown | None:
        environment = environment_of(request, self.tokens)
        if not environment:
            _log.warning("flags_not_allowed", path="ofrep")
            return None
        return self.board.shown(environment)

    def _answer(self, key: str, decision: Decision) -> bytes:
        """Few answers are possible for a flag, so each is written once."""
        place = (key, decision)
        found = self._answers.get(place)
        if found is None:
            if len(self._answers) > 200_000:
                self._answers.clear()
            found = self._answers[place] = json.dumps(_told(key, decision), separators=(",", ":")).encode()
        return found


def _told(key: str, decision: Decision) -> dict[str, Any]:
    told: dict[str, Any] = {"key": key, "reason": decision.reason}
    chosen = decision.variant
    if chosen is None or chosen.payload is None:
        name = chosen.name if chosen else "on" if decision.enabled else "off"
        return told | {"value": decision.enabled, "variant": name}
    return told | {"value": _value(chosen.payload.type, chosen.payload.value), "variant": chosen.name}


def _value(kind: str, text: str) -> Any:
    """A payload as JSON; text that is no number or JSON stays text, as the product then sees what was written. NaN is
    none, though Python reads it: no SDK could read any flag of an answer that holds it."""
    if kind in ("number", "json"):
        try:
            found = json.loads(text)
            json.dumps(found, allow_nan=False)
            return found
        except (ValueError, RecursionError):
            return text
    return text


def matches(sent: str, tag: str) -> bool:
    """Whether the tag is among those of If-None-Match, weak or not."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in sent.split(",")) if sent else False


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_CONTEXT:
        raise _Odd("INVALID_CONTEXT", f"the context is larger than {LARGEST_CONTEXT // 1024} kB")
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raw = b" " * (LARGEST_CONTEXT + 1)
    if len(raw) > LARGEST_CONTEXT:
        raise _Odd("INVALID_CONTEXT", f"the context is larger than {LARGEST_CONTEXT // 1024} kB")
    return raw


def _context(raw: bytes, environment: str) -> dict[str, str]:
    if not raw.strip():
        return {"environment": environment}
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        raise _Odd("PARSE_ERROR", "the body is no JSON") from None
    context = given.get("context", {}) if isinstance(given, dict) else None
    if context is None and isinstance(given, dict):
        context = {}
    if not isinstance(context, dict):
        raise _Odd("INVALID_CONTEXT", "the body is an object with the object `context`")
    if not isinstance(context.get(TARGET), str | None):
        raise _Odd("INVALID_CONTEXT", f"{TARGET} is text")
    return context_of(context) | {"environment": environment}


def _not_allowed() -> web.Response:
    return web.json_response(
        {"errorDetails": "the token is missing or not one of FLAG_TOKENS"}, status=401,
        headers={"WWW-Authenticate": "Bearer"},
    )  # fmt: skip


def _wrong(status: int, told: Mapping[str, str]) -> web.Response:
    return web.json_response(told, status=status)
