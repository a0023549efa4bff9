"""Requests that are forged, stale, replayed or broken reach no handler and leave no traceback."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from core.store.tables import inbox
from handlers.request import Answer
from tests.bot.conftest import Stage
from tests.bot.wire import HELLO, sent

COMMAND = urlencode(
    {
        "command": "/release",
        "user_id": "U0PRIYA",
        "channel_id": "C0RELEASES",
        "text": "start minor",
        "team_id": "T0SANDBOX",
        "trigger_id": "77.88",
        "response_url": "",
    }
)


@pytest.mark.parametrize(
    ("ahead", "signature"), [(0, "v0=" + "0" * 64), (0, ""), (0, "v0=ä"), (-301, None), (301, None)]
)
async def test_forged_and_stale_requests_reach_no_handler(
    stage: Stage,
    answers: Any,
    ahead: int,
    signature: str | None,
) -> None:
    asked = answers(Answer(private=HELLO))
    status, body = await sent(stage, COMMAND, ahead=ahead, signature=signature)
    assert status == 401 and "signature" in body
    assert asked == []


@pytest.mark.parametrize("stamp", ["", "yesterday", "9" * 40, "1.5"])
async def test_a_timestamp_that_is_none_is_refused(stage: Stage, stamp: str) -> None:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=1"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.slack.bot_url}/slack/events", data=COMMAND, headers=headers) as answer,
    ):
        assert answer.status == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        ("payload=no-json", "application/x-www-form-urlencoded"),
        ("[1,2]", "application/json"),
        ("{", "application/json"),
        ("payload=[]", "application/x-www-form-urlencoded"),
        ("", "application/json"),
        ("payload=%22x%22", "application/x-www-form-urlencoded"),
        ("[" * 100_000, "application/json"),
    ],
)
async def test_signed_nonsense_is_no_traceback(stage: Stage, body: Any, kind: str) -> None:
    status, text = await sent(stage, body, kind)
    assert status in (400, 401, 404)
    assert "Traceback" not in text


async def test_a_body_that_is_too_large_is_refused(stage: Stage) -> None:
    assert (await sent(stage, b"text=" + b"x" * (2 * 1024 * 1024)))[0] == 413


async def test_a_replayed_event_key_is_kept(stage: Stage) -> None:
    events = stage.app.edge.events
    assert not await events.was_seen("event:Ev1")
    for _ in range(2):
        await events.seen("event:Ev1")
    assert await events.was_seen("event:Ev1") and not await events.was_seen("event:Ev2")
    async with stage.app.ctx.store.database.reader.connect() as conn:
        assert len((await conn.execute(inbox.select())).all()) == 1
