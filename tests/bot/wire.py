"""Requests as they come over the wire, also such as Slack would never send, and a short answer."""

from __future__ import annotations

import hashlib
import hmac
import time

import aiohttp

from handlers.request import Message
from tests.bot.conftest import Stage

HELLO = Message("Hello.", [{"type": "section", "text": {"type": "mrkdwn", "text": "*Hello*"}}])


async def sent(
    stage: Stage,
    body: str | bytes,
    kind: str = "application/x-www-form-urlencoded",
    *,
    ahead: int = 0,
    signature: str | None = None,
    retry: str = "",
) -> tuple[int, str]:
    """Post to the bot, signed as Slack does (or as given)."""
    stamp = str(int(time.time()) + ahead)
    raw = body.encode() if isinstance(body, str) else body
    secret = stage.slack.settings.signing_secret.encode()
    good = "v0=" + hmac.new(secret, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": good if signature is None else signature,
        "Content-Type": kind,
    } | ({"X-Slack-Retry-Num": retry} if retry else {})
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.slack.bot_url}/slack/events", data=raw, headers=headers) as answer,
    ):
        return answer.status, await answer.text()
