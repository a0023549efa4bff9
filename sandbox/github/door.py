"""The one door of the API: token, permission, limit and faults are judged here, then the endpoint does its work."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import unquote, urlencode

import jwt
from aiohttp import web

from sandbox.github import checks, deploying, planning, publishing, pulls
from sandbox.github.call import Call, Listing, Route, checked
from sandbox.github.errors import GitHubError, not_found
from sandbox.github.limits import Limits
from sandbox.github.records import Json, Token
from sandbox.github.state import Hub
from sandbox.workspace.faults import Faults, Rule

ROUTES = (*planning.ROUTES, *pulls.ROUTES, *checks.ROUTES, *publishing.ROUTES, *deploying.ROUTES)
KEPT_CALLS = 20_000
USUAL_PAGE, LARGEST_PAGE = 30, 100


@dataclass(frozen=True)
class Made:
    """A call that came in and what was answered; `fault` is what a rule did to it."""

    op: str
    status: int
    body: Json
    fault: str = ""


@dataclass
class Door:
    """Answers the whole API of one repository. `complaints` are calls that GitHub takes but does not do as asked."""

    hub: Hub
    tokens: dict[str, Token]
    limits: Limits
    faults: Faults
    calls: deque[Made] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    complaints: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        raw = await request.read()
        found = _route(request)
        rule = self.faults.pick(found[0].op, {}) if found else None
        if rule is None:
            return self._answer(request, raw, found)
        return await self._spoiled(request, raw, found, rule)

    def _answer(
        self, request: web.Request, raw: bytes, found: tuple[Route, dict[str, str]] | None
    ) -> web.StreamResponse:
        token: Token | None = None
        body: Json = {}
        headers = {"x-github-media-type": "github.v3; format=json"}
        try:
            token = self._token(request)
            self.limits.take()
            if found is None:
                raise not_found()
            route, path = found
            headers["x-accepted-github-permissions"] = "; ".join(route.needs)
            self._allowed(token, route, path)
            self.hub.notice()
            body = _body(route, raw, request)
            call = Call(self.hub, token, path, request.query, body, raw, request.content_type)
            answer = self._page(request, route.work(call), headers)
            status = route.status
        except GitHubError as refusal:
            status, answer = refusal.status, refusal.body()
            headers |= refusal.headers
        op = found[0].op if found else f"{request.method} {request.path}"
        self.calls.append(Made(op, status, body))
        return self._sent(request, status, answer, headers | self._about(token))

    def _token(self, request: web.Request) -> Token:
        if not request.headers.get("User-Agent"):
            raise GitHubError(403, "Request forbidden by administrative rules. A User-Agent header is needed.")
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if request.path.startswith("/app/"):
            return self._app(kind, value)
        if not value and self.hub.private:
            raise not_found()
        token = self.tokens.get(value.strip()) or self.hub.minted.get(value.strip())
        if kind.lower() not in ("token", "bearer") or token is None:
            raise GitHubError(401, "Bad credentials" if value else "Requires authentication")
        if token.expires is not None and token.expires <= self.hub.now():
            raise GitHubError(401, "Bad credentials")
        return token

    def _app(self, kind: str, proof: str) -> Token:
        """An app shows that it has its key."""
        id, key = self.hub.app
        try:
            jwt.decode(proof, key, algorithms=["RS256"], issuer=id, options={"require": ["iat", "exp", "iss"]})
        except (jwt.PyJWTError, ValueError):
            raise GitHubError(401, "A JSON web token could not be decoded") from None
        if kind.lower() != "bearer":
            raise GitHubError(401, "A JSON web token could not be decoded")
        return Token(proof, f"{id}[bot]", is_app=True)

    def _allowed(self, token: Token, route: Route, path: dict[str, str]) -> None:
        if route.op == "apps.token":
            return
        if path["repo"].lower() != self.hub.repository.lower():
            raise not_found()
        if token.is_classic:
            if "repo" not in (token.scopes or ()):
                raise not_found()
            return
        if not any(_holds(token, need) for need in route.needs) and (route.writes or self.hub.private):
            raise GitHubError(403, "Resource not accessible by personal access token")

    def _about(self, token: Token | None) -> dict[str, str]:
        told = {"x-oauth-scopes": ", ".join(sorted(token.scopes or ()))} if token and token.is_classic else {}
        if token is not None and token.expires is not None:
            told["github-authentication-token-expiration"] = token.expires.strftime("%Y-%m-%d %H:%M:%S UTC")
        return told

    def _page(self, request: web.Request, answer: Json | Listing | None, headers: dict[str, str]) -> object:
        """Cut a list into pages and name the others in the Link header."""
        if not isinstance(answer, Listing):
            return answer
        size, page = _count(request, "per_page", USUAL_PAGE), _count(request, "page", 1)
        if size > LARGEST_PAGE:
            self.complaints.append(f"{request.path}: per_page={size} is taken for {LARGEST_PAGE}")
        size = min(size, LARGEST_PAGE)
        last = max(1, -(-len(answer.items) // size))
        to = {"prev": page - 1, "first": 1} if page > 1 else {}
        to |= {"next": page + 1, "last": last} if page < last else {}
        links = [f'<{self._place(request, number)}>; rel="{rel}"' for rel, number in to.items()]
        if links:
            headers["link"] = ", ".join(links)
        shown = answer.items[(page - 1) * size : page * size]
        return {**answer.extra, "total_count": len(answer.items), answer.key: shown} if answer.key else shown

    def _place(self, request: web.Request, page: int) -> str:
        return f"{self.hub.url()}{request.rel_url.raw_path}?{urlencode({**request.query, 'page': page})}"

    def _sent(self, request: web.Request, status: int, answer: object, headers: dict[str, str]) -> web.Response:
        """The answer, or 304 when the client has it already."""
        raw = b"" if answer is None else json.dumps(answer).encode()
        if request.method == "GET" and status == 200:
            headers["etag"] = f'W/"{hashlib.sha256(raw).hexdigest()}"'
            if request.headers.get("If-None-Match") == headers["etag"]:
                self.limits.give_back()
                status, raw = 304, b""
        headers |= self.limits.headers() | {"Date": formatdate(self.limits.clock.now(), usegmt=True)}
        if raw:
            headers["content-type"] = "application/json; charset=utf-8"
        return web.Response(status=status, body=raw, headers=headers)

    # -- when it shall hurt ----------------------------------------------------------------------------------------

    async def _spoiled(
        self, request: web.Request, raw: bytes, found: tuple[Route, dict[str, str]] | None, rule: Rule
    ) -> web.StreamResponse:
        """What the client gets when a rule spoils the call."""
        if rule.kind == "stall":
            await asyncio.sleep(rule.seconds)
            return self._answer(request, raw, found)
        if rule.kind in ("drop", "error_after", "answer_late"):
            done = self._answer(request, raw, found)
            if rule.kind == "answer_late":
                await asyncio.sleep(rule.seconds)
                return done
        self.calls.append(Made(found[0].op if found else "", 0, {}, rule.kind))
        if rule.kind in ("drop", "reset"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if rule.kind == "rate_limited":
            self.limits.secondary, self.limits.retry_after = 1, max(1, round(rule.seconds))
            return self._answer(request, raw, found)
        if rule.kind == "refuse":
            refusal = GitHubError(int(rule.code), "Refused by the test")
            return self._sent(request, refusal.status, refusal.body(), {})
        return web.Response(status=502, text="<html>Unicorn!</html>", content_type="text/html")


def _route(request: web.Request) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        match = route.pattern.fullmatch(request.rel_url.raw_path)
        if match and route.method == request.method:
            return route, {name: unquote(part) for name, part in match.groupdict().items()}
    return None


def _holds(token: Token, need: str) -> bool:
    name, _, level = need.partition("=")
    return token.permissions.get(name) in (level, "write")


def _body(route: Route, raw: bytes, request: web.Request) -> Json:
    if not route.fields:
        return {}
    try:
        body = json.loads(raw or b"null")
    except ValueError:
        raise GitHubError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise GitHubError(400, "Body should be a JSON object")
    checked(route.fields, body)
    return body


def _count(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() else usual
