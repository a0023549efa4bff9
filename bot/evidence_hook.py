"""POST /evidence: results from CI, a bearer token for each source; a body that is too large is given up, not held."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.logging import log
from core.domain.evidence.limits import LARGEST_BODY, Unreadable, tidy
from core.domain.evidence.model import KINDS
from core.errors import Busy, NotFound, Refused
from core.usecases.context import Context
from core.usecases.evidence import SMALL, Posted, Taken, take
from handlers.views.reasons import as_fact, reason
from handlers.views.writing import spoken

EVIDENCE_PATH = "/evidence"
AT_ONCE, WAITING = 2, 8  # bodies that are read at the same time, and those that may wait for it
READ_SECONDS = 60.0  # for one body to arrive
PATIENCE = 5.0  # seconds; who sends longer makes room when all places are taken
PIECE = 64 * 1024
RETRY_AFTER = "5"
_PACKED = ("zip", "gzip", "x-tar", "x-7z", "x-bzip2", "x-xz", "zstd", "multipart/")
_STATUS = {"large": 413, "archive": 415, "format": 415}  # of what cannot be read; else 422

_log = log("bot.evidence_hook")


@dataclass(slots=True)
class EvidenceHook:
    """`tokens` are secrets by source; none of them is ever logged or answered."""

    ctx: Context
    tokens: Mapping[str, str] = field(repr=False)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _inside: int = 0
    _sending: dict[asyncio.Timeout, float] = field(default_factory=dict)  # since when (loop time), the oldest first

    async def handle(self, request: web.Request) -> web.Response:
        """201 for a new result, 200 for a known one, 202 when no release has the commit; else what is wrong."""
        source = self._source(request)
        if not source:
            _log.warning("evidence_not_allowed", kind=_said(request, "kind"))
            return _wrong(401, "token", "the bearer token is missing or not one of EVIDENCE_TOKENS",
                          {"WWW-Authenticate": "Bearer"})  # fmt: skip
        refused = await self._not_this(request, source)
        if refused is not None:
            return refused
        if self._inside >= AT_ONCE + WAITING and not self._make_room():
            return _wrong(429, "busy", "too many results at the same time; try again", {"Retry-After": RETRY_AFTER})
        self._inside += 1
        try:
            return await self._taken(request, source)
        except TimeoutError:
            return _wrong(408, "slow", f"the body took longer than {READ_SECONDS:g} seconds, or others waited")
        finally:
            self._inside -= 1

    def _make_room(self) -> bool:
        """Give up the body that arrives for longest, if for too long: who sends slowly keeps nobody away."""
        now = asyncio.get_running_loop().time()
        slow = next((limit for limit, since in self._sending.items() if now - since >= PATIENCE), None)
        if slow is None:
            return False
        del self._sending[slow]
        slow.reschedule(now)
        return True

    @contextlib.asynccontextmanager
    async def _arriving(self) -> AsyncIterator[None]:
        """While something of a body is waited for. Raises TimeoutError when that takes too long."""
        async with asyncio.timeout(READ_SECONDS) as limit:
            self._sending[limit] = asyncio.get_running_loop().time()
            try:
                yield
            finally:
                self._sending.pop(limit, None)

    def _source(self, request: web.Request) -> str:
        """Whose token it is; all are compared, in the same time wherever they differ."""
        given = request.headers.get("Authorization", "")
        scheme, _, token = given.partition(" ")
        sent = token.strip().encode(errors="surrogateescape") if scheme.lower() == "bearer" else b""
        found = ""
        for source, secret in self.tokens.items():
            if hmac.compare_digest(sent, secret.encode()):
                found = source
        return found

    async def _not_this(self, request: web.Request, source: str) -> web.Response | None:
        """What can be refused before the body is read."""
        if (request.content_length or 0) > LARGEST_BODY:
            return _large()
        sent = f"{request.headers.get('Content-Type', '')} {request.headers.get('Content-Encoding', '')}".lower()
        if any(word in sent for word in _PACKED):
            return _wrong(415, "archive", "send the report itself as the body, neither packed nor as a form")
        kind = _said(request, "kind")
        rules = (await self.ctx.policy()).evidence
        if kind in KINDS and not rules.allows(source, kind):
            may = ", ".join(rules.kinds_of(source)) or "nothing: [evidence.sources] does not name it"
            return _wrong(403, "kind", f"{source} may not report {kind}; it may report {may}")
        return None

    async def _taken(self, request: web.Request, source: str) -> web.Response:
        """Whoever sends slowly holds no turn: only what is larger than most reports is read in one."""
        async with self._arriving():
            parts = request.content.iter_chunked(PIECE)
            start = await _up_to(parts, SMALL)
        async with self._turns:
            return await self._read_on(request, source, parts, start)

    async def _read_on(
        self, request: web.Request, source: str, parts: AsyncIterator[bytes], start: bytes
    ) -> web.Response:
        said = {name: _said(request, name) for name in ("commit", "kind", "name", "url")}
        try:
            async with self._arriving():
                body = start + await _up_to(parts, LARGEST_BODY + 1)
            if len(body) > LARGEST_BODY:
                return _large()
            posted = Posted(said["commit"], said["kind"], source, body, said["name"], said["url"])
            return _answer(await take(self.ctx, posted))
        except Unreadable as error:
            return _wrong(_STATUS.get(error.why, 422), error.why, str(error))
        except Refused as refused:
            facts: dict[str, Any] = {"names": {}}
            told = [spoken(reason(as_fact(b), facts).detail, facts) for b in refused.blockers]
            return _wrong(422, refused.blockers[0].code.partition(".")[2], " ".join(told))
        except (Busy, NotFound) as error:
            return _wrong(503, "busy", str(error), {"Retry-After": RETRY_AFTER})


async def _up_to(parts: AsyncIterator[bytes], least: int) -> bytes:
    """What comes until it is at least so many bytes or all, so that hardly more than that is ever held."""
    found, size = [], 0
    async for part in parts:
        size += len(part)
        found.append(part)
        if size >= least:
            break
    return b"".join(found)


def _said(request: web.Request, name: str) -> str:
    """A value from the query, else from its header: X-Evidence-Commit."""
    return tidy(request.query.get(name) or request.headers.get(f"X-Evidence-{name.title()}", ""), 2001)


def _answer(taken: Taken) -> web.Response:
    status = 200 if not taken.new else 201 if taken.releases else 202
    return web.json_response({**taken.json, "message": in_words(taken)}, status=status)


def in_words(taken: Taken) -> str:
    """What became of a result, in a sentence."""
    what = f"{taken.kind}: {taken.verdict}"
    if taken.releases:
        where = "counts for " + " and ".join(f"v{version}" for version in taken.releases)
    elif taken.replaced:
        where = f"is kept, but {taken.replaced} was replaced by a newer candidate"
    else:
        where = "is kept: no open release has this commit as its candidate yet"
    again = "" if taken.new else " This was reported before and counts once."
    return f"{what}; it {where}.{again}"


def _large() -> web.Response:
    return _wrong(413, "large", f"the body is larger than {LARGEST_BODY // 1024 // 1024} MB")


def _wrong(status: int, code: str, message: str, headers: Mapping[str, Any] | None = None) -> web.Response:
    return web.json_response({"error": message, "code": code}, status=status, headers=headers)
