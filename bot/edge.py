"""The Slack edge: few Bolt listeners, one wrapper around each request, an answer within three seconds."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import inbound
from bot.logging import log
from bot.replies import Replies, Way
from bot.slack_events import SlackEvents
from core.failpoints import failpoint
from core.ports import Clock
from handlers.request import Answer, Message, Request

ANSWER_UNTIL = 2.4  # seconds after arrival; Slack waits three
SLACK_WAITS = 2.8
REPEATED = "x-slack-retry-num"
LATE = (
    "This takes longer than Slack lets me wait. Look at the card in a moment; if it is not there, do it once more: "
    "nothing is done twice."
)
FAILED = "Something in me failed. It is written down; if nothing changed, please do it once more."
OLD_COMMAND = "I listen to `/release`. Type `/release help` for all words."
EVERYTHING = re.compile(".*", re.DOTALL)

_log = log("bot.edge")
Dispatch = Callable[[Request], Awaitable[Answer]]
Convert = Callable[[dict[str, Any], datetime], Request]


class _OneWorkspace(AsyncAuthorize):
    """The token is a setting: no look-up for each request."""

    def __init__(self, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._token = token

    async def __call__(
        self,
        *,
        context: Any,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=self._token)


@dataclass(slots=True)
class Edge:
    """Turns Slack's requests into handler requests and handler answers into Slack's answers."""

    dispatch: Dispatch
    clock: Clock
    replies: Replies
    events: SlackEvents
    answered: Callable[[str, float], None] | None = None  # hears what kind of request took how long
    _mentions: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # being answered by this process

    def bolt(self, token: str) -> AsyncApp:
        """The Bolt app. Signatures are checked by `bot.web` before anything is parsed."""
        quiet = logging.getLogger("bot.bolt")
        quiet.setLevel(logging.ERROR)
        app = AsyncApp(
            name="release-bot",
            logger=quiet,
            token=token,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=True,
            authorize=_OneWorkspace(token),
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command("/release")(self.on_command)
        app.action(EVERYTHING)(self.on_action)
        app.view_submission(EVERYTHING)(self.on_submit)
        app.view_closed(EVERYTHING)(self.on_close)
        app.event("app_home_opened")(self.on_home)
        app.event("app_mention")(self.on_mention)
        app.event(EVERYTHING)(self.on_event)
        app.shortcut(EVERYTHING)(self.on_shortcut)
        app.command(EVERYTHING)(self.on_other_command)
        app.options(EVERYTHING)(self.on_options)
        return app

    async def on_command(self, request: AsyncBoltRequest) -> BoltResponse:
        way = _way(request.body)
        asked, answer = await self._answer(inbound.command, request.body, way.arrival)
        self.replies.of_later(answer, asked, way)
        return await _respond(self.replies.of_command(answer, asked, way))

    async def on_action(self, request: AsyncBoltRequest) -> BoltResponse:
        way = _way(request.body)
        asked, answer = await self._answer(inbound.action, request.body, way.arrival)
        self.replies.of_click(answer, asked, way)
        self.replies.of_later(answer, asked, way)
        return await _respond(None)

    async def on_submit(self, request: AsyncBoltRequest) -> BoltResponse:
        asked, answer = await self._answer(inbound.submit, request.body, _now())
        return await _respond(self.replies.of_submit(answer, asked))

    async def on_close(self, request: AsyncBoltRequest) -> BoltResponse:
        await self._answer(lambda body, now: inbound.submit(body, now, "close"), request.body, _now())
        return await _respond(None)

    async def on_shortcut(self, request: AsyncBoltRequest) -> BoltResponse:
        way = _way(request.body)
        asked, answer = await self._answer(inbound.shortcut, request.body, way.arrival)
        self.replies.of_click(answer, asked, way)
        return await _respond(None)

    async def on_mention(self, request: AsyncBoltRequest) -> BoltResponse:
        """Slack delivers an event again when our 200 was lost: what was answered is not answered again.

        What it asks for is done under its own key, so the next delivery finds it done; it counts as answered when the
        answer stands, and the 200 waits for that as long as Slack does. Killed before, it is delivered and answered
        again.
        """
        key, arrival = inbound.event_key(request.body), _now()
        asked, answer = await self._answer(inbound.mention, request.body, arrival)
        if not await self.events.was_seen(key) and key not in self._mentions:
            stands = self.replies.of_mention(answer, asked, again=bool(request.headers.get(REPEATED)))
            self._mentions[key] = self.replies.after.start(self._seen(key, stands), "mention")
            self.replies.of_later(answer, asked, Way(arrival))
        if key in self._mentions:
            await asyncio.wait({self._mentions[key]}, timeout=max(0.0, arrival + SLACK_WAITS - _now()))
        return await _respond(None)

    async def _seen(self, key: str, stands: Awaitable[None]) -> None:
        try:
            await stands
            await self.events.seen(key)
        finally:
            self._mentions.pop(key, None)

    async def on_home(self, request: AsyncBoltRequest) -> BoltResponse:
        event = request.body.get("event") or {}
        if event.get("tab", "home") == "home":
            self.replies.after.start(self.events.home_opened(str(event.get("user", ""))), "home")
        return await _respond(None)

    async def on_event(self, request: AsyncBoltRequest) -> BoltResponse:
        """Taken in before the 200, so that what is lost is delivered again by Slack."""
        try:
            await self.events.take(request.body)
        except Exception:  # noqa: BLE001  (the edge's one catch for events: Slack shall deliver it again)
            _log.exception("event_failed", type=(request.body.get("event") or {}).get("type"))
            return BoltResponse(status=500, body="")
        return await _respond(None)

    async def on_other_command(self) -> BoltResponse:
        return await _respond({"response_type": "ephemeral", "text": OLD_COMMAND})

    async def on_options(self) -> BoltResponse:
        return await _respond({"options": []})

    async def _answer(self, convert: Convert, body: dict[str, Any], arrival: float) -> tuple[Request, Answer]:
        """The request and its answer, in time, whatever happens."""
        request = convert(body, self.clock.now())
        try:
            async with asyncio.timeout_at(arrival + ANSWER_UNTIL):
                return request, await self.dispatch(request)
        except TimeoutError:
            _log.warning("answer_late", kind=request.kind, action=request.action_id, text=request.text[:40])
            return request, _said(request, LATE)
        except Exception:  # noqa: BLE001  (with process_before_response an exception would become an empty HTTP 500)
            _log.exception("request_failed", kind=request.kind, action=request.action_id)
            return request, _said(request, FAILED)
        finally:
            if self.answered is not None:
                self.answered(request.kind, _now() - arrival)


def _said(request: Request, words: str) -> Answer:
    message = Message(words, [{"type": "section", "text": {"type": "mrkdwn", "text": words}}])
    return Answer(in_thread=message) if request.kind == "mention" else Answer(private=message)


async def _respond(body: dict[str, Any] | None) -> BoltResponse:
    await failpoint("edge.before_answer")
    return BoltResponse(status=200, body=body if body is not None else "")


def _way(body: dict[str, Any]) -> Way:
    place = body.get("container") or {}
    return Way(_now(), str(body.get("response_url") or ""), place.get("is_ephemeral") is True)


def _now() -> float:
    return asyncio.get_running_loop().time()
