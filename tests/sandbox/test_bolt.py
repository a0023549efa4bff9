"""Slack's own framework understands what the workspace sends: a Bolt app over real HTTP, and persons elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.errors import NotThere
from sandbox.workspace.remote import RemoteWorkspace
from sandbox.workspace.workspace import Settings, Workspace


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


CARD = [{"type": "actions", "elements": [{"type": "button", "text": words("Approve…"), "action_id": "approve"}]}]
FIELD = {
    "type": "input",
    "block_id": "why",
    "label": words("Why?"),
    "element": {"type": "plain_text_input", "action_id": "why"},
}
FORM = {"type": "modal", "callback_id": "why", "title": words("Why"), "submit": words("Send"), "blocks": [FIELD]}
HOME = {"type": "home", "blocks": [{"type": "header", "text": words("Nothing waits for you")}]}


def bolt_app(slack: Workspace) -> AsyncApp:
    client = AsyncWebClient(token=slack.settings.token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.settings.signing_secret, process_before_response=True)

    @app.command("/release")
    async def release(ack: Any, client: Any, command: Any) -> None:
        await client.chat_postMessage(channel=command["channel_id"], text="Card.", blocks=CARD)
        await ack(f"Started: {command['text']}")

    @app.action("approve")
    async def approve(ack: Any, client: Any, body: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("why")
    async def sent(ack: Any, client: Any, view: Any, body: Any) -> None:
        why = view["state"]["values"]["why"]["why"]["value"]
        if why == "no":
            await ack(response_action="errors", errors={"why": "Say more."})
            return
        await ack()
        await client.chat_postMessage(channel="C0RELEASES", text=f"<@{body['user']['id']}> says {why}")

    @app.event("app_home_opened")
    async def home(client: Any, event: Any) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.event("app_mention")
    async def mention(say: Any, event: Any) -> None:
        await say(text="It waits for Mira.", thread_ts=event["ts"])

    return app


@pytest.fixture
async def bolted() -> AsyncIterator[Workspace]:
    async with Workspace(Settings(rate_scale=0, pace=0.001)) as slack:
        runner = web.AppRunner(bolt_app(slack).server(path="/slack/events").web_app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        slack.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield slack
        await runner.cleanup()


async def test_a_whole_turn(bolted: Workspace) -> None:
    priya, mira = bolted.person("Priya"), bolted.person("Mira")
    await priya.types("/release start minor")
    assert priya.private() == "Started: start minor"
    await mira.clicks("Approve")
    assert await mira.submits({"Why?": "no"}) == {"why": "Say more."}
    assert await mira.submits({"Why?": "it is ready"}) == {}
    await mira.opens_home()
    await mira.types("@Release Bot why")
    await bolted.settled()
    sight = mira.sees()
    assert sight.channels["releases"][1] == "@Mira says it is ready"
    assert sight.home == "Nothing waits for you"
    question = mira.newest()
    assert [m.text for m in mira.messages("releases", thread=question)][1:] == ["It waits for Mira."]
    assert bolted.unexpected() == [], "an app hears only what it subscribed to"


async def test_the_same_from_another_process(bolted: Workspace) -> None:
    async with RemoteWorkspace(bolted.url) as remote:
        priya, mira = remote.person("Priya"), remote.person("Mira")
        assert (await priya.types("/release start minor"))["ok"]
        assert (await mira.clicks("Approve", within="releases"))["ok"]
        assert await mira.submits({"Why?": "no"}) == {"why": "Say more."}
        await mira.fills({"Why?": "ready"})
        assert await mira.submits() == {}
        await mira.opens_home()
        seen = await mira.sees()
        assert seen["channels"]["releases"] == ["[Approve…]", "@Mira says ready"]
        assert seen["home"] == "Nothing waits for you"
        assert (await priya.sees())["private"] == ["Started: start minor"]
        told = await remote.call("GET", "/sandbox/messages", since="0")
        assert [(m["channel"], m["from"], m["text"], m["private"]) for m in told["messages"]] == [
            ("releases", "Release Bot", "[Approve…]", False),
            ("releases", "Release Bot", "Started: start minor", True),
            ("releases", "Release Bot", "@Mira says ready", False),
        ]
        assert (await remote.call("GET", "/sandbox/messages", since=str(told["seq"])))["messages"] == []
        assert (await remote.jump({"hours": 1}))["now"] == "2026-11-30T15:05:00+00:00"
        await remote.do("archive", channel="support")
        assert bolted.state.channel("support").archived
        with pytest.raises(NotThere, match="what is there"):
            await priya.clicks("Launch")
        with pytest.raises(NotThere, match="nobody here"):
            await remote.person("Zoe").types("hello")
