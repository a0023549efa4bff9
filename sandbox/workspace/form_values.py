"""What a form holds: the values at first, what was typed over them, and the shapes in which Slack sends both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.workspace import seed
from sandbox.workspace.records import Json, View

# For each kind of element: the key of its value in `state.values`, and the key of what it holds at first.
KEYS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
}
_LISTS = ("selected_options", "selected_users")


def fields(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each element that holds a value, with its block."""
    for block in blocks:
        elements = [block.get("element"), block.get("accessory")]
        if block["type"] == "actions":
            elements += block["elements"]
        for element in elements:
            if isinstance(element, dict) and element["type"] in KEYS:
                yield block, element


def first_value(element: Json) -> Json:
    """The value state of an element that nobody touched."""
    key, initial = KEYS[element["type"]]
    return {"type": element["type"], key: element.get(initial, [] if key in _LISTS else None)}


def values(blocks: list[Json], drafts: dict[str, dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """`state.values`: for each field what it holds now."""
    state: dict[str, dict[str, Json]] = {}
    for block, element in fields(blocks):
        typed = drafts.get(block["block_id"], {}).get(element["action_id"])
        state.setdefault(block["block_id"], {})[element["action_id"]] = typed or first_value(element)
    return state


def held(element: Json, drafts: dict[str, dict[str, Json]], block_id: str) -> Any:
    """The bare value of a field."""
    key, _ = KEYS[element["type"]]
    return (drafts.get(block_id, {}).get(element["action_id"]) or first_value(element)).get(key)


def view_json(view: View) -> Json:
    """A view as answers and payloads show it."""
    body = view.body
    shown: Json = {
        "id": view.id,
        "team_id": seed.TEAM_ID,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": body.get("private_metadata") or "",
        "callback_id": body.get("callback_id") or "",
        "external_id": body.get("external_id") or "",
        "state": {"values": values(view.blocks, view.drafts)},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id or None,
        "app_id": seed.APP_ID,
        "app_installed_team_id": seed.TEAM_ID,
        "bot_id": seed.BOT_ID,
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
    }
    for key in ("title", "submit", "close"):
        shown[key] = body.get(key)
    return shown
