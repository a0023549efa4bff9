"""A read that takes longer than Slack waits is answered twice: that it is looked for, then with what is found."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.domain.repository import Commit, Holding, RemoteState
from handlers import patience
from tests.handlers.desk import LIVE, Desk, Remote
from tests.handlers.layout import check_message
from tests.handlers.story import PRIYA


class Slow(Remote):
    """A remote whose history takes until `read` is set."""

    def __init__(self) -> None:
        self.read = asyncio.Event()

    async def look(self, max_age: float = 60.0) -> RemoteState:
        await self.read.wait()
        return self.seen()

    async def find(self, text: str) -> tuple[Commit, ...]:
        return tuple(c for c in await self.changes(LIVE, "") if text == f"#{c.pull}")

    async def holding(self, sha: str) -> Holding:
        return Holding(("v1.2.2",), ("main",))


@pytest.fixture
def slow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Slow:
    remote = Slow()
    object.__setattr__(desk.ctx, "repository", remote)
    monkeypatch.setattr(patience, "PATIENCE", 0.01)
    return remote


async def _later(answer: Any, slow: Slow) -> Any:
    assert answer.later is not None
    slow.read.set()
    return await answer.later


async def test_where_is_answered_as_soon_as_it_is_read(
    desk: Desk, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await desk.types(PRIYA, "where #341")
    assert first.private and first.private.text == "Got it: where #341. I answer here as soon as I have read it."
    then = await _later(first, slow)
    assert then.private and "#341: 1 commit." in then.private.text and then.later is None
    check_message(then.private)
    monkeypatch.setattr(patience, "PATIENCE", 30.0)  # a busy machine is no slow read
    again = await desk.types(PRIYA, "where #341")
    assert again.later is None and again.private == then.private, "what is read in time is answered at once"


async def test_a_late_refusal_is_told_as_kindly_and_in_a_thread_to_all(desk: Desk, slow: Slow) -> None:
    first = await desk.ask(PRIYA, "mention", text="diff v0.9.0 v0.9.1", thread_ts="1.1")
    assert first.in_thread and first.in_thread.text.startswith("Got it: diff v0.9.0 v0.9.1.") and not first.private
    then = await _later(first, slow)
    assert then.in_thread and "The remote has no 0.9.0" in then.in_thread.text and not then.private


async def test_a_terminal_waits(desk: Desk, slow: Slow) -> None:
    asyncio.get_running_loop().call_later(0.05, slow.read.set)
    answer = await desk.types(PRIYA, "where #341", key="cli:1")
    assert answer.later is None and answer.private and "#341" in answer.private.text
