"""The sandbox page over HTTP: its files, its state by long poll, and what a person does on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.workspace import page_view
from sandbox.workspace.clock import ReleaseClock
from sandbox.workspace.errors import NotThere, SlackError
from sandbox.workspace.hands import Hands
from sandbox.workspace.page_guide_run import Guide
from sandbox.workspace.records import Json, Message
from sandbox.workspace.state import State

FILES = Path(__file__).parent / "page"
LONGEST_POLL = 25.0
LONGEST_JUMP = timedelta(days=400)
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Nothing from outside, no code in the markup: foreign text that slipped through could still do nothing.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass
class PageExtras:
    """What a demo adds to the bare workspace; each is left out of the page when it is not given."""

    product: Callable[[], Json | Awaitable[Json]] | None = None
    start_over: Callable[[], Awaitable[None]] | None = None
    pipeline: Callable[[str, bool], Awaitable[str]] | None = None  # a kind, whether it fails -> what is wrong
    commands: list[Json] = field(default_factory=list)
    shortcuts: list[Json] = field(default_factory=list)
    guide: bool = True


class PageApi:
    """The routes of the page, over one workspace."""

    def __init__(self, state: State, hands: Hands, clock: ReleaseClock, extras: PageExtras | None = None) -> None:
        self.state = state
        self.hands = hands
        self.clock = clock
        self.extras = extras or PageExtras()
        self._dismissed: set[str] = set()
        self.guide = Guide(state, hands, clock, self._put_away) if self.extras.guide else None
        self._acts: dict[str, Callable[[str, Json], Awaitable[Json]]] = {
            "command": self._command,
            "message": self._message,
            "reply": self._message,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "shortcut": self._shortcut,
            "dismiss": self._dismiss,
            "read": self._read,
        }

    def add_to(self, app: web.Application) -> None:
        """Put the page's routes onto an application."""
        app.router.add_get("/", self._index)
        app.router.add_get("/page/state", self._state)
        app.router.add_get("/page/product", self._product)
        app.router.add_post("/page/act", self._act)
        app.router.add_post("/page/clock", self._clock)
        app.router.add_post("/page/reset", self._reset)
        app.router.add_post("/page/guide", self._guide)
        app.router.add_post("/sandbox/ci", self._ci)
        app.router.add_get("/page/{name}", self._file)
        app.on_shutdown.append(self._let_go)

    async def _let_go(self, app: web.Application) -> None:
        """Answer the pages that wait, so that stopping does not wait for them."""
        self.state.touch()

    # -- files -----------------------------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.Response:
        return _file("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return _file(request.match_info["name"])

    # -- state -----------------------------------------------------------------------------------------------------

    async def _state(self, request: web.Request) -> web.Response:
        user = self._user(request.query.get("as", ""))
        since = _number(request.query.get("since", "-1"))
        await self.state.changed_since(since, LONGEST_POLL)
        due = self.clock.next_due()
        shown = page_view.workspace_json(self.state, user, self._dismissed)
        shown |= {
            "seq": self.state.seq,
            "now": self.clock.now().timestamp(),
            "next": {"at": due.at.timestamp(), "label": due.label} if due else None,
            "commands": self.extras.commands,
            "shortcuts": self.extras.shortcuts,
            "product": await self._product_facts(),
            "guide": self.guide.json() if self.guide else None,
        }
        return _json(shown)

    async def _product(self, request: web.Request) -> web.Response:
        return _json({"product": await self._product_facts()})

    async def _product_facts(self) -> Json | None:
        if self.extras.product is None:
            return None
        facts = self.extras.product()
        return await facts if isinstance(facts, Awaitable) else facts

    def _user(self, name: str) -> str:
        """The id of the person by id or name; the first of the cast when there is no such person."""
        try:
            return self.state.member(name).id
        except NotThere:
            return next(m.id for m in self.state.members.values() if m.cast)

    # -- acts ------------------------------------------------------------------------------------------------------

    async def _act(self, request: web.Request) -> web.Response:
        body = await _body(request)
        act = self._acts.get(str(body.get("kind")))
        if act is None:
            return _json({"ok": False, "error": f"The page does not know {body.get('kind')!r}."})
        try:
            member = self.state.member(str(body.get("as", "")))
            return _json({"ok": True, **await act(member.id, body)})
        except (NotThere, SlackError) as refusal:
            told = str(refusal)
            return _json({"ok": False, "error": told[:1].upper() + told[1:]})
        except (KeyError, TypeError) as fault:
            return _json({"ok": False, "error": f"The page sent something incomplete: {fault}."})

    async def _command(self, user: str, body: Json) -> Json:
        return _trouble(await self.hands.command(user, body["channel"], body["text"]))

    async def _message(self, user: str, body: Json) -> Json:
        return _trouble(await self.hands.say(user, body["channel"], body["text"], body.get("thread_ts", "")))

    async def _click(self, user: str, body: Json) -> Json:
        action = {**body.get("choice", {}), "block_id": body["block_id"], "action_id": body["action_id"]}
        return _trouble(await self.hands.click(user, _place(body), action, body.get("values", {})))

    async def _submit(self, user: str, body: Json) -> Json:
        trouble, errors = await self.hands.submit(user, body["view"], body["values"])
        return {**_trouble(trouble), "errors": errors or None}

    async def _close(self, user: str, body: Json) -> Json:
        return _trouble(await self.hands.close(user, body["view"]))

    async def _home(self, user: str, body: Json) -> Json:
        return _trouble(await self.hands.home(user))

    async def _shortcut(self, user: str, body: Json) -> Json:
        return _trouble(await self.hands.shortcut(user, body["callback_id"], _place(body)))

    async def _dismiss(self, user: str, body: Json) -> Json:
        place = body["message"]
        message = self.state.find(place["channel"], place["ts"], private=True)
        if message is None or message.only_for != user:
            raise NotThere("this private answer is gone already")
        self._put_away(message)
        return {}

    def _put_away(self, message: Message) -> None:
        self._dismissed.add(page_view.dismiss_key(message))
        self.state.touch()

    async def _read(self, user: str, body: Json) -> Json:
        self.state.mark_read(user, self.state.channel(body["channel"]).id)
        return {}

    # -- the clock, the product, the guide ---------------------------------------------------------------------------

    async def _clock(self, request: web.Request) -> web.Response:
        body = await _body(request)
        now = self.clock.now()
        try:
            moment = self._wanted(body, now)
        except (TypeError, ValueError, OverflowError):
            return _json({"ok": False, "error": "The page asked for a time that is none."})
        if moment is None:
            return _json({"ok": False, "error": "Nothing is due."})
        if not now <= moment <= now + LONGEST_JUMP:
            return _json({"ok": False, "error": "The clock only goes forward, at most a year at once."})
        before = {m.ts for c in self.state.messages.values() for m in c}
        trouble = await self.clock.move_to(moment)
        fresh = sum(1 for c in self.state.messages.values() for m in c if m.ts not in before and not m.only_for)
        trail = f"{fresh or 'no'} new {'message' if fresh == 1 else 'messages'} on the way"
        self.state.touch()
        return _json({"now": self.clock.now().timestamp(), "trail": trail, "ok": not trouble, "error": trouble or None})

    def _wanted(self, body: Json, now: datetime) -> datetime | None:
        if "hours" in body:
            return now + timedelta(hours=float(body["hours"]))
        if body.get("to") != "next":
            return datetime.fromtimestamp(float(body.get("to", "")), UTC)
        due = self.clock.next_due()
        return max(due.at, now) if due else None

    async def _ci(self, request: web.Request) -> web.Response:
        """{"kind": "performance", "fails": true}: the job runs again on the newest candidate and ends like this."""
        body = await _body(request)
        if self.extras.pipeline is None:
            return _json({"ok": False, "error": "There is no pipeline here."})
        trouble = await self.extras.pipeline(str(body.get("kind", "")), bool(body.get("fails")))
        return _json({"ok": not trouble, "error": trouble or None})

    async def _reset(self, request: web.Request) -> web.Response:
        if self.extras.start_over is None:
            return _json(
                {"ok": False, "error": "Starting over is not possible here. Stop the sandbox, start it again."}
            )
        await self.extras.start_over()
        self._dismissed.clear()
        self.state.touch()
        return _json({"ok": True})

    async def _guide(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if self.guide is None:
            return _json({"ok": False, "error": "There is no guide here."})
        trouble = await self.guide.does(str(body.get("step", "")))
        return _json({"ok": not trouble, "error": trouble or None})


def _file(name: str) -> web.Response:
    path = FILES / Path(name).name
    if path.suffix not in _KINDS or not path.is_file():
        raise web.HTTPNotFound(text="There is no such page.")
    return web.Response(text=path.read_text(encoding="utf-8"), content_type=_KINDS[path.suffix], headers=_HEADERS)


async def _body(request: web.Request) -> Json:
    # Only JSON, which a page of another site cannot send unasked: nobody outside acts for a person here.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send JSON.")
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="This is not JSON.") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="Send a JSON object.")
    return body


def _place(body: Mapping[str, Any]) -> Json:
    if "message" in body:
        return {"message": body["message"]}
    return {"view": body["view"]} if "view" in body else {}


def _trouble(text: str) -> Json:
    return {"ok": False, "error": text} if text else {}


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else -1


def _json(body: Json) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})
