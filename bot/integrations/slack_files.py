"""Files in Slack: uploaded outside the Web API, then shown in a channel, and found again by their id."""

from __future__ import annotations

import json
from collections.abc import Collection
from urllib.parse import urlsplit

import aiohttp

from bot.integrations.slack import PAGE, PAGES, Posted, Slack
from core.errors import IntegrationError

LARGEST = 50 * 1024 * 1024  # Slack takes more; what people are sent should be less
LONGEST_ALT = 1000
PATIENCE = aiohttp.ClientTimeout(total=120.0, connect=5.0)


async def upload(slack: Slack, name: str, content: bytes, alt: str = "") -> str:
    """Bring the bytes to Slack; returns the file's id. Until `share` nobody sees it, so this is in doubt never.

    `alt` describes a picture to who cannot see it. Raises a final `IntegrationError` for nothing and for too much.
    """
    if not 0 < len(content) <= LARGEST:
        why = f"the file {name} has {len(content)} bytes; between 1 and {LARGEST} can be sent"
        raise IntegrationError("slack", why, retryable=False, code="file_size")
    ask: dict[str, object] = {"filename": name, "length": len(content)}
    try:
        answer = await slack.call("files.getUploadURLExternal", ask | ({"alt_txt": alt[:LONGEST_ALT]} if alt else {}))
    except IntegrationError as error:
        error.doubt = False
        raise
    await _send(slack, str(answer["upload_url"]), content)
    return str(answer["file_id"])


async def _send(slack: Slack, address: str, content: bytes) -> None:
    """To the address that Slack gave, without our token: it is a right of its own."""
    session = slack.client.session
    assert session is not None  # the process has one; see bot/app
    if urlsplit(address).scheme not in ("https", urlsplit(slack.client.base_url).scheme):
        raise IntegrationError("slack", "the address for the upload is not secure", retryable=False, code="upload")
    try:
        async with session.post(address, data=content, timeout=PATIENCE, allow_redirects=False) as answer:
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise IntegrationError("slack", f"upload: {type(error).__name__}", retryable=True, code="upload") from error
    if status != 200:
        raise IntegrationError("slack", f"upload: HTTP {status}", retryable=True, code="upload")


async def share(slack: Slack, file: str, title: str, channel: str, *, text: str = "", thread_ts: str = "") -> None:
    """Show an uploaded file in a channel, with `text` above it. Slack does not say where the message stands."""
    body: dict[str, object] = {"files": json.dumps([{"id": file, "title": title}]), "channel_id": channel}
    more = {"initial_comment": text, "thread_ts": thread_ts}
    await slack.call("files.completeUploadExternal", body | {name: value for name, value in more.items() if value})


async def find(
    slack: Slack, channel: str, files: Collection[str], *, oldest: str = "0", thread_ts: str = ""
) -> list[Posted]:
    """Our messages that show one of these files (ids), newer than `oldest`. Raises when the pages run out."""
    me = await slack.identity()
    ask: dict[str, object] = {"channel": channel, "oldest": oldest, "limit": PAGE}
    method = "conversations.replies" if thread_ts else "conversations.history"
    ask |= {"ts": thread_ts} if thread_ts else {}
    for _ in range(PAGES):
        answer = await slack.call(method, ask)
        messages = [m for m in answer.get("messages") or () if m.get("bot_id") == me.bot_id]
        shown = [m for m in messages if any(one.get("id") in files for one in m.get("files") or ())]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if shown or not answer.get("has_more") or not cursor:
            return [Posted(channel, str(m["ts"])) for m in shown]
        ask = {**ask, "cursor": cursor}
    raise IntegrationError("slack", "too many messages to look through", retryable=False, code="look_ran_out")
