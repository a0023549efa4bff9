"""A strict stand-in for Jira's reading of issues, Cloud and Data Center: what it does not know it refuses."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from sandbox.listening import Listening

_JQL = re.compile(r"key in \(([A-Z][A-Z0-9_]+-\d+(?:, [A-Z][A-Z0-9_]+-\d+)*)\)")
_CATEGORY = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
Fault = Literal["rate", "elsewhere", "garbage", "down", "silent"]


@dataclass
class Work:
    """One issue; `category` is new, indeterminate or done."""

    title: str
    status: str = "Done"
    category: str = "done"


@dataclass
class JiraServer:
    """`async with JiraServer() as jira:` serves it on a free port. With an `email` it is Cloud, without one a Data
    Center; `faults` are the next answers, one after the other."""

    email: str = "bot@asset-anchor.example"
    token: str = "jira_sandbox_token"
    issues: dict[str, Work] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    _listening: Listening = field(default_factory=lambda: Listening(patience=0.2))

    async def __aenter__(self) -> Self:
        app = web.Application()
        version = "3" if self.email else "2"
        app.router.add_get(f"/rest/api/{version}/{'search/jql' if self.email else 'search'}", self._search)
        app.router.add_get(f"/rest/api/{version}/issue/{{key}}", self._one)
        app.router.add_get(f"/rest/api/{version}/myself", self._myself)
        await self._listening.open(app)
        self.url = f"{self._listening.url}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listening.close()

    async def _search(self, request: web.Request) -> web.StreamResponse:
        self._strict(request, {"jql", "fields", "maxResults"})
        self.asked.append(request.query["jql"])
        if (faulty := await self._faulty()) is not None:
            return faulty
        said = _JQL.fullmatch(request.query["jql"])
        keys = said.group(1).split(", ") if said else []
        unknown = [key for key in keys if key not in self.issues]
        if said is None or unknown:
            words = [f"An issue with key '{key}' does not exist for field 'key'." for key in unknown]
            return web.json_response({"errorMessages": words or ["Error in the JQL Query."], "errors": {}}, status=400)
        found = [self._shown(key) for key in keys[: int(request.query["maxResults"])]]
        more = {"isLast": True} if self.email else {"total": len(found)}
        return web.json_response({"issues": found} | more)

    async def _myself(self, request: web.Request) -> web.StreamResponse:
        self._strict(request, set())
        return await self._faulty() or web.json_response({"displayName": "Release Bot", "active": True})

    async def _one(self, request: web.Request) -> web.StreamResponse:
        self._strict(request, {"fields"})
        key = request.match_info["key"]
        self.asked.append(key)
        if (faulty := await self._faulty()) is not None:
            return faulty
        if key not in self.issues:
            words = {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
            return web.json_response(words, status=404)
        return web.json_response(self._shown(key))

    def _strict(self, request: web.Request, known: set[str]) -> None:
        basic = base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
        wanted = f"Basic {basic}" if self.email else f"Bearer {self.token}"
        if request.headers.get("authorization") != wanted:
            raise web.HTTPUnauthorized(text="Client must be authenticated to access this resource.")
        if set(request.query) != known or request.query.get("fields", "summary,status") != "summary,status":
            raise web.HTTPBadRequest(text="the request has other parameters than this stand-in knows")

    async def _faulty(self) -> web.StreamResponse | None:
        match self.faults.pop(0) if self.faults else None:
            case "rate":
                return web.Response(status=429, headers={"retry-after": "2"})
            case "elsewhere":
                return web.Response(status=302, headers={"location": "http://127.0.0.2:9/login"})
            case "garbage":
                return web.Response(text='{"issues": [{"key": 1}]}', content_type="application/json")
            case "down":
                return web.Response(status=503)
            case "silent":
                await asyncio.sleep(30)
        return None

    def _shown(self, key: str) -> dict[str, Any]:
        work = self.issues[key]
        status = {"name": work.status, "statusCategory": {"key": work.category, "name": _CATEGORY[work.category]}}
        return {"key": key, "fields": {"summary": work.title, "status": status}}
