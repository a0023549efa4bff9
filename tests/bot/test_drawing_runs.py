"""The message of a run follows it: by its reports, and by the clock alone while a step is at work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot import living as loop
from bot.drawing import first_post
from bot.drawing_runs import kind_of
from bot.integrations.slack import Posted
from bot.living import LivingMessages
from bot.pace import NoSlot, Pace
from core.domain.pipeline.model import Seen
from core.store import living
from core.store.unit import Unit
from core.store.unit_of_work import Store
from core.usecases import running
from tests.core.usecases.runs import Deployment

PAUSE = 0.05


@dataclass
class Edits:
    """Slack as far as a living message needs it."""

    texts: list[str] = field(default_factory=list)

    async def update(self, where: Posted, text: str, blocks: Sequence[dict[str, Any]]) -> None:
        self.texts.append(f"{text} {blocks}")


@dataclass
class Play:
    d: Deployment
    slack: Edits
    living: LivingMessages

    async def looks(self) -> int:
        """A turn of the loop, after the pause between two edits; how many edits it made."""
        before = len(self.slack.texts)
        await asyncio.sleep(PAUSE + 0.02)
        await self.living.once()
        return len(self.slack.texts) - before

    async def behind(self) -> bool:
        async with self.d.ctx.store.database.reader.connect() as conn:
            return await living.unsettled(conn) is not None


@pytest.fixture
async def play(store: Store, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setattr(loop, "LEAST_PAUSE", PAUSE)
    d, slack = await Deployment.of(store), Edits()
    assert await d.begin() == "begun"

    async def posted(unit: Unit) -> None:
        row = await living.begin(unit, d.number, "run.1", channel="C1")
        await living.posted(unit, row, channel="C1", ts="1.1")

    await d.unit(posted)
    return Play(d, slack, LivingMessages(d.ctx, slack, Pace(d.ctx.store, 0)))  # type: ignore[arg-type]


async def test_the_clock_alone_moves_a_run_until_it_stands(play: Play) -> None:
    going = await play.d.at("backend")
    await running.noted(play.d.ctx, going, line="building 214 of 340")
    assert await play.looks() == 1 and "building 214 of 340" in play.slack.texts[-1]
    assert await play.looks() == 0 and await play.behind(), "the same again is no edit, and it is looked at again"
    play.d.ctx.clock.move_to(play.d.ctx.clock.now() + timedelta(seconds=10))  # type: ignore[attr-defined]
    assert await play.looks() == 1 and "10 s" in play.slack.texts[-1]
    await running.ended(play.d.ctx, going, Seen("failed", reason="the build failed"))
    assert await play.looks() == 1 and "waits for a decision" in play.slack.texts[-1]
    assert not await play.behind(), "nothing moves while a person is asked"


async def test_a_run_gives_way_to_cards_and_decisions(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    await play.d.at("backend")
    asked: list[float] = []

    async def busy(self: Pace, key: str, rate: Any, most: float = 3.0) -> None:
        asked.append(most)
        raise NoSlot(2.0)

    monkeypatch.setattr(Pace, "slot", busy)
    assert await play.looks() == 0 and asked == [0.5]


async def test_what_asks_is_told_again_when_somebody_deletes_it(play: Play) -> None:
    going = await play.d.at("backend")
    await running.ended(play.d.ctx, going, Seen("failed", reason="the build failed"))
    kind = "decide.1:7:1:backend"
    lane, effect, body = first_post(kind, play.d.number, "")
    assert (lane, effect) == (f"release:{play.d.number}:team", "slack.post")
    assert (body["place"], body["moment"]) == ("team", "decision")
    assert await kind_of(play.d.ctx, body["moment"], body["data"], 7) == kind
    assert first_post(kind, 1, "U0OLU")[2]["place"] == "dm:U0OLU"
    assert await kind_of(play.d.ctx, "decision", {"facts": {"run": {"id": 1}}}, 7) == "", "no pipeline did it"
    assert await kind_of(play.d.ctx, "flag_review", {"again": True}, 7) == "", "asked once more, about no run"
