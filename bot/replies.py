"""Sends what a handler answered: in the HTTP body where Slack allows one, else by the best way that is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.integrations.slack import Slack
from bot.logging import log
from core.errors import IntegrationError
from core.failpoints import failpoint
from handlers.request import Answer, Form, Message, Request

OPEN_UNTIL = 2.5  # seconds after arrival: a trigger lives three
TITLE = "Release Bot"
TOO_LATE = "Slack took too long, so the form did not open. Nothing was changed."
SHAPE_OF_BUTTON = 3  # a form's metadata begins with what its button carried

_log = log("bot.replies")
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """How a request may be answered: when it came, Slack's address for it, whether it was made on a private message."""

    arrival: float
    url: str = ""
    private: bool = False


class AfterAnswer:
    """Work that goes on after an answer: references are kept, a stop waits for it, a failure is written down."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, object], what: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(work, what), name=f"after:{what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, work: Coroutine[Any, Any, object], what: str) -> None:
        try:
            await work
        except Exception:  # noqa: BLE001  (nobody waits for it; an answer that is lost must not end the process)
            _log.exception("after_answer_failed", what=what)

    async def drain(self, seconds: float) -> None:
        """Wait until all of it is done, at most `seconds`."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
            for task in late:
                task.cancel()

    async def idle(self) -> None:
        while self._tasks:
            await asyncio.wait(set(self._tasks))


def shown(message: Message) -> Body:
    return {"text": message.text, "blocks": message.blocks}


def notice(message: Message) -> Body:
    """A private answer where no private message is possible: as a form that only tells something."""
    blocks = message.blocks or [{"type": "section", "text": {"type": "plain_text", "text": message.text[:2900]}}]
    return Form(TITLE, blocks, "notice", close="Close").view()


class Replies:
    """One per process. `publish_home` draws a person's Home afresh."""

    def __init__(self, slack: Slack, publish_home: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        self.after = AfterAnswer()
        self._slack = slack
        self._publish_home = publish_home

    def of_command(self, answer: Answer, request: Request, way: Way) -> Body | None:
        """The HTTP body of a command's answer."""
        if answer.form is not None:
            self.after.start(self._open(answer.form, request, way), "views.open")
        self._home_too(answer, request)
        message = answer.private or answer.in_thread
        return {"response_type": "ephemeral", **shown(message)} if message else None

    def of_click(self, answer: Answer, request: Request, way: Way) -> None:
        """Nothing can stand in the HTTP body of a click."""
        if answer.form is not None:
            self.after.start(self._open(answer.form, request, way), "views.open")
        if answer.private is not None:
            self.after.start(
                self._private(answer.private, request, way, answer.replace and way.private), "private answer"
            )
        self._home_too(answer, request)

    def of_submit(self, answer: Answer, request: Request) -> Body | None:
        """The HTTP body after a form was sent: errors at its fields, what happened, or nothing (it closes)."""
        self._home_too(answer, request)
        if answer.errors:
            return {"response_action": "errors", "errors": dict(answer.errors)}
        if answer.form is not None:
            return {"response_action": "update", "view": answer.form.view()}
        if answer.private is not None:
            return {"response_action": "update", "view": notice(answer.private)}
        return None

    async def of_mention(self, answer: Answer, request: Request, again: bool) -> None:
        """`again`: an earlier delivery may have been answered, so it is looked for; to one person it is said twice."""
        if answer.in_thread is not None:
            if not (again and await self._stands(request)):
                words = answer.in_thread
                await self._slack.post(
                    request.channel, words.text, words.blocks, key=request.key, thread_ts=request.thread_ts
                )
        elif answer.private is not None:
            words = answer.private
            await self._slack.ephemeral(request.channel, request.actor, words.text, words.blocks, request.thread_ts)

    def of_later(self, answer: Answer, request: Request, way: Way) -> None:
        """The answer that was not ready in time, in the place of the first one."""
        if answer.later is not None:
            self.after.start(self._later(answer.later, request, way), "late answer")

    async def _later(self, coming: Awaitable[Answer], request: Request, way: Way) -> None:
        answer = await coming
        if request.kind == "mention":  # under a key of its own: the first answer has the request's
            await self.of_mention(answer, replace(request, key=f"{request.key}:later"), again=False)
        elif message := answer.private or answer.in_thread:
            await self._private(message, request, way, replace=False)

    async def _stands(self, request: Request) -> bool:
        try:
            return bool(await self._slack.find(request.channel, request.key, thread_ts=request.thread_ts))
        except IntegrationError as error:
            _log.warning("answer_not_looked_for", why=str(error))
            return False

    def _home_too(self, answer: Answer, request: Request) -> None:
        if answer.home or request.from_home:
            self.after.start(self._publish_home(request.actor), "home")

    async def _open(self, form: Form, request: Request, way: Way) -> None:
        """Open, or change the form that is open; until the trigger is about to expire."""
        await failpoint("edge.before_open")
        try:
            async with asyncio.timeout_at(way.arrival + OPEN_UNTIL):
                if request.view_id and not request.from_home:
                    await self._slack.update_form(request.view_id, request.view_hash, form.view())
                else:
                    await self._slack.open_form(request.trigger_id, form.view())
        except (TimeoutError, IntegrationError) as error:
            _log.warning("form_not_opened", callback=form.callback_id, why=str(error) or "too late")
            if way.url:
                await self._slack.respond(
                    way.url, {"response_type": "ephemeral", "replace_original": False, **_again(form)}
                )
            else:
                await self._directly(request, **_again(form))

    async def _private(self, message: Message, request: Request, way: Way, replace: bool) -> None:
        await failpoint("edge.before_private")
        if way.url:
            body = {"response_type": "ephemeral", "replace_original": replace, **shown(message)}
            if request.thread_ts and not replace:
                body["thread_ts"] = request.thread_ts
            if await self._slack.respond(way.url, body):
                return
        if request.channel:
            await self._slack.ephemeral(request.channel, request.actor, message.text, message.blocks, request.thread_ts)
            return
        try:
            async with asyncio.timeout_at(way.arrival + OPEN_UNTIL):
                if request.view_id and not request.from_home:
                    await self._slack.push_form(request.trigger_id, notice(message))
                else:
                    await self._slack.open_form(request.trigger_id, notice(message))
        except (TimeoutError, IntegrationError) as error:
            _log.warning("answer_not_shown", why=str(error) or "too late")
            await self._directly(request, **shown(message))

    async def _directly(self, request: Request, text: str, blocks: Sequence[Body]) -> None:
        """A click on Home or in a form has no address and no channel; when no form opens any more, a message tells."""
        await self._slack.post(await self._slack.dm(request.actor), text, blocks, key=request.key)


def _again(form: Form) -> Body:
    """The words for a form that came too late, with the button that opens it again."""
    value = "|".join(form.private_metadata.split("|")[:SHAPE_OF_BUTTON])
    button: Mapping[str, Any] = {
        "type": "button",
        "action_id": form.callback_id,
        "value": value or "||",
        "text": {"type": "plain_text", "text": "Open it again"},
    }
    section = {"type": "section", "text": {"type": "plain_text", "text": TOO_LATE}}
    return {"text": TOO_LATE, "blocks": [section, {"type": "actions", "elements": [button]}]}
