"""Slack's payloads as `handlers.request.Request`: nothing is judged here, only taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.request import Request

Body = Mapping[str, Any]
_OUR_NAME = re.compile(r"^\s*<@[A-Z0-9]+(\|[^>]*)?>\s*")
_CHOSEN = (
    "selected_user",
    "selected_channel",
    "selected_conversation",
    "selected_date",
    "selected_time",
    "selected_date_time",
)


def command(body: Body, now: datetime) -> Request:
    trigger = _text(body, "trigger_id")
    return Request(
        "command",
        _text(body, "user_id"),
        now,
        channel=_text(body, "channel_id"),
        text=_typed(body),
        trigger_id=trigger,
        key=f"trigger:{trigger}" if trigger else "",
    )


def action(body: Body, now: datetime) -> Request:
    """A click or a choice: on a message, in an open form, or on Home."""
    done = (body.get("actions") or [{}])[0]
    view, message, place = body.get("view") or {}, body.get("message") or {}, body.get("container") or {}
    trigger = _text(body, "trigger_id")
    return Request(
        "action",
        _person(body),
        now,
        channel=_text(body.get("channel") or {}, "id") or _text(place, "channel_id"),
        thread_ts=_text(message, "thread_ts") or _text(place, "thread_ts"),
        action_id=_text(done, "action_id"),
        value=_one(done) or "",
        values=form_values(view) if view else {},
        private_metadata=_text(view, "private_metadata"),
        callback_id=_text(view, "callback_id"),
        view_id=_text(view, "id"),
        view_hash=_text(view, "hash"),
        trigger_id=trigger,
        message_ts=_text(message, "ts") or _text(place, "message_ts"),
        message_text=_text(message, "text"),
        from_home=view.get("type") == "home",
        key=f"trigger:{trigger}" if trigger else "",
    )


def submit(body: Body, now: datetime, kind: str = "submit") -> Request:
    """A sent form; `kind="close"`: one that was closed without."""
    view = body.get("view") or {}
    return Request(
        "close" if kind == "close" else "submit",
        _person(body),
        now,
        values=form_values(view),
        private_metadata=_text(view, "private_metadata"),
        callback_id=_text(view, "callback_id"),
        view_id=_text(view, "id"),
        view_hash=_text(view, "hash"),
        trigger_id=_text(body, "trigger_id"),
        key=":".join(filter(None, ("view", _text(view, "id"), _text(view, "hash")))),  # a window may hold several forms
    )


def shortcut(body: Body, now: datetime) -> Request:
    """A global shortcut, or one on a message."""
    message, trigger = body.get("message") or {}, _text(body, "trigger_id")
    return Request(
        "shortcut",
        _person(body),
        now,
        channel=_text(body.get("channel") or {}, "id"),
        thread_ts=_text(message, "thread_ts"),
        callback_id=_text(body, "callback_id"),
        trigger_id=trigger,
        message_ts=_text(message, "ts") or _text(body, "message_ts"),
        message_text=_typed(message),
        message_link=_link_to(body),
        message_author=_text(message, "user"),
        key=f"trigger:{trigger}" if trigger else "",
    )


def _link_to(body: Body) -> str:
    """The address of the message that a shortcut was used on, as Slack makes them; "" without one."""
    domain, channel = _text(body.get("team") or {}, "domain"), _text(body.get("channel") or {}, "id")
    message = body.get("message") or {}
    ts, thread = _text(message, "ts"), _text(message, "thread_ts")
    if not (re.fullmatch(r"[a-z0-9-]+", domain) and channel.isalnum() and re.fullmatch(r"[\d.]+", ts)):
        return ""
    behind = f"?thread_ts={thread}&cid={channel}" if re.fullmatch(r"[\d.]+", thread) and thread != ts else ""
    return f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}{behind}"


def mention(body: Body, now: datetime) -> Request:
    """Somebody wrote our name; `thread_ts` is the thread that the answer goes to."""
    event = body.get("event") or {}
    return Request(
        "mention",
        _text(event, "user"),
        now,
        channel=_text(event, "channel"),
        thread_ts=_text(event, "thread_ts") or _text(event, "ts"),
        text=_OUR_NAME.sub("", _typed(event)),
        message_ts=_text(event, "ts"),
        message_text=_typed(event),
        key=f"mention:{_text(body, 'event_id')}",  # not the event's own key: that one says the delivery was seen
    )


def event_key(body: Body) -> str:
    return f"event:{_text(body, 'event_id')}"


def form_values(view: Body) -> dict[str, str | tuple[str, ...] | None]:
    """Block id -> what stands in its one field: text, tuple of texts (several choices) or None."""
    state = (view.get("state") or {}).get("values") or {}
    return {block: _field(next(iter(fields.values()), {})) for block, fields in state.items()}


def _field(field: Body) -> str | tuple[str, ...] | None:
    for several in ("selected_options", "selected_users", "selected_channels", "selected_conversations"):
        if several in field:
            return tuple(str(o["value"]) if isinstance(o, Mapping) else str(o) for o in field[several] or [])
    if field.get("type") == "rich_text_input":
        return "\n".join(_flattened(field.get("rich_text_value") or {}))
    return _one(field)


def _one(field: Body) -> str | None:
    """The one value of a button, menu or field."""
    option = field.get("selected_option")
    if isinstance(option, Mapping):
        return str(option.get("value", ""))
    if isinstance(field.get("selected_options"), list):
        return ",".join(str(o.get("value", "")) for o in field["selected_options"])
    for name in (*_CHOSEN, "value"):
        if field.get(name) is not None:
            return str(field[name])
    return None


def _flattened(node: Body) -> list[str]:
    if "text" in node and isinstance(node["text"], str):
        return [node["text"]]
    return ["".join(_flattened(e)) for e in node.get("elements") or [] if isinstance(e, Mapping)]


def _person(body: Body) -> str:
    return _text(body.get("user") or {}, "id")


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _typed(body: Body) -> str:
    """What a person wrote, without the escapes that Slack puts around & < and >; fields of forms have none."""
    return _text(body, "text").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
