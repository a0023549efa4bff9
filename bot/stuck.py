"""What a release manager reads about an effect that waits for a person, and the buttons that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import NotFound
from core.store.outbox import Ruling
from core.usecases.context import Context
from core.usecases.stuck import rule
from handlers.request import Answer, Block, Message, Request
from handlers.views.writing import said

RULINGS: dict[str, tuple[str, Ruling]] = {
    "outbox_retry": ("Post it", "retry"),
    "outbox_happened": ("It was posted", "it happened"),
    "outbox_skip": ("Leave it out", "skip"),
}
WHAT = {
    "slack.post": "a message",
    "slack.card": "the card",
    "slack.ask": "an approval request",
    "slack.turn": "a list of sign-offs",
    "slack.list": "a checklist in the thread",
    "slack.file": "a file",
}


def asked(body: Mapping[str, Any]) -> Message:
    """What did not work, what is safe, what can be done."""
    about = body["about"]
    what = WHAT.get(str(body["kind"]), str(body["kind"]))
    place = f" ({', '.join(str(value) for value in about.values())})" if about else ""
    text = f"I could not deliver {what}{place}: {body['why']}. Nothing else of that place is sent until you decide."
    buttons: list[Block] = [
        {"type": "button", "action_id": verb, "value": str(body["row"]), "text": {"type": "plain_text", "text": label}}
        for verb, (label, _) in RULINGS.items()
    ]
    section: Block = {"type": "section", "text": {"type": "mrkdwn", "text": f"⛔ {said(text, 900)}"}}
    return Message(text, [section, {"type": "actions", "block_id": "do", "elements": buttons}])


async def ruled(request: Request, ctx: Context) -> Answer:
    """A button was pressed. Raises Refused for who may not, NotFound when it is decided already."""
    label, ruling = RULINGS[request.action_id]
    row_id = int(request.value) if request.value.isdigit() else 0

    try:
        await rule(ctx, request.actor, row_id, ruling, request.key or None)
    except NotFound:
        return Answer(private=_plainly("That is decided already; nothing waits any more."))
    return Answer(private=_plainly(f"“{label}”: done, and written down."))


def _plainly(text: str) -> Message:
    return Message(text, [{"type": "section", "text": {"type": "plain_text", "text": text}}])
