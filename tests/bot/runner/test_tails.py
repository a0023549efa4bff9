"""The newest lines of a step at work come from whoever does it; nobody waits long for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from bot.runner import tails
from bot.runner.families import Families
from bot.runner.job import Job
from bot.runner.tails import RunnerTails
from core.errors import IntegrationError
from core.store.unit_of_work import Store
from core.usecases import running
from tests.core.usecases.runs import Deployment


@dataclass
class Says:
    """An executor of which only the newest lines are asked."""

    answer: list[str] | Exception | None

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.Event().wait()
        return [f"{job.step.name} {job.version} {ref}", *(self.answer or [])][-lines:]


async def test_it_asks_the_executor_and_gives_up_soon(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "PATIENCE", 0.05)
    d = await Deployment.of(store)
    assert await d.begin() == "begun"
    going = await d.at("checks")
    await running.noted(d.ctx, going, ref="here")

    async def newest(answer: Any, step: str = "checks") -> list[str]:
        families = Families({"checks": Says(answer)})  # type: ignore[dict-item]
        return list(await RunnerTails(d.ctx, families).newest(going.run.id, step, 2))

    assert await newest(["one"]) == ["checks 1.3.0 here", "one"]
    assert await newest(None) == [] and await newest(IntegrationError("render", "is away", retryable=True)) == []
    assert await newest(["one"], "backend") == [] and await newest(["one"], "nothing") == []
