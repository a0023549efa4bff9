"""The release clock over HTTP: processes follow it by long poll, people and tests move it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox.workspace.clock import Due, Jump, ReleaseClock, utc
from sandbox.workspace.records import Json


def due_json(due: Due) -> Json:
    """A due moment as the clock tells it."""
    return {"at": due.at.isoformat(), "what": due.what, "who": due.who}


class ClockRoutes:
    """`GET /clock`, `POST /clock/next`, `/clock/settled`, `/clock/jump`, `/clock/leave`."""

    def __init__(self, clock: ReleaseClock) -> None:
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the routes onto an application."""
        app.router.add_get("/clock", self._poll)
        app.router.add_post("/clock/next", self._next)
        app.router.add_post("/clock/settled", self._settled)
        app.router.add_post("/clock/jump", self._jump)
        app.router.add_post("/clock/leave", self._leave)

    async def _poll(self, request: web.Request) -> web.Response:
        query = request.query
        known = query.get("known", "")
        if known and not known.isdigit():
            return _fault("known must be a whole number")
        if query.get("process"):
            line = request.transport

            def line_open() -> bool:
                return line is not None and not line.is_closing()

            settles = query.get("settles") == "1"
            await self._clock.poll(query["process"], int(known) if known else None, settles, line_open)
        due = self._clock.next_due()
        now = {"n": self._clock.n, "now": self._clock.now().isoformat()}
        return web.json_response(now | {"next": due_json(due) if due else None})

    async def _next(self, request: web.Request) -> web.Response:
        body = await _body(request)
        process = body.get("process")
        given = body.get("all") or ([body] if body.get("at") else [])
        try:
            dues = [Due(utc(str(one["at"])), str(one.get("what", "")), str(one.get("who", ""))) for one in given]
        except (ValueError, KeyError, TypeError, AttributeError):
            return _fault('send {"process", "at": ISO time or null, "what", "who"}')
        if not process:
            return _fault("process is missing")
        self._clock.announce(str(process), dues)
        self._clock.on_change()
        return web.json_response({"ok": True})

    async def _settled(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if not body.get("process") or not isinstance(body.get("n"), int):
            return _fault('send {"process", "n": whole number}')
        self._clock.settle(str(body["process"]), body["n"])
        return web.json_response({"ok": True})

    async def _leave(self, request: web.Request) -> web.Response:
        self._clock.leave(str((await _body(request)).get("process", "")))
        return web.json_response({"ok": True})

    async def _jump(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            jump = await jump_to(self._clock, body.get("to"))
        except (ValueError, TypeError) as fault:
            return _fault(str(fault))
        return web.json_response(
            {
                "ok": not jump.late,
                "now": jump.now.isoformat(),
                "n": jump.n,
                "trail": [due_json(stop) for stop in jump.trail],
                "late": jump.late,
            }
        )


async def jump_to(clock: ReleaseClock, to: Any) -> Jump:
    """Jump to "next", to an ISO moment, or by {"hours": 1}, {"days": 2}, {"minutes": 5}."""
    if to == "next":
        return await clock.jump(None)
    if isinstance(to, dict):
        if not to or set(to) - {"days", "hours", "minutes", "seconds"}:
            raise ValueError('a jump goes to "next", to an ISO time, or by {"hours": 1}')
        return await clock.jump(clock.now() + timedelta(**to))
    if not isinstance(to, str):
        raise ValueError('a jump goes to "next", to an ISO time, or by {"hours": 1}')
    return await clock.jump(utc(to))


def _fault(what: str) -> web.Response:
    return web.json_response({"ok": False, "error": what}, status=400)


async def _body(request: web.Request) -> Json:
    # Only what is declared as JSON: another site's page cannot send that without being asked first.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send JSON.")
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
