"""Control of the sandbox over HTTP: faults, acts of people, and what went over the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Protocol

from aiohttp import web

from sandbox.workspace import seed
from sandbox.workspace.answers import Answers
from sandbox.workspace.api.door import Door
from sandbox.workspace.deliver import Courier
from sandbox.workspace.errors import NotThere, SlackError
from sandbox.workspace.faults import Faults
from sandbox.workspace.people_do import PeopleDo
from sandbox.workspace.person import Person
from sandbox.workspace.plain import Reader
from sandbox.workspace.records import Json, Message
from sandbox.workspace.state import State

LONGEST_WAIT = 25.0


class Controlled(Protocol):
    """The workspace, as far as it is controlled from here."""

    answers: Answers
    courier: Courier
    door: Door
    faults: Faults
    people: PeopleDo
    state: State

    def person(self, name: str) -> Person: ...


class Control:
    """`/sandbox/` + faults, do, act, sees, messages, calls, deliveries, health."""

    def __init__(self, workspace: Controlled) -> None:
        self._workspace = workspace

    def add_to(self, app: web.Application) -> None:
        """Put the routes onto an application."""
        app.router.add_get("/sandbox/faults", self._faults)
        app.router.add_post("/sandbox/faults", self._add_fault)
        app.router.add_delete("/sandbox/faults", self._clear_faults)
        app.router.add_post("/sandbox/do", _kindly(self._do))
        app.router.add_post("/sandbox/act", _kindly(self._act))
        app.router.add_get("/sandbox/sees", _kindly(self._sees))
        app.router.add_get("/sandbox/messages", _kindly(self._messages))
        app.router.add_get("/sandbox/calls", self._calls)
        app.router.add_get("/sandbox/deliveries", self._deliveries)
        app.router.add_get("/sandbox/health", self._health)

    # -- faults ----------------------------------------------------------------------------------------------------

    async def _faults(self, request: web.Request) -> web.Response:
        faults = self._workspace.faults
        rules = [asdict(rule) for rule in faults.rules]
        return web.json_response({"ok": True, "rules": rules, "happened": dict(faults.happened)})

    async def _add_fault(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            method, kind = body.pop("method"), body.pop("kind")
            rule = self._workspace.faults.add(method, kind, **body)
        except (KeyError, ValueError, TypeError) as fault:
            return web.json_response({"ok": False, "error": str(fault)}, status=400)
        return web.json_response({"ok": True, "rule": asdict(rule)})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._workspace.faults.clear()
        return web.json_response({"ok": True})

    # -- what people do --------------------------------------------------------------------------------------------

    async def _do(self, request: web.Request) -> Json:
        body = await _body(request)
        people, state = self._workspace.people, self._workspace.state
        act = str(body.get("act"))
        if act in ("archive", "unarchive"):
            getattr(people, act)(state.channel(body["channel"]))
        elif act in ("join", "leave"):
            getattr(people, act)(state.channel(body["channel"]), state.member(body["person"]).id)
        elif act == "remove_bot":
            people.leave(state.channel(body["channel"]), seed.BOT_USER)
        elif act == "rename":
            people.rename(state.channel(body["channel"]), body["name"])
        elif act == "delete":
            people.delete(self._message(body))
        elif act == "deactivate":
            people.deactivate(state.member(body["person"]).id)
        elif act == "group":
            members = [state.member(name).id for name in body["members"]]
            people.set_group(body["group"], members, bool(body.get("silently")))
        else:
            raise NotThere(f"people here cannot {act!r}")
        return {}

    def _message(self, body: Json) -> Message:
        channel = self._workspace.state.channel(body["channel"])
        message = self._workspace.state.find(channel.id, body["ts"], private=True)
        if message is None:
            raise NotThere("there is no such message")
        return message

    # -- persons ---------------------------------------------------------------------------------------------------

    async def _act(self, request: web.Request) -> Json:
        """A person types, clicks, chooses, fills, submits, closes, opens Home or uses a shortcut."""
        body = await _body(request)
        person = self._workspace.person(body["person"])
        args: Json = body.get("args") or {}
        for key in ("within", "thread", "on"):
            if isinstance(args.get(key), dict):
                args[key] = self._message(args[key])
        came = await _ACTS[str(body.get("act"))](person, args)
        return {"result": came, "form": person.reads(person.form), "private": person.private()}

    async def _sees(self, request: web.Request) -> Json:
        person = self._workspace.person(request.query.get("person", ""))
        return {"sees": asdict(person.sees()), "buttons": person.buttons()}

    async def _messages(self, request: web.Request) -> Json:
        """What was said or changed after `since`, in plain words; waits up to `wait` seconds for something."""
        query = request.query
        since, wait = int(query.get("since", "0")), min(float(query.get("wait", "0")), LONGEST_WAIT)
        state = self._workspace.state
        seq = await state.changed_since(since, wait) if wait > 0 else state.seq
        reader = Reader(state, query.get("zone", "America/New_York"))
        shown = [
            {
                "channel": state.channels[m.channel].name,
                "to": state.channels[m.channel].partner or m.only_for,
                "from": state.members[m.user].name,
                "ts": m.ts,
                "thread_ts": m.thread_ts,
                "private": bool(m.only_for),
                "edited": bool(m.edited_ts),
                "at": m.at.isoformat(),
                "text": reader.message(m),
            }
            for m in state.newer(since)
        ]
        return {"seq": seq, "messages": shown}

    # -- what went over the wire -----------------------------------------------------------------------------------

    async def _calls(self, request: web.Request) -> web.Response:
        wanted = request.query.get("method")
        calls = [asdict(call) for call in self._workspace.door.calls if wanted in (None, call.method)]
        return web.json_response({"ok": True, "calls": calls})

    async def _deliveries(self, request: web.Request) -> web.Response:
        shown = [asdict(delivery) for delivery in self._workspace.courier.deliveries]
        return web.json_response({"ok": True, "deliveries": shown, "troubles": self._workspace.answers.troubles})

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "seq": self._workspace.state.seq, "bot": self._workspace.courier.bot_url})


async def _typed(person: Person, args: Json) -> Json:
    delivery = await person.types(**args)
    return {"ok": delivery is None or delivery.ok, "error": delivery.error if delivery else ""}


async def _clicked(person: Person, args: Json) -> Json:
    pressed = await person.clicks(**args)
    error = pressed.delivery.error if pressed.delivery else ""
    return {"sent": pressed.sent, "ok": pressed.ok, "error": error, "dialog": pressed.dialog}


async def _chosen(person: Person, args: Json) -> Json:
    return {"ok": (await person.chooses(**args)).ok}


async def _filled(person: Person, args: Json) -> Json:
    await person.fills(args["fields"])
    return {}


async def _submitted(person: Person, args: Json) -> Json:
    return {"errors": await person.submits(args.get("fields"))}


async def _closed(person: Person, args: Json) -> Json:
    await person.closes(**args)
    return {}


async def _home(person: Person, args: Json) -> Json:
    await person.opens_home()
    return {}


async def _shortcut(person: Person, args: Json) -> Json:
    return {"ok": (await person.shortcut(**args)).ok}


_ACTS: dict[str, Callable[[Person, Json], Awaitable[Json]]] = {
    "types": _typed,
    "clicks": _clicked,
    "chooses": _chosen,
    "fills": _filled,
    "submits": _submitted,
    "closes": _closed,
    "opens_home": _home,
    "shortcut": _shortcut,
}


def _kindly(work: Callable[[web.Request], Awaitable[Json]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, **await work(request)})
        except (NotThere, SlackError, KeyError, TypeError, ValueError) as refusal:
            return web.json_response({"ok": False, "error": str(refusal)}, status=400)

    return handle


async def _body(request: web.Request) -> Any:
    # Only what is declared as JSON: another site's page cannot send that without being asked first.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send JSON.")
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="Send a JSON object.")
    return body
