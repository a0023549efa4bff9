"""The stable address of one place: a small proxy in front of whatever serves there now, or of a folder of pages."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from sandbox.listening import Listening

PATIENCE = aiohttp.ClientTimeout(total=15.0, connect=2.0)
HOPS = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"})


@dataclass
class Front:
    """`behind` are addresses or folders with their percent of the requests; nothing behind answers 503."""

    port: int = 0
    behind: list[tuple[str | Path, int]] = field(default_factory=list)
    _count: int = 0
    _listening: Listening = field(default_factory=Listening)
    _session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._session = aiohttp.ClientSession(timeout=PATIENCE, auto_decompress=False)
        self._listening.port = self.port
        await self._listening.open(app)
        self.port = self._listening.port

    async def close(self) -> None:
        await self._listening.close()
        if self._session is not None:
            await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        found = self._next()
        if found is None:
            return web.Response(status=503, text="nothing runs here")
        if isinstance(found, Path):
            return _file(found, request.path)
        return await self._forward(request, found)

    def _next(self) -> str | Path | None:
        """Who answers this request: of a hundred each has its share, spread evenly."""
        self._count += 1
        turn, sum_of = self._count * 37 % 100, 0  # 37 has no divisor with 100, so each turn comes once in a hundred
        for behind, share in self.behind:
            sum_of += share
            if turn < sum_of:
                return behind
        return None

    async def _forward(self, request: web.Request, to: str) -> web.StreamResponse:
        assert self._session is not None, "the front is not open"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOPS}
        body = await request.read()
        try:
            async with self._session.request(
                request.method, f"{to}{request.rel_url}", data=body or None, headers=headers, allow_redirects=False
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOPS}
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return web.Response(status=502, text="what runs here does not answer")


def _file(folder: Path, path: str) -> web.Response:
    """A page of a folder; `/owners` is `owners/index.html`."""
    wanted = (folder / path.lstrip("/")).resolve()
    if not wanted.is_relative_to(folder.resolve()):
        return web.Response(status=404)
    if wanted.is_dir():
        wanted /= "index.html"
    if not wanted.is_file():
        return web.Response(status=404, text="there is no such page")
    kind = mimetypes.guess_type(wanted.name)[0] or "text/plain"
    return web.Response(body=wanted.read_bytes(), content_type=kind)
