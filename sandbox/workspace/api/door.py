"""The one door of the Web API: token, scope, pace and faults are judged here, then the method does its work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web

from sandbox.workspace.api.args import Args, args_of
from sandbox.workspace.api.desk import Desk
from sandbox.workspace.api.methods import METHODS, Method
from sandbox.workspace.errors import SlackError
from sandbox.workspace.faults import Faults, Rule
from sandbox.workspace.records import Json

KEPT_CALLS = 20_000


@dataclass(frozen=True)
class Call:
    """A call that came in, and what Slack said to it (`ok`, an error code, or the fault that spoiled it)."""

    method: str
    args: Json
    outcome: str
    at: float


@dataclass
class Door:
    """Answers `/api/<method>`."""

    desk: Desk
    token: str
    faults: Faults
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    late: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        name = request.match_info["method"]
        try:
            args = await args_of(request)
        except SlackError as refusal:
            return self._answer(refusal.body())
        rule = self.faults.pick(name, args.raw)
        if rule is not None:
            return await self._spoiled(request, name, args, rule)
        return self._answer(self._work(request, name, args), name)

    def _work(self, request: web.Request, name: str, args: Args) -> Json:
        outcome = "ok"
        try:
            method = METHODS.get(name)
            if method is None:
                raise SlackError("unknown_method", req_method=name)
            self._check_token(request, args)
            self._check_right(name, method)
            answer = {"ok": True, **method.work(self.desk, args)}
        except SlackError as refusal:
            outcome = refusal.code
            answer = refusal.body()
        kept = {key: value for key, value in args.raw.items() if key != "token"}
        self.calls.append(Call(name, kept, outcome, self.desk.state.transport.now()))
        return answer

    def _check_token(self, request: web.Request, args: Args) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or args.text("token")
        if not given:
            raise SlackError("not_authed")
        if given != self.token:
            raise SlackError("invalid_auth")

    def _check_right(self, name: str, method: Method) -> None:
        scopes = self.desk.scopes
        if method.scope and method.scope not in scopes:
            raise SlackError("missing_scope", needed=method.scope, provided=",".join(sorted(scopes)))
        wait = self.desk.limits.call(name, method.tier)
        if wait:
            raise SlackError("ratelimited", retry_after=wait)

    def _answer(self, body: Json, name: str = "") -> web.Response:
        headers = {
            "Date": formatdate(self.desk.state.transport.now(), usegmt=True),
            "X-OAuth-Scopes": ",".join(sorted(self.desk.scopes)),
        }
        if name in METHODS:
            headers["X-Accepted-OAuth-Scopes"] = METHODS[name].scope
        wait = body.pop("retry_after", None)
        if wait is None:
            return web.json_response(body, headers=headers)
        headers["Retry-After"] = str(wait)
        return web.json_response(body, status=429, headers=headers)

    async def _spoiled(self, request: web.Request, name: str, args: Args, rule: Rule) -> web.StreamResponse:
        """What the client gets when a rule spoils the call."""

        def store() -> Json:
            return self._work(request, name, args)

        if rule.kind == "store_late":
            self._store_later(store, rule.seconds)
            return _cut(request)
        if rule.kind in ("stall", "answer_late"):
            body = store() if rule.kind == "answer_late" else None
            await asyncio.sleep(rule.seconds)
            return self._answer(store() if body is None else body, name)
        if rule.kind in ("drop", "error_after"):
            store()
        else:
            self.calls.append(Call(name, args.raw, f"fault:{rule.kind}", self.desk.state.transport.now()))
        if rule.kind in ("drop", "reset"):
            return _cut(request)
        if rule.kind == "rate_limited":
            return self._answer({"ok": False, "error": "ratelimited", "retry_after": max(1, round(rule.seconds))})
        if rule.kind == "refuse":
            return self._answer({"ok": False, "error": rule.code})
        return web.Response(status=500, text="Internal Server Error")

    def _store_later(self, store: Callable[[], Json], seconds: float) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            store()

        task = asyncio.create_task(later())
        self.late.add(task)
        task.add_done_callback(self.late.discard)


def _cut(request: web.Request) -> web.Response:
    """Reset the line; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
