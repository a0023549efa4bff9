"""What the page of one person shows, as plain JSON: exactly what this person may see, nothing of anybody else."""

from __future__ import annotations

from collections.abc import Collection

from sandbox.workspace import seed
from sandbox.workspace.records import Channel, Json, Member, Message, View
from sandbox.workspace.state import State


def workspace_json(state: State, user_id: str, dismissed: Collection[str] = ()) -> Json:
    """People, places, messages and views of one person."""
    places = [c for c in state.places(user_id) if not c.is_dm]
    dm = state.dm_with(user_id)
    form, home = state.form(user_id), state.homes.get(user_id)
    return {
        "me": user_id,
        "bot": state.members[seed.BOT_USER].name,
        "people": [_person(m) for m in state.members.values() if not m.is_bot and not m.deleted] + [_bot(state)],
        "groups": {g.id: g.handle for g in state.groups.values()},
        "channels": [_channel(state, user_id, c) for c in places],
        "dm": _channel(state, user_id, dm),
        "messages": {c.id: _messages(state, user_id, c, dismissed) for c in [*places, dm]},
        "form": _view(form) if form else None,
        "home": {"id": home.id, "blocks": home.blocks} if home else None,
    }


def dismiss_key(message: Message) -> str:
    """How a private answer that was dismissed is remembered."""
    return f"{message.channel}/{message.ts}/{message.only_for}"


def _person(member: Member) -> Json:
    return {"id": member.id, "name": member.name, "title": member.title, "zone": member.zone, "cast": member.cast}


def _bot(state: State) -> Json:
    return {**_person(state.members[seed.BOT_USER]), "title": "App", "is_bot": True}


def _channel(state: State, user_id: str, channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "archived": channel.archived,
        "unread": state.unread(user_id, channel.id),
    }


def _messages(state: State, user_id: str, channel: Channel, dismissed: Collection[str]) -> list[Json]:
    seen = (m for m in state.messages.get(channel.id, []) if state.can_see(user_id, m))
    return [_message(state, m) for m in seen if dismiss_key(m) not in dismissed]


def _message(state: State, message: Message) -> Json:
    author = state.members[message.user]
    return {
        "channel": message.channel,
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "at": message.at.timestamp(),
        "user": author.id,
        "name": author.name,
        "is_bot": author.is_bot,
        "text": message.text,
        "blocks": message.blocks,
        "files": message.files,
        "edited": bool(message.edited_ts),
        "private": bool(message.only_for),
        "broadcast": message.broadcast,
    }


def _view(view: View) -> Json:
    return {
        "id": view.id,
        "root": view.root_id,
        "hash": view.hash,
        "body": {key: view.body.get(key) for key in ("title", "submit", "close", "blocks")},
        "errors": dict(view.errors),
        "trouble": view.trouble,
    }
