"""Shortcuts and events: what people change is heard, and heard again when it was not taken."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.workspace import Workspace

Json = dict[str, Any]


async def fails(payload: dict[str, Any]) -> web.Response:
    return web.Response(status=500)


async def fails_for_good(payload: dict[str, Any]) -> web.Response:
    return web.Response(status=500, headers={"x-slack-no-retry": "1"})


async def test_shortcuts(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0RELEASES", text="Search is slow.")
    mira = slack.person("Mira")
    await mira.shortcut("start")
    await mira.shortcut("concern", on=mira.newest())
    assert (bot.heard[0]["type"], bot.heard[0]["callback_id"]) == ("shortcut", "start")
    assert (bot.heard[1]["type"], bot.heard[1]["message"]["text"]) == ("message_action", "Search is slow.")
    assert "response_url" in bot.heard[1]
    assert "response_url" not in bot.heard[0]


async def test_a_mention_is_heard(slack: Workspace, bot: Any) -> None:
    await slack.person("Mira").types("@Release Bot why")
    kinds = [payload["event"]["type"] for payload in bot.heard]
    assert sorted(kinds) == ["app_mention", "message"]
    assert bot.heard[0]["event"]["text"] == "<@U0BOT> why"
    assert len({payload["event_id"] for payload in bot.heard}) == 2


async def test_what_people_change_is_heard(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="Card."))["ts"]
    releases = slack.state.channel("releases")
    message = slack.state.find("C0RELEASES", ts)
    assert message is not None
    slack.people.delete(message)
    slack.people.set_group("S0PM", ["U0JO"])
    slack.people.leave(releases, "U0DANA")
    slack.people.rename(releases, "trains")
    slack.people.archive(releases)
    slack.people.leave(releases, "U0BOT")
    await slack.settled()
    events = {p["event"].get("subtype") or p["event"]["type"]: p["event"] for p in bot.heard}
    assert events["message_deleted"]["deleted_ts"] == ts
    assert events["subteam_members_changed"]["added_users"] == ["U0JO"]
    assert events["subteam_members_changed"]["removed_users"] == ["U0MIRA"]
    assert events["member_left_channel"]["user"] == "U0DANA"
    assert events["channel_rename"]["channel"]["name"] == "trains"
    assert events["channel_archive"]["channel"] == "C0RELEASES"
    assert "channel_left" in events


async def test_an_event_comes_again_three_times(slack: Workspace, bot: Any) -> None:
    bot.on("event_callback", fails)
    await slack.person("Mira").opens_home()
    await slack.settled()
    assert [headers.get("x-slack-retry-num") for headers in bot.headers] == [None, "1", "2", "3"]
    assert bot.headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({payload["event_id"] for payload in bot.heard}) == 1


async def test_an_event_is_not_repeated_when_the_bot_says_so(slack: Workspace, bot: Any) -> None:
    bot.on("event_callback", fails_for_good)
    await slack.person("Mira").opens_home()
    await slack.settled()
    assert len(bot.heard) == 1


async def test_a_lost_group_change_is_silent(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    slack.people.set_group("S0PM", [], silently=True)
    await slack.settled()
    assert bot.heard == []
    assert (await client.usergroups_users_list(usergroup="S0PM"))["users"] == []
