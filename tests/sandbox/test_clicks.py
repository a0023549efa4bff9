"""Presses and choices reach the bot once, in the shapes that Slack sends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.errors import NotThere
from sandbox.workspace.workspace import Workspace

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str, action_id: str = "", **over: Any) -> Json:
    return {"type": "button", "text": words(label), "action_id": action_id or label.lower(), "value": "v1.3.0", **over}


def card(*elements: Json) -> list[Json]:
    return [{"type": "actions", "block_id": "do", "elements": list(elements)}]


async def slow(payload: Json) -> None:
    await asyncio.sleep(0.5)


async def test_a_click_carries_message_ids_and_address(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(
        channel="C0RELEASES", text="Card.", blocks=card(button("Approve…", "approve"))
    )
    pressed = await slack.person("Mira").clicks("Approve")
    assert pressed.ok
    payload = bot.heard[0]
    assert payload["type"] == "block_actions"
    assert payload["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": "C0RELEASES",
        "is_ephemeral": False,
    }
    assert (payload["message"]["ts"], payload["message"]["bot_id"]) == (posted["ts"], "B0BOT")
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("approve", "do", "v1.3.0")
    assert payload["response_url"].startswith(f"{slack.url}/response/")


async def test_the_dialog_comes_first(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    asks = {"title": words("Go?"), "text": words("About 7 min."), "confirm": words("Go"), "deny": words("Not now")}
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Go…", "go", confirm=asks)))
    priya = slack.person("Priya")
    backed_out = await priya.clicks("Go…", confirm=False)
    assert (backed_out.sent, priya.last_dialog, bot.heard) == (False, "Go?\nAbout 7 min.", [])
    assert (await priya.clicks("Go…")).sent
    assert len(bot.heard) == 1


async def test_menus_and_pickers_tell_what_was_chosen(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [{"text": words("Roles"), "value": "roles"}]}
    lead = {"type": "users_select", "action_id": "lead", "placeholder": words("Who leads it?")}
    day = {"type": "datepicker", "action_id": "day"}
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(more, lead, day))
    priya = slack.person("Priya")
    await priya.clicks("Roles")
    await priya.chooses("Who leads it?", "Theo")
    await priya.chooses("day", "2026-12-16")
    chosen = [payload["actions"][0] for payload in bot.heard]
    assert chosen[0]["selected_option"]["value"] == "roles"
    assert chosen[1]["selected_user"] == "U0THEO"
    assert chosen[2]["selected_date"] == "2026-12-16"
    assert bot.heard[2]["state"]["values"]["do"]["lead"]["selected_user"] == "U0THEO"


async def test_a_click_that_times_out_is_told_and_not_repeated(
    slack: Workspace, bot: Any, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Approve")))
    bot.on("block_actions", slow)
    pressed = await slack.person("Mira").clicks("Approve")
    assert not pressed.ok
    assert "operation_timeout" in slack.person("Mira").private()
    await asyncio.sleep(0.3)
    assert len(bot.heard) == 1


async def test_what_a_person_cannot_see_cannot_be_pressed(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="U0MIRA", text="x", blocks=card(button("Approve")))
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Approved list", "list")))
    with pytest.raises(NotThere, match="what is there: Approved list"):
        await slack.person("Priya").clicks("Approve")
    await slack.person("Mira").clicks("Approve", within="dm")
    assert bot.heard[0]["channel"]["name"] == "directmessage"


async def test_home_clicks_have_no_address(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    async def publish(payload: Json) -> None:
        assert payload["event"]["type"] == "app_home_opened"
        await client.views_publish(
            user_id=payload["event"]["user"], view={"type": "home", "blocks": card(button("Open"))}
        )

    bot.on("event_callback", publish)
    mira = slack.person("Mira")
    await mira.opens_home()
    assert mira.sees().home == "[Open]"
    await mira.clicks("Open", within="home")
    payload = bot.heard[-1]
    assert payload["container"]["type"] == "view"
    assert "response_url" not in payload
    assert "message" not in payload
