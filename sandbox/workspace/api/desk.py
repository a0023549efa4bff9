"""What every Web API method works with, and the shapes in which Slack tells about messages and people."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.workspace import seed
from sandbox.workspace.limits import Limits
from sandbox.workspace.permits import Permits
from sandbox.workspace.records import Channel, Json, Member, Message
from sandbox.workspace.state import TOMBSTONE, State

ALL_SCOPES = frozenset(
    {
        "app_mentions:read",
        "bookmarks:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "pins:write",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)


@dataclass
class Upload:
    """A file on its way into the workspace."""

    id: str
    name: str
    length: int
    alt: str = ""
    content: bytes = b""
    complete: bool = False


@dataclass
class Desk:
    """The parts of the workspace that calls read and change."""

    state: State
    permits: Permits
    limits: Limits
    scopes: frozenset[str] = ALL_SCOPES
    base_url: Callable[[], str] = lambda: "http://127.0.0.1"
    uploads: dict[str, Upload] = field(default_factory=dict)

    def message_json(self, message: Message, metadata: bool = False) -> Json:
        """A message as history, answers and payloads show it."""
        member = self.state.members[message.user]
        shown: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
        shown["team"] = seed.TEAM_ID
        if member.is_bot:
            shown |= {"bot_id": seed.BOT_ID, "app_id": seed.APP_ID, "bot_profile": bot_profile()}
        for key in ("blocks", "attachments", "files"):
            if value := getattr(message, key):
                shown[key] = value
        if message.subtype:
            shown |= {"subtype": message.subtype, "hidden": message.subtype == TOMBSTONE}
        if message.edited_ts:
            shown["edited"] = {"user": message.user, "ts": message.edited_ts}
        if message.reactions:
            shown["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items()]
        if metadata and message.metadata is not None:
            shown["metadata"] = message.metadata
        self._thread_facts(message, shown)
        return shown

    def _thread_facts(self, message: Message, shown: Json) -> None:
        replies = [] if message.is_reply else self.state.replies(message.channel, message.ts)
        if message.is_reply:
            head = self.state.thread_head(message.channel, message.thread_ts)
            shown |= {"thread_ts": message.thread_ts, "parent_user_id": head.user if head else ""}
        elif replies:
            shown |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}

    def channel_json(self, channel: Channel) -> Json:
        """A channel as conversations.info shows it."""
        shown: Json = {"id": channel.id, "created": 1_700_000_000, "is_archived": channel.archived}
        if channel.is_dm:
            return shown | {"is_im": True, "user": channel.partner, "is_channel": False, "is_org_shared": False}
        return shown | {
            "name": channel.name,
            "name_normalized": channel.name,
            "is_channel": True,
            "is_im": False,
            "is_private": channel.private,
            "is_member": seed.BOT_USER in channel.members,
            "is_general": channel.name == "general",
            "topic": {"value": channel.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "num_members": len(channel.members),
        }


def bot_profile() -> Json:
    """The bot as its messages name it."""
    return {"id": seed.BOT_ID, "name": seed.BOT_NAME, "app_id": seed.APP_ID, "team_id": seed.TEAM_ID, "deleted": False}


def user_json(member: Member, with_email: bool) -> Json:
    """A person as users.info shows it; the mail address only with its own scope, no time zone of who has left."""
    profile: Json = {"real_name": member.name, "display_name": member.name, "title": member.title}
    if member.is_bot:
        profile |= {"api_app_id": seed.APP_ID, "bot_id": seed.BOT_ID}
    elif with_email:
        profile["email"] = member.email
    return {
        "id": member.id,
        "team_id": seed.TEAM_ID,
        "name": member.handle,
        "real_name": member.name,
        "deleted": member.deleted,
        **({} if member.deleted else {"tz": member.zone}),
        "is_bot": member.is_bot,
        "is_app_user": False,
        "is_admin": False,
        "is_restricted": member.guest,
        "is_ultra_restricted": member.guest,
        "profile": profile,
    }


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks as Slack keeps them: what came without `block_id` or `action_id` gets one."""
    return [_with_id(block) for block in blocks]


def _with_id(block: Json) -> Json:
    kept: Json = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    for key in ("accessory", "element"):
        if isinstance(kept.get(key), dict):
            kept[key] = _with_action_id(kept[key])
    if kept["type"] == "actions":
        kept["elements"] = [_with_action_id(element) for element in kept["elements"]]
    return kept


def _with_action_id(element: Json) -> Json:
    if element["type"] == "image":
        return element
    return {**element, "action_id": element.get("action_id") or secrets.token_urlsafe(4)}


def page_of(items: list[Any], cursor: str, limit: int) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next; a cursor is the place where the next page begins."""
    start = int(cursor.removeprefix("at:")) if cursor else 0
    rest = items[start : start + limit]
    return rest, f"at:{start + limit}" if start + limit < len(items) else ""
