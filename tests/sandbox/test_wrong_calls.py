"""Wrong calls over real HTTP, each refused with Slack's own code and without any change."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.workspace import Workspace

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": words(text)}


FORM: Json = {
    "type": "modal",
    "title": words("Reject"),
    "submit": words("Send"),
    "callback_id": "reject",
    "blocks": [section("Why?")],
}
BIG = [section("x" * 2600) for _ in range(5)]
CALLS: dict[str, tuple[str, Json, str]] = {
    "too much in all": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "blocks": BIG},
        "msg_blocks_too_long",
    ),
    "nothing said": ("chat.postMessage", {"channel": "C0RELEASES"}, "no_text"),
    "only blanks": ("chat.postMessage", {"channel": "C0RELEASES", "text": "  "}, "no_text"),
    "blocks not a list": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "blocks": {"type": "divider"}},
        "invalid_blocks_format",
    ),
    "blocks not JSON": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "blocks": "[{"},
        "invalid_blocks_format",
    ),
    "no channel": ("chat.postMessage", {"text": "x"}, "channel_not_found"),
    "unknown channel": ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    "not invited": ("chat.postMessage", {"channel": "C0GENERAL", "text": "x"}, "not_in_channel"),
    "to another bot": ("chat.postMessage", {"channel": "USLACKBOT", "text": "x"}, "channel_not_found"),
    "thread that is none": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "thread_ts": "1700000000.000001"},
        "cannot_reply_to_message",
    ),
    "thread without a time": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "thread_ts": "yesterday"},
        "invalid_thread_ts",
    ),
    "markdown and text": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "markdown_text": "y"},
        "markdown_text_conflict",
    ),
    "metadata a word": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "metadata": '"key"'},
        "invalid_metadata_format",
    ),
    "metadata without payload": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "metadata": {"event_type": "effect"}},
        "invalid_metadata_schema",
    ),
    "metadata without type": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "metadata": {"event_payload": {}}},
        "invalid_metadata_schema",
    ),
    "metadata too large": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "metadata": {"event_type": "e", "event_payload": {"a": "x" * 16_000}}},
        "metadata_too_large",
    ),
    "101 attachments": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "attachments": [{"text": "a"}] * 101},
        "too_many_attachments",
    ),
    "attachments a word": (
        "chat.postMessage",
        {"channel": "C0RELEASES", "text": "x", "attachments": '"a"'},
        "invalid_attachments",
    ),
    "edit of nothing": (
        "chat.update",
        {"channel": "C0RELEASES", "ts": "1700000000.000001", "text": "x"},
        "message_not_found",
    ),
    "edit without ts": ("chat.update", {"channel": "C0RELEASES", "text": "x"}, "invalid_arguments"),
    "delete of nothing": ("chat.delete", {"channel": "C0RELEASES", "ts": "1700000000.000001"}, "message_not_found"),
    "private to a stranger": (
        "chat.postEphemeral",
        {"channel": "C0RELEASES", "user": "U0NOBODY", "text": "x"},
        "user_not_in_channel",
    ),
    "private to a guest elsewhere": (
        "chat.postEphemeral",
        {"channel": "C0RELEASES", "user": "U0VERA", "text": "x"},
        "user_not_in_channel",
    ),
    "private and too long": (
        "chat.postEphemeral",
        {"channel": "C0RELEASES", "user": "U0MIRA", "text": "x" * 40_001},
        "msg_too_long",
    ),
    "link to nothing": (
        "chat.getPermalink",
        {"channel": "C0RELEASES", "message_ts": "1700000000.000001"},
        "message_not_found",
    ),
    "trigger made up": ("views.open", {"trigger_id": "1.2.x", "view": FORM}, "invalid_trigger_id"),
    "form not JSON": ("views.open", {"trigger_id": "1.2.x", "view": "{"}, "invalid_arguments"),
    "form over 250 kB": (
        "views.open",
        {"trigger_id": "1.2.x", "view": FORM | {"blocks": [section("x" * 2999)] * 90}},
        "view_too_large",
    ),
    "update of no form": ("views.update", {"view_id": "V0NONE", "view": FORM}, "not_found"),
    "update of which form": ("views.update", {"view": FORM}, "invalid_arguments"),
    "Home for nobody": (
        "views.publish",
        {"user_id": "U0NOBODY", "view": {"type": "home", "blocks": []}},
        "invalid_arguments",
    ),
    "Home with a title": (
        "views.publish",
        {"user_id": "U0MIRA", "view": {"type": "home", "title": words("x"), "blocks": []}},
        "invalid_arguments",
    ),
    "form as Home": ("views.publish", {"user_id": "U0MIRA", "view": FORM}, "invalid_arguments"),
    "alert on Home": (
        "views.publish",
        {"user_id": "U0MIRA", "view": {"type": "home", "blocks": [{"type": "alert", "text": words("x")}]}},
        "invalid_arguments",
    ),
    "pin of nothing": ("pins.add", {"channel": "C0RELEASES"}, "no_item_specified"),
    "pin of no message": ("pins.add", {"channel": "C0RELEASES", "timestamp": "1700000000.000001"}, "message_not_found"),
    "pin with a bad time": ("pins.add", {"channel": "C0RELEASES", "timestamp": "now"}, "bad_timestamp"),
    "bookmark without link": (
        "bookmarks.add",
        {"channel_id": "C0RELEASES", "title": "Notes", "type": "link", "link": "notes"},
        "invalid_link",
    ),
    "reaction that is none": (
        "reactions.add",
        {"channel": "C0RELEASES", "name": "no such!", "timestamp": "1700000000.000001"},
        "invalid_name",
    ),
    "unknown person": ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    "unknown mail": ("users.lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
    "unknown group": ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
    "history of nowhere": ("conversations.history", {"channel": "C0NOWHERE"}, "channel_not_found"),
    "history uninvited": ("conversations.history", {"channel": "C0GENERAL"}, "not_in_channel"),
    "history from when": ("conversations.history", {"channel": "C0RELEASES", "oldest": "today"}, "invalid_ts_oldest"),
    "history too much": ("conversations.history", {"channel": "C0RELEASES", "limit": 1000}, "invalid_limit"),
    "history at a bad place": ("conversations.history", {"channel": "C0RELEASES", "cursor": "x"}, "invalid_cursor"),
    "thread not there": (
        "conversations.replies",
        {"channel": "C0RELEASES", "ts": "1700000000.000001"},
        "thread_not_found",
    ),
    "channels of no kind": ("conversations.list", {"types": "secret"}, "invalid_types"),
    "talk with nobody": ("conversations.open", {"users": ""}, "users_list_not_supplied"),
    "talk with a stranger": ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    "file without a name": ("files.getUploadURLExternal", {"length": 5}, "missing_argument"),
    "file never sent": ("files.completeUploadExternal", {"files": [{"id": "F0NONE"}]}, "file_not_found"),
    "no such method": ("chat.shout", {}, "unknown_method"),
}


@pytest.mark.parametrize("name", CALLS)
async def test_wrong_calls_are_refused(name: str, client: AsyncWebClient, slack: Workspace) -> None:
    method, args, code = CALLS[name]
    wanted = slack.state.seq
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=args)
    assert refused.value.response["error"] == code
    assert slack.state.seq == wanted, "a refused call must not change anything"
