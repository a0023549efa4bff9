"""Socket Mode: the same edge without a public address, with a watchdog of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.logging import log

LOOK_EVERY = 5.0
GIVE_UP_AFTER = 30.0  # a client that stays away this long is made anew: its session may be dead for good

_log = log("bot.socket")


@dataclass(slots=True)
class SocketMode:
    """One connection at a time. `connected` is for `/readyz` and the log."""

    bolt: AsyncApp
    app_token: str
    base_url: str
    connected: bool = False

    async def run(self) -> None:
        """For the life of the process."""
        while True:
            handler = AsyncSocketModeHandler(
                self.bolt, self.app_token, web_client=AsyncWebClient(token=self.app_token, base_url=self.base_url)
            )
            try:
                await self._while_alive(handler)
            except (SlackClientError, OSError, TimeoutError) as error:
                _log.warning("socket_failed", why=type(error).__name__)
                await asyncio.sleep(LOOK_EVERY)
            finally:
                self.connected = False
                await handler.close_async()  # type: ignore[no-untyped-call]

    async def _while_alive(self, handler: AsyncSocketModeHandler) -> None:
        """Watch the connection; returns when it was away for too long."""
        await handler.connect_async()  # type: ignore[no-untyped-call]
        away = 0.0
        while away < GIVE_UP_AFTER:
            self.connected = bool(await handler.client.is_connected())
            away = 0.0 if self.connected else away + LOOK_EVERY
            await asyncio.sleep(LOOK_EVERY)
        _log.warning("socket_stale", seconds=away)
