"""What the bot answers: to a command in the HTTP body, to a click at its response_url, to a form with an action."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.workspace import seed
from sandbox.workspace.api.args import Args
from sandbox.workspace.api.desk import Desk, with_ids
from sandbox.workspace.api.views import change_form, push_form
from sandbox.workspace.checks import message as checks
from sandbox.workspace.checks.views import checked_view
from sandbox.workspace.deliver import Delivery
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Json, Message, ResponseUrl, View

TROUBLE = "We had some trouble connecting. Try again?"


class Answers:
    """Shows what came back to the person who acted; what Slack could not show is kept in `troubles`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.troubles: list[str] = []

    # -- commands --------------------------------------------------------------------------------------------------

    def to_command(self, delivery: Delivery) -> None:
        """Show the body of a command's answer, or Slack's own line when there was none in time."""
        form = delivery.payload
        if delivery.error:
            self.failed(delivery, form["channel_id"])
            return
        if not delivery.body.strip():
            return
        given = delivery.answer()
        content = given if isinstance(given, dict) else {"text": delivery.body}
        try:
            self._say(content, form["user_id"], form["channel_id"])
        except SlackError as refusal:
            self.troubles.append(f"the answer to {form['command']} {form['text']} was refused: {refusal}")
            self.failed(delivery, form["channel_id"], refusal.code)

    def failed(self, delivery: Delivery, channel: str, code: str = "") -> None:
        """Slack's own private line about an answer that did not come or could not be shown."""
        what = delivery.payload.get("command") or seed.BOT_NAME
        line = f'{what} failed with the error "{code or delivery.error}"'
        self.private(delivery.user, channel, seed.SLACKBOT, {"text": line, "blocks": [], "attachments": []})

    def private(self, user: str, channel: str, author: str, content: Json, thread_ts: str = "") -> Message:
        """A message that only this person sees."""
        state = self._desk.state
        message = Message(
            channel=channel,
            ts=state.new_ts(),
            user=author,
            at=state.release_now(),
            only_for=user,
            thread_ts=thread_ts,
            **content,
        )
        return state.add(message)

    # -- response_url ----------------------------------------------------------------------------------------------

    async def at_address(self, request: web.Request) -> web.Response:
        """`POST /response/<secret>`: five uses in thirty minutes; replace, delete, or say something."""
        try:
            body = await request.json()
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        if not isinstance(body, dict):
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        try:
            address = self._desk.permits.use_address(request.match_info["secret"])
        except SlackError as refusal:
            return web.json_response(refusal.body(), status=404)
        try:
            self._at(address, body)
        except SlackError as refusal:
            self.troubles.append(f"an answer at a response_url was refused: {refusal}")
            return web.json_response(refusal.body(), status=400)
        return web.json_response({"ok": True})

    def _at(self, address: ResponseUrl, body: Json) -> None:
        original = address.message
        if original is not None and original not in self._desk.state.messages.get(original.channel, []):
            original = None
        if body.get("delete_original") is True:
            if original is None:
                raise SlackError("message_not_found")
            self._desk.state.remove(original)
            return
        content = _content(body)
        if body.get("replace_original") is True and original is not None:
            original.text, original.blocks = content["text"], content["blocks"]
            original.attachments = content["attachments"]
            self._desk.state.touch(original)
            return
        thread = str(body.get("thread_ts") or address.thread_ts)
        self._say(body, address.user, address.channel, thread)

    def _say(self, body: Json, user: str, channel: str, thread_ts: str = "") -> Message:
        content = _content(body)
        kind = body.get("response_type", "ephemeral")
        if kind not in ("ephemeral", "in_channel"):
            raise SlackError("invalid_response_type")
        message = self.private(user, channel, seed.BOT_USER, content, thread_ts)
        if kind == "in_channel":
            message.only_for = ""
            message.metadata = checks.metadata(body.get("metadata"))
        return message

    # -- forms -----------------------------------------------------------------------------------------------------

    def to_form(self, delivery: Delivery, view: View) -> None:
        """Act on the answer to a sent form: close it, show errors, change it, put another over it, or close all."""
        stack = self._desk.state.forms.get(view.user, [])
        given = delivery.answer()
        if delivery.error or (delivery.body.strip() and not isinstance(given, dict)):
            self._form_trouble(view, delivery.error or "the answer is not JSON")
            return
        action = given.get("response_action") if isinstance(given, dict) else None
        try:
            if action is None:
                if view in stack:
                    stack.remove(view)
            elif action == "clear":
                stack.clear()
            else:
                self._other_action(str(action), given, view)
        except SlackError as refusal:
            self._form_trouble(view, str(refusal))
        self._desk.state.touch()

    def _other_action(self, action: str, given: Any, view: View) -> None:
        if action == "errors":
            self._show_errors(given.get("errors"), view)
        elif action == "update":
            change_form(self._desk, view, checked_view(given.get("view"), ("modal",)))
        elif action == "push":
            push_form(self._desk, view.user, checked_view(given.get("view"), ("modal",)))
        else:
            raise SlackError("invalid_response_action", action)

    def _show_errors(self, errors: Any, view: View) -> None:
        fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not all(isinstance(word, str) for word in errors.values()):
            raise SlackError("invalid_errors", "errors must map block ids to texts")
        strangers = set(errors) - fields
        if strangers:
            raise SlackError("invalid_errors", f"no input block has the id {', '.join(sorted(strangers))}")
        view.errors = dict(errors)
        self._desk.state.touch(view)

    def _form_trouble(self, view: View, why: str) -> None:
        view.trouble = TROUBLE
        self.troubles.append(f"the form {view.body.get('callback_id')!r} was not answered well: {why}")
        self._desk.state.touch(view)


def _content(body: Json) -> Json:
    args = Args(body)
    blocks = checks.message_blocks(args.structure("blocks", "invalid_blocks_format"))
    attached = checks.attachments(args.structure("attachments", "invalid_attachments"))
    text = args.text("text")
    if not text.strip() and not blocks and not attached:
        raise SlackError("no_text")
    return {"text": text[:40_000], "blocks": with_ids(blocks), "attachments": attached}
