"""Rate limits: by method and by channel, with Retry-After; scaled for tests, and once at Slack's own pace."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.limits import POSTS_BURST
from sandbox.workspace.workspace import Settings, Workspace


def client_of(slack: Workspace) -> AsyncWebClient:
    return AsyncWebClient(token=slack.settings.token, base_url=slack.api_url)


async def limited(work: Any) -> int:
    with pytest.raises(SlackApiError) as refused:
        await work
    answer = refused.value.response
    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert "retry_after" not in answer.data
    return int(answer.headers["Retry-After"])


async def test_one_message_a_second_in_a_channel_at_real_pace() -> None:
    async with Workspace(Settings(rate_scale=1)) as slack:
        client = client_of(slack)
        for number in range(POSTS_BURST):
            await client.chat_postMessage(channel="C0RELEASES", text=f"{number}")
        wait = await limited(client.chat_postMessage(channel="C0RELEASES", text="too fast"))
        assert wait == 1
        await client.chat_postMessage(channel="C0NEWS", text="another channel has its own pace")
        await asyncio.sleep(wait)
        await client.chat_postMessage(channel="C0RELEASES", text="in time")
        assert len(slack.messages("releases")) == POSTS_BURST + 1


async def test_tiers_by_method() -> None:
    async with Workspace(Settings(rate_scale=1)) as slack:
        client = client_of(slack)
        for _ in range(20):
            await client.usergroups_list()
        assert 1 <= await limited(client.usergroups_list()) <= 60
        await client.usergroups_users_list(usergroup="S0PM")
        ts = (await client.chat_postMessage(channel="C0RELEASES", text="Card."))["ts"]
        for number in range(50):
            await client.chat_update(channel="C0RELEASES", ts=ts, text=f"{number}")
        await limited(client.chat_update(channel="C0RELEASES", ts=ts, text="51"))


async def test_a_scaled_workspace_is_faster_and_tells_unscaled_waits() -> None:
    async with Workspace(Settings(rate_scale=0.1)) as slack:
        client = client_of(slack)
        for _ in range(POSTS_BURST):
            await client.chat_postMessage(channel="C0RELEASES", text="x")
        wait = await limited(_until_refused(client))
        await asyncio.sleep(wait * slack.limits.scale + 0.01)
        await client.chat_postMessage(channel="C0RELEASES", text="x")


async def _until_refused(client: AsyncWebClient) -> None:
    """Post all at once until it is too much; one after the other might be slow enough to pass."""
    posts = [client.chat_postMessage(channel="C0RELEASES", text="x") for _ in range(40)]
    came = await asyncio.gather(*posts, return_exceptions=True)
    for one in came:
        if isinstance(one, BaseException):
            raise one
