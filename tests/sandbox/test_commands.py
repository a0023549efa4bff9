"""Commands reach the bot signed and within three seconds; answers come in the body or at the response_url."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

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


async def test_a_command_is_signed_and_answered_privately(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"text": "v1.3.0 is started."})
    delivery = await slack.person("Priya").types("/release start minor @theo in #support & <more>")
    assert delivery is not None
    assert delivery.ok
    form = bot.heard[0]
    assert form["command"] == "/release"
    assert form["text"] == "start minor <@U0THEO|theo> in <#C0SUPPORT|support> &amp; &lt;more&gt;"
    assert (form["user_id"], form["channel_id"], form["channel_name"]) == ("U0PRIYA", "C0RELEASES", "releases")
    assert slack.person("Priya").private() == "v1.3.0 is started."
    assert slack.person("Theo").private() == ""
    assert slack.unexpected() == []


async def test_groups_are_escaped_and_strangers_are_not(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release delegate @product-managers @nobody me@example.com")
    assert bot.heard[0]["text"] == "delegate <!subteam^S0PM|@product-managers> @nobody me@example.com"


async def test_a_forged_request_is_what_the_bot_can_tell(slack: Workspace, bot: Any) -> None:
    slack.courier.signing_secret = "another secret"
    delivery = await slack.person("Priya").types("/release")
    assert delivery is not None
    assert (delivery.status, delivery.error, bot.heard) == (401, "dispatch_failed", [])


async def test_an_answer_in_channel_is_for_all(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"text": "All can read.", "response_type": "in_channel"})
    await slack.person("Priya").types("/release status")
    assert slack.person("Theo").sees().channels["releases"] == ["All can read."]


async def test_a_late_answer_is_a_timeout_and_is_not_repeated(slack: Workspace, bot: Any) -> None:
    bot.on("command", slow)
    delivery = await slack.person("Priya").types("/release status")
    assert delivery is not None
    assert delivery.error == "operation_timeout"
    assert slack.person("Priya").private() == '/release failed with the error "operation_timeout"'
    await asyncio.sleep(0.3)
    assert len(bot.heard) == 1
    assert slack.unexpected() == ["command /release by U0PRIYA: operation_timeout"]


async def test_an_answer_that_slack_refuses_is_told(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"blocks": [{"type": "header", "text": words("x" * 200)}]})
    await slack.person("Priya").types("/release status")
    assert slack.person("Priya").private() == '/release failed with the error "invalid_blocks"'
    assert len(slack.unexpected()) == 1


async def test_a_command_does_not_work_in_a_thread(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0RELEASES", text="Card.")
    priya = slack.person("Priya")
    with pytest.raises(NotThere, match="not supported in threads"):
        await priya.types("/release why", thread=priya.newest())
    assert bot.heard == []


async def test_nobody_at_home_is_told(slack: Workspace) -> None:
    slack.bot_url = "http://127.0.0.1:9"
    await slack.person("Priya").types("/release")
    assert slack.person("Priya").private() == '/release failed with the error "dispatch_failed"'


async def test_five_answers_and_no_sixth(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release status")
    address = AsyncWebhookClient(bot.heard[0]["response_url"])
    for number in range(5):
        assert (await address.send(text=f"Answer {number}")).status_code == 200
    sixth = await address.send(text="Too many")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)
    assert slack.person("Priya").private() == "Answer 4"
    assert slack.person("Theo").private() == ""


async def test_an_address_lives_thirty_minutes(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release status")
    slack.transport.pass_by(30 * 60 + 1)
    late = await AsyncWebhookClient(bot.heard[0]["response_url"]).send(text="Late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)
    unknown = await AsyncWebhookClient(f"{slack.url}/response/made-up").send(text="x")
    assert unknown.status_code == 404


async def test_replace_and_delete_the_private_answer(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"text": "Which one?", "blocks": card(button("v1.3.0", "pick"))})
    mira = slack.person("Mira")
    await mira.types("/release why")
    await mira.clicks("v1.3.0")
    payload = bot.heard[-1]
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    address = AsyncWebhookClient(payload["response_url"])
    await address.send(text="v1.3.0 waits for Mira.", blocks=[], replace_original=True)
    assert mira.sees().private == ["v1.3.0 waits for Mira."]
    await address.send(delete_original=True)
    assert mira.sees().private == []


async def test_replacing_the_card_itself_keeps_its_place(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="Old.", blocks=card(button("Go"))))["ts"]
    await slack.person("Priya").clicks("Go")
    await AsyncWebhookClient(bot.heard[0]["response_url"]).send(text="New.", replace_original=True)
    assert [(m.ts, m.text, m.blocks) for m in slack.messages("releases")] == [(ts, "New.", [])]


async def test_a_wrong_answer_at_the_address_is_refused(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release")
    address = AsyncWebhookClient(bot.heard[0]["response_url"])
    assert (await address.send(blocks=[{"type": "banner"}])).status_code == 400
    assert (await address.send(text="")).status_code == 400
    url = bot.heard[0]["response_url"]
    async with aiohttp.ClientSession() as session, session.post(url, data="not json") as answer:
        assert answer.status == 400
    assert len(slack.answers.troubles) == 2
