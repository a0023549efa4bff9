"""The payloads of what people do, in the shapes that Slack sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.workspace import seed
from sandbox.workspace.api.desk import Desk
from sandbox.workspace.form_values import KEYS, values, view_json
from sandbox.workspace.records import Channel, Json, Member, Message, View

_TOKEN = "verification-is-by-signature"
_ECHOED = ("text", "value", "style", "placeholder", "initial_option", "url")


@dataclass(frozen=True)
class Spot:
    """Something that a person can use: an element of a message or view, and the option chosen in it."""

    surface: Message | View
    block: Json
    element: Json
    option: Json | None = None

    @property
    def confirm(self) -> Json | None:
        """The dialog that asks first, if there is one."""
        dialog: Json | None = self.element.get("confirm")
        return dialog


def _common(kind: str, member: Member) -> Json:
    return {
        "type": kind,
        "token": _TOKEN,
        "team": {"id": seed.TEAM_ID, "domain": seed.TEAM_DOMAIN},
        "user": {
            "id": member.id,
            "username": member.handle,
            "name": member.handle,
            "team_id": seed.TEAM_ID,
        },
        "api_app_id": seed.APP_ID,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def channel_ref(channel: Channel) -> Json:
    """A channel as payloads name it; direct messages have no name of their own."""
    return {"id": channel.id, "name": "directmessage" if channel.is_dm else channel.name}


def command(desk: Desk, member: Member, channel: Channel, word: str, text: str) -> Json:
    """The form of a slash command; trigger and response_url are added by the caller."""
    return {
        "token": _TOKEN,
        "team_id": seed.TEAM_ID,
        "team_domain": seed.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_ref(channel)["name"],
        "user_id": member.id,
        "user_name": member.handle,
        "command": word,
        "text": text,
        "api_app_id": seed.APP_ID,
        "is_enterprise_install": "false",
        "trigger_id": desk.permits.trigger(member.id).id,
    }


def block_actions(desk: Desk, member: Member, spot: Spot, value: Any, drafts: dict[str, dict[str, Json]]) -> Json:
    """A click or a choice; from a message with its container and an address to answer at, from a view without."""
    surface = spot.surface
    payload = _common("block_actions", member)
    payload["actions"] = [_action(desk, spot, value)]
    if isinstance(surface, View):
        payload["trigger_id"] = desk.permits.trigger(member.id, surface.id).id
        payload["container"] = {"type": "view", "view_id": surface.id}
        payload["view"] = view_json(surface)
        return payload
    channel = desk.state.channels[surface.channel]
    payload["trigger_id"] = desk.permits.trigger(member.id).id
    payload["container"] = {
        "type": "message",
        "message_ts": surface.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(surface.only_for),
    }
    if surface.is_reply:
        payload["container"]["thread_ts"] = surface.thread_ts
    payload["channel"] = channel_ref(channel)
    if not surface.only_for:
        payload["message"] = desk.message_json(surface)
    payload["state"] = {"values": values(surface.blocks, drafts)}
    address = desk.permits.address(member.id, channel.id, surface, surface.thread_ts if surface.is_reply else "")
    payload["response_url"] = f"{desk.base_url()}/response/{address.secret}"
    return payload


def _action(desk: Desk, spot: Spot, value: Any) -> Json:
    element = spot.element
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": spot.block["block_id"],
        "action_ts": f"{desk.state.transport.now():.6f}",
    }
    action |= {key: element[key] for key in _ECHOED if key in element}
    if element["type"] == "overflow":
        action["selected_option"] = spot.option
    elif element["type"] in KEYS:
        action[KEYS[element["type"]][0]] = value
    return action


def view_submission(desk: Desk, member: Member, view: View) -> Json:
    """A form that was sent."""
    payload = _common("view_submission", member)
    trigger = desk.permits.trigger(member.id, view.id)
    return payload | {"trigger_id": trigger.id, "view": view_json(view), "response_urls": []}


def view_closed(member: Member, view: View, cleared: bool) -> Json:
    """A form that was closed without being sent."""
    return _common("view_closed", member) | {"view": view_json(view), "is_cleared": cleared}


def shortcut(desk: Desk, member: Member, callback_id: str) -> Json:
    """A global shortcut."""
    payload = _common("shortcut", member)
    stamp = f"{desk.state.transport.now():.6f}"
    return payload | {
        "callback_id": callback_id,
        "trigger_id": desk.permits.trigger(member.id).id,
        "action_ts": stamp,
    }


def message_shortcut(desk: Desk, member: Member, message: Message, callback_id: str) -> Json:
    """A shortcut on a message."""
    channel = desk.state.channels[message.channel]
    address = desk.permits.address(member.id, channel.id, None, message.thread_ts)
    return shortcut(desk, member, callback_id) | {
        "type": "message_action",
        "channel": channel_ref(channel),
        "message_ts": message.ts,
        "message": desk.message_json(message),
        "response_url": f"{desk.base_url()}/response/{address.secret}",
    }
