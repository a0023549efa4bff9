"""What comes in from Slack and what goes back, as plain data that the Slack edge and the handlers share."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Block = dict[str, Any]
Kind = Literal["command", "action", "submit", "close", "shortcut", "mention", "home", "event"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a person.

    `text` is what was typed behind `/release` or behind the mention. `action_id` and `value` are those of the button;
    of a ⋮ menu `value` is the chosen option's. `values` is a form's state, block id -> str, tuple of str (checkboxes)
    or None. For a message shortcut `callback_id` is its name, `message_text`, `message_ts`,
    `message_link` and `message_author` (a Slack id) are the message's.
    A choice inside an open form arrives as "action" with `view_id` and `callback_id` set. `key` is the request key.
    """

    kind: Kind
    actor: str
    now: datetime
    channel: str = ""
    thread_ts: str = ""
    text: str = ""
    action_id: str = ""
    value: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    private_metadata: str = ""
    callback_id: str = ""
    view_id: str = ""
    view_hash: str = ""
    trigger_id: str = ""
    message_ts: str = ""
    message_text: str = ""
    message_link: str = ""
    message_author: str = ""
    from_home: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: `text` is the full sentence for notifications and screen readers."""

    text: str
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Form:
    """A form. Without `submit` it only tells something."""

    title: str
    blocks: list[Block]
    callback_id: str
    private_metadata: str = ""
    submit: str = ""
    close: str = "Cancel"

    def view(self) -> dict[str, Any]:
        """The form as Slack's modal."""
        view: dict[str, Any] = {
            "type": "modal",
            "title": {"type": "plain_text", "text": self.title},
            "close": {"type": "plain_text", "text": self.close},
            "callback_id": self.callback_id,
            "private_metadata": self.private_metadata,
            "blocks": self.blocks,
        }
        if self.submit:
            view["submit"] = {"type": "plain_text", "text": self.submit}
        return view


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person gets back.

    `form`: to a submit it replaces the form (`response_action: update`); to a choice inside an open form it updates
    that form (views.update with the request's view id and hash); otherwise it is opened after the answer.
    `errors` keeps the form open with words at its fields. Of a submit with neither, the form closes.
    `later`: what stands in `private` or `in_thread` is for now; the real answer comes in the same place.
    """

    private: Message | None = None
    form: Form | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False
    home: bool = False
    in_thread: Message | None = None
    later: Awaitable[Answer] | None = None
