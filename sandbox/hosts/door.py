"""The door of a host's API: token, limit, route, body and faults are judged here, then the host does its work."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.hosts.yard import Deployment, Place, Yard
from sandbox.workspace.clock import TransportClock
from sandbox.workspace.faults import Faults, Rule

Json = dict[str, Any]
KEPT_CALLS = 5000


class HostError(Exception):
    """A call that the host refuses."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(f"{status} {message}")
        self.status, self.message, self.code = status, message, code


@dataclass(frozen=True)
class Call:
    """One call: the variable parts of the path, the query, the body, and the key by which it is done once."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    key: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer with another status than usual."""

    status: int
    body: object = None


Work = Callable[[Call], Awaitable[object]]


@dataclass(frozen=True)
class Route:
    """`fields` are the keys of the body, those with `!` are needed; `query` are the words that may be asked."""

    op: str
    method: str
    pattern: re.Pattern[str]
    work: Work
    fields: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    status: int = 200


def route(op: str, said: str, work: Work, *, fields: str = "", query: str = "", status: int = 200) -> Route:
    """A row: `said` is "POST /services/{service}/deploys"."""
    method, _, path = said.partition(" ")
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return Route(op, method, re.compile(pattern), work, tuple(fields.split()), tuple(query.split()), status)


@dataclass
class Door:
    """One host. `remaining` calls are left until the limit; `calls` are what came in, with the status it got."""

    yard: Yard
    token: str
    clock: TransportClock = field(default_factory=TransportClock)
    faults: Faults = field(default_factory=Faults)
    remaining: int = 400
    retry_after: int = 7
    calls: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))

    def routes(self) -> tuple[Route, ...]:
        """What the host answers."""
        return ()

    def refusal(self, refused: HostError) -> Json:
        """The body of a refusal, as the vendor writes it."""
        return {"error": refused.message}

    def limits(self) -> dict[str, str]:
        """The headers about the limit, as the vendor names them."""
        return {}

    def place(self, id: str) -> Place:
        found = self.yard.places.get(id)
        if found is None:
            raise HostError(404, f"{id} is not here", "not_found")
        return found

    def deployment(self, place: Place, id: str) -> Deployment:
        found = self.yard.get(id)
        if found is None or found.place is not place:
            raise HostError(404, f"there is no deployment {id}", "not_found")
        return found

    def commit(self, name: str) -> str:
        """A commit that the repository has. Raises HostError for any other."""
        found = self.yard.worker.commit(name)
        if found is None:
            raise HostError(400, f"there is no commit {name}", "incorrect_git_source_info")
        return found

    async def handle(self, request: web.Request, path: str) -> web.StreamResponse:
        """One call; `path` is what follows the host's own address."""
        raw = await request.read()
        there = [(one, match) for one in self.routes() if (match := one.pattern.fullmatch(path))]
        found = next((both for both in there if both[0].method == request.method), None)
        rule = self.faults.pick(found[0].op, {}) if found else None
        if found is None:
            refused = HostError(405 if there else 404, "there is no such call", "not_found")
            return self._sent("", refused.status, self.refusal(refused), {})
        if rule is None:
            return await self._answer(request, raw, *found)
        return await self._spoiled(request, raw, found, rule)

    async def _answer(self, request: web.Request, raw: bytes, row: Route, match: re.Match[str]) -> web.Response:
        headers: dict[str, str] = {}
        try:
            self._allowed(request)
            self.yard.notice()
            path = {name: unquote(part) for name, part in match.groupdict().items()}
            call = Call(path, request.query, _body(row, raw, request), request.headers.get("Idempotency-Key", ""))
            status, told = row.status, await row.work(call)
            if isinstance(told, Answer):
                status, told = told.status, told.body
        except HostError as refused:
            status, told = refused.status, self.refusal(refused)
            if status == 429:
                headers["Retry-After"] = str(self.retry_after)
        return self._sent(row.op, status, told, headers)

    def _allowed(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise HostError(401, "the token is missing or not known", "forbidden")
        if self.remaining <= 0:
            raise HostError(429, "too many requests", "rate_limited")
        self.remaining -= 1

    def _sent(self, op: str, status: int, told: object, headers: Mapping[str, str]) -> web.Response:
        self.calls.append((op, status))
        date = {"Date": formatdate(self.clock.now(), usegmt=True)}
        raw = b"" if told is None else json.dumps(told).encode()
        kind = {"Content-Type": "application/json"} if raw else {}
        return web.Response(status=status, body=raw, headers={**headers, **self.limits(), **date, **kind})

    async def _spoiled(
        self, request: web.Request, raw: bytes, found: tuple[Route, re.Match[str]], rule: Rule
    ) -> web.StreamResponse:
        """What the client gets when a rule spoils the call; `refuse` answers its code and no JSON."""
        if rule.kind == "stall":
            await asyncio.sleep(rule.seconds)
            return await self._answer(request, raw, *found)
        if rule.kind in ("drop", "error_after", "answer_late"):
            done = await self._answer(request, raw, *found)
            if rule.kind == "answer_late":
                await asyncio.sleep(rule.seconds)
                return done
        self.calls.append((found[0].op, 0))
        if rule.kind in ("drop", "reset"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if rule.kind == "rate_limited":
            return web.Response(status=429, headers={"Retry-After": str(round(rule.seconds)), **self.limits()})
        status = int(rule.code) if rule.kind == "refuse" else 502
        return web.Response(status=status, text="<html>something went wrong</html>", content_type="text/html")


def _body(row: Route, raw: bytes, request: web.Request) -> Json:
    strange = set(request.query) - set(row.query)
    if strange:
        raise HostError(400, f"there is no query {', '.join(sorted(strange))}", "bad_request")
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise HostError(400, "the body is no JSON", "bad_request") from None
    if not isinstance(body, dict):
        raise HostError(400, "the body is no object", "bad_request")
    known = {name.rstrip("!") for name in row.fields}
    lacking = {name.rstrip("!") for name in row.fields if name.endswith("!")} - set(body)
    if lacking or set(body) - known:
        raise HostError(400, f"wrong fields: {', '.join(sorted(lacking | set(body) - known))}", "bad_request")
    return body
