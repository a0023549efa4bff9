"""The table of Web API methods: what does the work, which scope it needs and which tier of pace it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.workspace.api import chat, conversations, people, things, views
from sandbox.workspace.api.args import Args
from sandbox.workspace.api.desk import Desk
from sandbox.workspace.records import Json


@dataclass(frozen=True)
class Method:
    """One method; an empty scope means none, or one that depends on the channel and is checked inside."""

    work: Callable[[Desk, Args], Json]
    tier: int
    scope: str = ""


METHODS: dict[str, Method] = {
    "api.test": Method(lambda desk, args: {"args": args.raw}, 5),
    "auth.test": Method(people.auth_test, 5),
    "blocks.validate": Method(views.validate, 4),
    "bookmarks.add": Method(things.bookmarks_add, 2, "bookmarks:write"),
    "chat.delete": Method(chat.delete, 3, "chat:write"),
    "chat.getPermalink": Method(chat.get_permalink, 5),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, "chat:write"),
    "chat.postMessage": Method(chat.post_message, 5, "chat:write"),
    "chat.update": Method(chat.update, 3, "chat:write"),
    "conversations.history": Method(conversations.history, 3),
    "conversations.info": Method(conversations.info, 3),
    "conversations.list": Method(conversations.list_, 2),
    "conversations.members": Method(conversations.members, 4),
    "conversations.open": Method(conversations.open_, 3),
    "conversations.replies": Method(conversations.replies, 3),
    "files.completeUploadExternal": Method(things.files_complete_upload, 4, "files:write"),
    "files.getUploadURLExternal": Method(things.files_get_upload_url, 4, "files:write"),
    "pins.add": Method(things.pins_add, 2, "pins:write"),
    "reactions.add": Method(things.reactions_add, 3, "reactions:write"),
    "team.info": Method(people.team_info, 3, "team:read"),
    "usergroups.list": Method(people.usergroups_list, 2, "usergroups:read"),
    "usergroups.users.list": Method(people.usergroups_users_list, 2, "usergroups:read"),
    "users.info": Method(people.users_info, 4, "users:read"),
    "users.list": Method(people.users_list, 2, "users:read"),
    "users.lookupByEmail": Method(people.users_lookup_by_email, 3, "users:read.email"),
    "views.open": Method(views.open_, 4),
    "views.publish": Method(views.publish, 4),
    "views.push": Method(views.push, 4),
    "views.update": Method(views.update, 4),
}
