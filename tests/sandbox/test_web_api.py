"""The Web API as slack_sdk sees it: tokens, scopes, messages, threads, metadata, groups, files."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.api.desk import ALL_SCOPES
from sandbox.workspace.workspace import Settings, Workspace

HOME: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}


def form(title: str = "Reject", **over: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": title}, "blocks": [{"type": "divider"}], **over}


async def refusal(work: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await work
    return str(refused.value.response["error"])


# -- who asks --------------------------------------------------------------------------------------------------------


async def test_the_token_is_checked(slack: Workspace) -> None:
    assert await refusal(AsyncWebClient(token="xoxb-other", base_url=slack.api_url).auth_test()) == "invalid_auth"
    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_url}auth.test") as answer:
        assert (await answer.json())["error"] == "not_authed"


async def test_auth_test_names_the_bot_and_its_scopes(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0SANDBOX", "U0BOT", "B0BOT")
    assert set(answer.headers["X-OAuth-Scopes"].split(",")) == ALL_SCOPES
    assert parsedate_to_datetime(answer.headers["Date"]) is not None


async def test_a_missing_scope_is_named() -> None:
    few = Settings(scopes=frozenset({"chat:write", "channels:read", "channels:history"}), rate_scale=0)
    async with Workspace(few) as slack:
        client = AsyncWebClient(token=slack.settings.token, base_url=slack.api_url)
        ts = (await client.chat_postMessage(channel="C0RELEASES", text="Hello."))["ts"]
        with pytest.raises(SlackApiError) as refused:
            await client.pins_add(channel="C0RELEASES", timestamp=ts)
        answer = refused.value.response
        assert (answer["error"], answer["needed"]) == ("missing_scope", "pins:write")
        assert answer["provided"] == "channels:history,channels:read,chat:write"
        dm = (await client.chat_postMessage(channel="U0MIRA", text="Hello."))["channel"]
        for work in (
            client.conversations_history(channel=dm),
            client.conversations_info(channel=dm),
            client.conversations_open(users="U0MIRA"),
            client.conversations_list(types="private_channel"),
            client.users_info(user="U0MIRA"),
            client.usergroups_list(),
        ):
            assert await refusal(work) == "missing_scope"
        await client.conversations_history(channel="C0RELEASES")


async def test_mail_addresses_need_their_own_scope() -> None:
    async with Workspace(Settings(scopes=ALL_SCOPES - {"users:read.email"}, rate_scale=0)) as slack:
        client = AsyncWebClient(token=slack.settings.token, base_url=slack.api_url)
        assert "email" not in (await client.users_info(user="U0MIRA"))["user"]["profile"]
        assert await refusal(client.users_lookupByEmail(email="mira@asset-anchor.example")) == "missing_scope"


# -- messages --------------------------------------------------------------------------------------------------------


async def test_times_are_unique_and_rising(client: AsyncWebClient) -> None:
    posted = [(await client.chat_postMessage(channel="C0RELEASES", text=f"{n}"))["ts"] for n in range(50)]
    assert posted == sorted(set(posted))


async def test_a_person_is_reached_by_id(client: AsyncWebClient, slack: Workspace) -> None:
    posted = await client.chat_postMessage(channel="U0MIRA", text="Your move.")
    opened = await client.conversations_open(users="U0MIRA")
    assert posted["channel"] == opened["channel"]["id"] == "D0MIRA"
    assert slack.person("Mira").sees().dm == ["Your move."]
    assert slack.person("Priya").sees().dm == []


async def test_private_messages_reach_one_person_and_no_history(client: AsyncWebClient, slack: Workspace) -> None:
    ts = (await client.chat_postEphemeral(channel="C0RELEASES", user="U0MIRA", text="Only you."))["message_ts"]
    assert slack.person("Mira").private() == "Only you."
    assert slack.person("Priya").private() == ""
    assert (await client.conversations_history(channel="C0RELEASES"))["messages"] == []
    assert await refusal(client.chat_update(channel="C0RELEASES", ts=ts, text="x")) == "message_not_found"
    assert await refusal(client.chat_getPermalink(channel="C0RELEASES", message_ts=ts)) == "message_not_found"


async def test_metadata_shows_only_when_asked_for_and_stays_on_update(client: AsyncWebClient) -> None:
    effect = {"event_type": "release_bot_effect", "event_payload": {"key": "k1"}}
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="One.", metadata=effect))["ts"]

    async def seen(**more: Any) -> dict[str, Any]:
        messages: list[dict[str, Any]] = (await client.conversations_history(channel="C0RELEASES", **more))["messages"]
        return messages[0]

    assert "metadata" not in await seen()
    assert (await seen(include_all_metadata=True))["metadata"] == effect
    await client.chat_update(channel="C0RELEASES", ts=ts, text="Two.")
    changed = await seen(include_all_metadata=True)
    assert (changed["metadata"], changed["text"]) == (effect, "Two.")
    assert changed["edited"]["user"] == "U0BOT"
    await client.chat_update(channel="C0RELEASES", ts=ts, text="Three.", metadata={})
    assert "metadata" not in await seen(include_all_metadata=True)


async def test_an_edit_has_its_own_shorter_limit(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="One."))["ts"]
    assert await refusal(client.chat_update(channel="C0RELEASES", ts=ts, text="x" * 4001)) == "msg_too_long"
    long = await client.chat_postMessage(channel="C0RELEASES", text="x" * 40_001)
    assert len(long["message"]["text"]) == 40_000
    assert long["response_metadata"]["warnings"] == ["message_truncated"]


async def test_only_its_own_messages_can_be_changed(client: AsyncWebClient, slack: Workspace) -> None:
    said = slack.people.say("U0MIRA", slack.state.channel("releases"), "Mine.")
    assert await refusal(client.chat_update(channel="C0RELEASES", ts=said.ts, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel="C0RELEASES", ts=said.ts)) == "cant_delete_message"


async def test_an_archived_channel_takes_nothing(client: AsyncWebClient, slack: Workspace) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="One."))["ts"]
    slack.people.archive(slack.state.channel("releases"))
    assert await refusal(client.chat_postMessage(channel="C0RELEASES", text="x")) == "is_archived"
    assert await refusal(client.chat_update(channel="C0RELEASES", ts=ts, text="x")) == "is_archived"
    assert await refusal(client.chat_postEphemeral(channel="C0RELEASES", user="U0MIRA", text="x")) == "is_archived"
    assert (await client.conversations_info(channel="C0RELEASES"))["channel"]["is_archived"] is True


async def test_a_removed_bot_is_not_in_the_channel(client: AsyncWebClient, slack: Workspace) -> None:
    slack.people.leave(slack.state.channel("releases"), "U0BOT")
    assert await refusal(client.chat_postMessage(channel="C0RELEASES", text="x")) == "not_in_channel"
    assert await refusal(client.conversations_history(channel="C0RELEASES")) == "not_in_channel"
    assert (await client.conversations_info(channel="C0RELEASES"))["channel"]["is_member"] is False


async def test_threads(client: AsyncWebClient, slack: Workspace) -> None:
    head = (await client.chat_postMessage(channel="C0RELEASES", text="Card."))["ts"]
    first = (await client.chat_postMessage(channel="C0RELEASES", text="One.", thread_ts=head))["ts"]
    below = (await client.chat_postMessage(channel="C0RELEASES", text="Two.", thread_ts=first))["ts"]
    await client.chat_postMessage(channel="C0RELEASES", text="Loud.", thread_ts=head, reply_broadcast=True)
    thread = (await client.conversations_replies(channel="C0RELEASES", ts=below))["messages"]
    assert [m["text"] for m in thread] == ["Card.", "One.", "Two.", "Loud."]
    assert thread[0]["reply_count"] == 3
    assert thread[2]["thread_ts"] == head
    shown = [m.text for m in slack.person("Mira").messages("releases")]
    assert shown == ["Card.", "Loud."]
    history = (await client.conversations_history(channel="C0RELEASES"))["messages"]
    assert [m["text"] for m in history] == ["Loud.", "Card."]
    await client.chat_delete(channel="C0RELEASES", ts=head)
    left = (await client.conversations_replies(channel="C0RELEASES", ts=head))["messages"]
    assert left[0]["subtype"] == "tombstone"
    assert await refusal(client.chat_update(channel="C0RELEASES", ts=head, text="x")) == "message_not_found"


async def test_history_pages_and_bounds(client: AsyncWebClient) -> None:
    posted = [(await client.chat_postMessage(channel="C0RELEASES", text=str(n)))["ts"] for n in range(5)]
    page = await client.conversations_history(channel="C0RELEASES", limit=2)
    assert [m["text"] for m in page["messages"]] == ["4", "3"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel="C0RELEASES", limit=3, cursor=cursor)
    assert ([m["text"] for m in rest["messages"]], rest["has_more"]) == (["2", "1", "0"], False)
    newer = await client.conversations_history(channel="C0RELEASES", oldest=posted[2])
    assert [m["text"] for m in newer["messages"]] == ["4", "3"]
    same = await client.conversations_history(channel="C0RELEASES", oldest=posted[2], latest=posted[3], inclusive=True)
    assert [m["text"] for m in same["messages"]] == ["3", "2"]


async def test_blocks_come_back_with_ids(client: AsyncWebClient) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    kept = (await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=blocks))["message"]["blocks"]
    assert kept[0]["block_id"]
    assert kept[0]["elements"][0]["action_id"]


# -- people, groups, channels ------------------------------------------------------------------------------------------


async def test_people_and_groups(client: AsyncWebClient) -> None:
    mira = (await client.users_lookupByEmail(email="mira@asset-anchor.example"))["user"]
    assert (mira["id"], mira["tz"], mira["is_restricted"]) == ("U0MIRA", "America/New_York", False)
    assert (await client.users_info(user="U0VERA"))["user"]["is_restricted"] is True
    page = await client.users_list(limit=5)
    following = await client.users_list(limit=100, cursor=page["response_metadata"]["next_cursor"])
    everybody = [user["id"] for user in [*page["members"], *following["members"]]]
    assert {"U0PRIYA", "U0THEO", "U0QADIR", "U0MIRA", "U0OLU", "U0SANA", "U0ERIKA", "U0DANA"} <= set(everybody)
    assert len(everybody) == len(set(everybody))
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert next(group for group in groups if group["id"] == "S0PM")["users"] == ["U0MIRA"]
    assert (await client.usergroups_users_list(usergroup="S0PM"))["users"] == ["U0MIRA"]


async def test_channels(client: AsyncWebClient, slack: Workspace) -> None:
    listed = (await client.conversations_list(types="public_channel"))["channels"]
    assert {c["name"]: c["is_member"] for c in listed} == {
        "releases": True,
        "product-news": True,
        "support": True,
        "general": False,
    }
    assert "U0VERA" not in (await client.conversations_members(channel="C0RELEASES"))["members"]
    slack.people.archive(slack.state.channel("support"))
    rest = (await client.conversations_list(exclude_archived=True))["channels"]
    assert "support" not in [c["name"] for c in rest]
    again = await client.conversations_open(users="U0MIRA", return_im=True)
    assert again["channel"]["is_im"] is True


async def test_pins_bookmarks_and_reactions_once(client: AsyncWebClient, slack: Workspace) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="Card."))["ts"]
    await client.pins_add(channel="C0RELEASES", timestamp=ts)
    assert await refusal(client.pins_add(channel="C0RELEASES", timestamp=ts)) == "already_pinned"
    await client.reactions_add(channel="C0RELEASES", timestamp=ts, name="eyes")
    assert await refusal(client.reactions_add(channel="C0RELEASES", timestamp=ts, name="eyes")) == "already_reacted"
    await client.bookmarks_add(channel_id="C0RELEASES", title="Notes", type="link", link="https://example.com")
    assert slack.state.channel("releases").pins == [ts]
    link = (await client.chat_getPermalink(channel="C0RELEASES", message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/C0RELEASES/p{ts.replace('.', '')}")


async def test_a_file_is_uploaded_and_shown(client: AsyncWebClient, slack: Workspace) -> None:
    await client.files_upload_v2(channel="C0RELEASES", filename="log.txt", content="all well", title="The log")
    message = slack.messages("releases")[-1]
    assert slack.person("Mira").reads(message) == "[file: The log]"
    async with aiohttp.ClientSession() as session, session.get(message.files[0]["url_private"]) as answer:
        assert await answer.read() == b"all well"


# -- views -----------------------------------------------------------------------------------------------------------


async def test_a_trigger_opens_one_form_within_three_seconds(client: AsyncWebClient, slack: Workspace) -> None:
    trigger = slack.permits.trigger("U0MIRA")
    await client.views_open(trigger_id=trigger.id, view=form())
    assert await refusal(client.views_open(trigger_id=trigger.id, view=form())) == "exchanged_trigger_id"
    late = slack.permits.trigger("U0MIRA")
    slack.transport.pass_by(2.9)
    early_enough = slack.permits.trigger("U0THEO")
    slack.transport.pass_by(0.2)
    assert await refusal(client.views_open(trigger_id=late.id, view=form())) == "expired_trigger_id"
    await client.views_open(trigger_id=early_enough.id, view=form())


async def test_three_forms_and_no_fourth(client: AsyncWebClient, slack: Workspace) -> None:
    view = (await client.views_open(trigger_id=slack.permits.trigger("U0MIRA").id, view=form("One")))["view"]
    for title in ("Two", "Three"):
        pushed = await client.views_push(trigger_id=slack.permits.trigger("U0MIRA", view["id"]).id, view=form(title))
        assert (pushed["view"]["root_view_id"], pushed["view"]["previous_view_id"] is not None) == (view["id"], True)
    fourth = client.views_push(trigger_id=slack.permits.trigger("U0MIRA", view["id"]).id, view=form("Four"))
    assert await refusal(fourth) == "push_limit_reached"
    outside = client.views_push(trigger_id=slack.permits.trigger("U0THEO").id, view=form())
    assert await refusal(outside) == "not_found"


async def test_a_stale_hash_is_refused(client: AsyncWebClient, slack: Workspace) -> None:
    view = (await client.views_open(trigger_id=slack.permits.trigger("U0MIRA").id, view=form()))["view"]
    newer = (await client.views_update(view_id=view["id"], hash=view["hash"], view=form("Again")))["view"]
    assert newer["hash"] != view["hash"]
    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=form("Late"))
    assert await refusal(stale) == "hash_conflict"
    home = (await client.views_publish(user_id="U0MIRA", view=HOME))["view"]
    await client.views_publish(user_id="U0MIRA", hash=home["hash"], view=HOME)
    assert await refusal(client.views_publish(user_id="U0MIRA", hash=home["hash"], view=HOME)) == "hash_conflict"


async def test_an_external_id_is_unique_and_finds_its_form(client: AsyncWebClient, slack: Workspace) -> None:
    await client.views_open(trigger_id=slack.permits.trigger("U0MIRA").id, view=form(external_id="e1"))
    again = client.views_open(trigger_id=slack.permits.trigger("U0THEO").id, view=form(external_id="e1"))
    assert await refusal(again) == "duplicate_external_id"
    changed = await client.views_update(external_id="e1", view=form("Found", external_id="e1"))
    assert changed["view"]["title"]["text"] == "Found"


async def test_blocks_validate_explains(client: AsyncWebClient) -> None:
    await client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})
    wrong = client.api_call("blocks.validate", json={"view": {"type": "modal", "blocks": []}})
    assert await refusal(wrong) == "invalid_view"
    assert await refusal(client.api_call("blocks.validate", json={})) == "invalid_arguments"
