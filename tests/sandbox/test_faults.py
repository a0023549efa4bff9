"""Faults by rule: what the client sees, and what was stored all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.workspace import Workspace


async def post(client: AsyncWebClient, text: str = "Hello.") -> Any:
    return await client.chat_postMessage(channel="C0RELEASES", text=text)


def stored(slack: Workspace) -> list[str]:
    return [message.text for message in slack.messages("releases")]


async def broken(work: Awaitable[Any]) -> None:
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await work


async def test_stored_but_the_answer_is_lost(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "drop", nth=2)
    await post(client, "One.")
    await broken(post(client, "Two."))
    await post(client, "Three.")
    assert stored(slack) == ["One.", "Two.", "Three."]
    assert slack.faults.happened == {"chat.postMessage drop": 1}


async def test_stored_late_when_the_client_has_gone(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "store_late", nth=1, seconds=0.1)
    await broken(post(client))
    assert stored(slack) == []
    await slack.until(lambda: stored(slack) == ["Hello."])


async def test_reset_before_anything(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("*", "reset", times=1)
    await broken(post(client))
    await post(client)
    assert stored(slack) == ["Hello."]


async def test_answered_late(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "answer_late", seconds=0.2)
    work = asyncio.create_task(post(client))
    await slack.until(lambda: stored(slack) == ["Hello."])
    assert not work.done()
    assert (await work)["ok"] is True


async def test_stalled_before_it_is_stored(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "stall", seconds=0.2)
    work = asyncio.create_task(post(client))
    await asyncio.sleep(0.05)
    assert stored(slack) == []
    assert (await work)["ok"] is True


@pytest.mark.parametrize(("kind", "left"), [("error_before", []), ("error_after", ["Hello."])])
async def test_500(slack: Workspace, client: AsyncWebClient, kind: Any, left: list[str]) -> None:
    slack.faults.add("chat.postMessage", kind, nth=1)
    with pytest.raises(SlackApiError) as failed:
        await post(client)
    assert failed.value.response.status_code == 500
    assert stored(slack) == left


async def test_429_by_rule(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "rate_limited", nth=1, seconds=7)
    with pytest.raises(SlackApiError) as refused:
        await post(client)
    answer = refused.value.response
    assert (answer.status_code, answer.headers["Retry-After"], answer["error"]) == (429, "7", "ratelimited")
    assert stored(slack) == []


async def test_a_rule_for_one_channel_only(slack: Workspace, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "refuse", code="restricted_action", channel="C0NEWS")
    await post(client)
    with pytest.raises(SlackApiError, match="restricted_action"):
        await client.chat_postMessage(channel="C0NEWS", text="News.")


async def test_rules_and_acts_over_http(slack: Workspace, client: AsyncWebClient) -> None:
    ts = (await post(client))["ts"]

    async def do(path: str, body: Any) -> Any:
        async with aiohttp.ClientSession() as session, session.post(f"{slack.url}/sandbox/{path}", json=body) as answer:
            return await answer.json()

    assert (await do("faults", {"method": "chat.postMessage", "kind": "error_before", "nth": 1}))["ok"]
    with pytest.raises(SlackApiError):
        await post(client)
    assert not (await do("faults", {"method": "chat.postMessage", "kind": "explode"}))["ok"]
    assert not (await do("faults", {"kind": "drop"}))["ok"]
    assert (await do("do", {"act": "delete", "channel": "releases", "ts": ts}))["ok"]
    assert (await do("do", {"act": "group", "group": "S0PM", "members": ["Jo"], "silently": True}))["ok"]
    assert (await do("do", {"act": "leave", "channel": "releases", "person": "Dana"}))["ok"]
    assert (await do("do", {"act": "archive", "channel": "releases"}))["ok"]
    assert (await do("do", {"act": "remove_bot", "channel": "support"}))["ok"]
    assert (await do("do", {"act": "rename", "channel": "product-news", "name": "news"}))["ok"]
    assert not (await do("do", {"act": "fly"}))["ok"]
    assert not (await do("do", {"act": "archive"}))["ok"]
    releases = slack.state.channels["C0RELEASES"]
    assert stored(slack) == []
    assert releases.archived
    assert "U0DANA" not in releases.members
    assert slack.state.groups["S0PM"].members == ["U0JO"]
    assert "U0BOT" not in slack.state.channel("support").members
    assert slack.state.channel("news").id == "C0NEWS"
    async with aiohttp.ClientSession() as session, session.delete(f"{slack.url}/sandbox/faults") as answer:
        assert answer.status == 200
    assert slack.faults.rules == []


@pytest.mark.parametrize("path", ["sandbox/do", "sandbox/act", "sandbox/faults", "clock/jump", "clock/next"])
async def test_another_site_cannot_act_here(slack: Workspace, path: str) -> None:
    body = '{"act": "archive", "channel": "releases", "to": {"hours": 1}}'
    plain, url = {"Content-Type": "text/plain"}, f"{slack.url}/{path}"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=plain) as answer:
        assert answer.status == 415
    assert (slack.state.channel("releases").archived, slack.clock.n) == (False, 1)


def test_a_fault_that_does_not_exist_is_refused() -> None:
    from sandbox.workspace.faults import Faults

    with pytest.raises(ValueError, match="no such fault"):
        Faults().add("chat.postMessage", "drop", colour="red")
