"""A bot that serves flags, and hands that change them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from core.usecases import flags
from core.usecases.context import Context
from core.usecases.flags import Change, Wanted
from tests.bot.conftest import Stage, Stages

PRODUCTION, STAGING = "a-production-token-1", "a-staging-token-22"
TOKENS = f"production:{PRODUCTION}, production:another-production-token, staging:{STAGING}"
OPS, SECOND = "operator:ops", "U0PRIYA"


async def make(ctx: Context, *names: str, kind: Any = "release") -> None:
    for name in names:
        await flags.create(ctx, Wanted(name, kind, SECOND, "", OPS))


async def turn(ctx: Context, name: str, environment: str = "production", **setting: Any) -> None:
    await flags.change(ctx, Change(name, environment, lambda s: replace(s, **setting), OPS, SECOND))


Answered = tuple[int, Any, str]  # status, JSON, ETag


@dataclass
class Served:
    """A running bot and a product that asks it."""

    stage: Stage
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        assert self.stage.app.listener is not None
        return self.stage.app.listener.address

    @property
    def ctx(self) -> Context:
        return self.stage.app.ctx

    async def turn(self, name: str, environment: str = "production", **setting: Any) -> None:
        """Change it, and let the bot see it."""
        await turn(self.ctx, name, environment, **setting)
        await self.stage.app.board.once()

    async def ask(self, path: str, body: Any = None, *, token: str = PRODUCTION, **headers: str) -> Answered:
        """A body makes it a POST."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
        raw = {} if body is None else {"data": body} if isinstance(body, bytes) else {"json": body}
        async with self.session.request("GET" if body is None else "POST", self.url + path, headers=sent, **raw) as a:
            text = await a.read()
            return a.status, await a.json() if text else None, a.headers.get("ETag", "")

    async def single(self, flag: str, context: Any = None, **more: Any) -> tuple[int, Any]:
        return (await self.ask(f"/ofrep/v1/evaluate/flags/{flag}", {"context": context or {}}, **more))[:2]


@pytest.fixture
async def served(stages: Stages) -> AsyncIterator[Served]:
    async with stages(flag_tokens=TOKENS) as stage, aiohttp.ClientSession() as session:
        yield Served(stage, session)
