"""What each test of the page begins with: a workspace with its page, and the scripted bot behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page

from sandbox.workspace.page_api import PageExtras
from sandbox.workspace.workspace import Settings, Workspace
from tests.sandbox.page.tiny_bot import TinyBot

WORDS = [{"word": w, "note": ""} for w in ("start", "status", "why", "withdraw")]
SHORTCUTS = [
    {"callback_id": "waiting", "name": "What waits for me", "type": "global"},
    {"callback_id": "concern", "name": "Raise a concern", "type": "message"},
]
COMMANDS = [{"command": "/release", "description": "Run a release", "words": WORDS}]
Open = Callable[..., Awaitable[Page]]


class Story:
    """A workspace with its page, the scripted bot, and how often somebody started over."""

    def __init__(self) -> None:
        self.started_over = 0
        self.product: dict[str, Any] = {
            "production": {"version": "v1.2.2", "url": "http://127.0.0.1:1"},
            "staging": {"version": "v1.3.0-rc.1"},
            "history": "* 8f3c2ab (tag: v1.3.0-rc.1) Fix <b>payments</b>",
            "refs": ["v1.3.0-rc.1"],
        }
        extras = PageExtras(
            product=lambda: self.product, start_over=self._start_over, commands=COMMANDS, shortcuts=SHORTCUTS
        )
        self.slack = Workspace(Settings(rate_scale=0, pace=0, page=extras))
        self.bot = TinyBot(self.slack)

    async def _start_over(self) -> None:
        self.started_over += 1

    async def command(self, text: str, user: str = "U0PRIYA") -> None:
        """Somebody typed this in #releases before the window was opened."""
        await self.slack.hands.command(user, "C0RELEASES", text)
