"""Every Slack method and event the bot uses, with the scopes it needs: the manifest and `doctor` are made from this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HISTORY = ("channels:history", "groups:history", "im:history")
CHANNELS = ("channels:read", "groups:read")


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method: how it is called, what it needs, how often it may be called, and what we do with it."""

    http: Literal["GET", "POST"]
    scopes: tuple[str, ...]
    tier: Literal[1, 2, 3, 4, "special"]
    used_for: str
    takes_json: bool = True  # a POST whose arguments may come as JSON


# A direct message is a channel to history, so im:history is asked for; group messages (mpim) are never used.
METHODS: dict[str, Method] = {
    "auth.test": Method("POST", (), "special", "who the bot is, and which scopes its token really has"),
    "chat.delete": Method("POST", ("chat:write",), 3, "takes a doubled message back after a lost lease"),
    "chat.postEphemeral": Method("POST", ("chat:write",), 4, "answers a click where no response URL is left"),
    "chat.postMessage": Method("POST", ("chat:write",), "special", "cards, threads, direct messages, announcements"),
    "chat.update": Method("POST", ("chat:write",), 3, "edits the living card and the approval messages"),
    "conversations.history": Method("GET", HISTORY, 3, "looks for a message before it is sent again"),
    "conversations.info": Method("GET", CHANNELS, 3, "is the channel there, open, and the bot in it"),
    "conversations.list": Method("GET", CHANNELS, 2, "finds the ids of the channels that the policy names"),
    "conversations.open": Method("POST", ("im:write",), 3, "opens a direct message with an approver"),
    "conversations.replies": Method("GET", HISTORY, 3, "looks for an answer in a thread before it is sent again"),
    "files.completeUploadExternal": Method("POST", ("files:write",), 4, "shows an uploaded file where it belongs"),
    "files.getUploadURLExternal": Method(
        "POST", ("files:write",), 4, "where to send a chart or a package of evidence", takes_json=False
    ),
    "usergroups.list": Method("GET", ("usergroups:read",), 2, "finds the user groups that fill a role"),
    "usergroups.users.list": Method("GET", ("usergroups:read",), 2, "who is in the group that may sign"),
    "users.info": Method("GET", ("users:read",), 4, "name, time zone, and whether a person is a guest or has left"),
    "views.open": Method("POST", (), 4, "opens a form"),
    "views.publish": Method("POST", (), 4, "draws a person's App Home"),
    "views.push": Method("POST", (), 4, "opens a form on top of a form"),
    "views.update": Method("POST", (), 4, "fills a form whose facts took longer than three seconds"),
}

PUBLIC, PRIVATE, GROUP = ("channels:read",), ("groups:read",), ("usergroups:read",)
EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "channel_archive": PUBLIC,
    "channel_deleted": PUBLIC,
    "channel_left": PUBLIC,
    "channel_rename": PUBLIC,
    "channel_unarchive": PUBLIC,
    "group_archive": PRIVATE,
    "group_deleted": PRIVATE,
    "group_left": PRIVATE,
    "group_rename": PRIVATE,
    "group_unarchive": PRIVATE,
    "member_joined_channel": CHANNELS,
    "subteam_created": GROUP,
    "subteam_members_changed": GROUP,
    "subteam_updated": GROUP,
}


def scopes() -> tuple[str, ...]:
    """The bot scopes for all of it, sorted: no more than is used, and the slash command's own."""
    needed = {"commands"}
    for method in METHODS.values():
        needed.update(method.scopes)
    for event_scopes in EVENTS.values():
        needed.update(event_scopes)
    return tuple(sorted(needed))


def needs(granted: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """What a token with these scopes cannot do: method or event, and the scopes it lacks."""
    table = {**{name: method.scopes for name, method in METHODS.items()}, **EVENTS, "/release": ("commands",)}
    lacking = {name: tuple(scope for scope in wanted if scope not in granted) for name, wanted in table.items()}
    return {name: missing for name, missing in lacking.items() if missing}
