"""Files that the bot sends to Slack: who makes the bytes, and how a file that may stand already is not sent twice.

An outbox row of the kind `slack.file` says which maker makes the bytes, and with what; the bytes themselves are in no
row. The file's id is noted on the row before anybody can see the file, so that it can be looked for after a doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.drawing import Spot
from bot.integrations import slack_files
from bot.integrations.slack import Posted, Slack
from core.failpoints import failpoint
from core.store import outbox
from core.store.outbox import Claimed
from core.store.unit import Unit
from core.usecases.context import Context

Maker = Callable[[Context, Mapping[str, Any]], Awaitable[bytes]]
"""Makes a file from a row's `args`. Raises NotWanted when there is nothing to send any more."""

LOOKS, BETWEEN = 3, 0.4  # Slack shows a file a moment after it took it; seconds

MAKERS: dict[str, Maker] = {}  # those that need nothing of the running bot; the others are joined in `bot/app`


async def send(ctx: Context, slack: Slack, row: Claimed, spot: Spot, makers: Mapping[str, Maker]) -> Posted:
    """Make, upload and show it; the place has no `ts` when Slack does not show the message at once.

    `makers` are more than the common ones.
    """
    body = row.body
    content = await {**MAKERS, **makers}[str(body["make"])](ctx, body["args"])
    file = await slack_files.upload(slack, str(body["name"]), content, str(body.get("alt") or ""))
    await failpoint("file.uploaded")
    await _note(ctx, row, file)
    await failpoint("file.noted")
    title = str(body.get("title") or body["name"])
    await slack_files.share(slack, file, title, spot.channel, text=spot.message.text, thread_ts=spot.thread_ts)
    for _ in range(LOOKS):
        found = await slack_files.find(slack, spot.channel, {file}, oldest=spot.floor or "0", thread_ts=spot.thread_ts)
        if found:
            return found[0]
        await asyncio.sleep(BETWEEN)
    return Posted(spot.channel, "")


async def find(ctx: Context, slack: Slack, row: Claimed, spot: Spot, floor: str) -> list[Posted]:
    """Where one of the files stands that were uploaded for this row."""
    async with ctx.store.database.reader.connect() as conn:
        files = await outbox.noted(conn, row.id)
    if not files:
        return []
    return await slack_files.find(slack, spot.channel, files, oldest=floor, thread_ts=spot.thread_ts)


async def _note(ctx: Context, row: Claimed, file: str) -> None:
    """From here on the file may be seen. Raises LeaseLost when another process has the row."""

    async def work(unit: Unit) -> None:
        await outbox.note(unit, row, file)

    await ctx.store.unit(work, verb="outbox.note", interactive=False)
