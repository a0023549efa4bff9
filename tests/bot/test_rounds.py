"""A loop goes on after a round that failed, begins at once when it is woken, and ends when it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.rounds import Rounds


class Work:
    """Does what it is told, one thing a round, and stops its loop with the last one."""

    def __init__(self, rounds: Rounds, outcomes: Sequence[int | Exception]) -> None:
        self.rounds, self.outcomes, self.done = rounds, list(outcomes), 0
        self.idle = asyncio.Event()

    async def once(self) -> int:
        self.done += 1
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.rounds.stop()
        if isinstance(outcome, Exception):
            raise outcome
        if outcome == 0:
            self.idle.set()
        return outcome


async def test_a_round_that_fails_ends_nothing() -> None:
    rounds = Rounds("test", 0.01)
    work = Work(rounds, [1, OSError("the database is away"), ValueError("a row"), 0, 2])
    await asyncio.wait_for(rounds.run(work.once), 5)
    assert work.done == 5


async def test_it_goes_on_at_once_while_there_is_work_and_when_it_is_woken() -> None:
    rounds = Rounds("test", 60.0)
    work = Work(rounds, [3, 2, 0, 0])
    loop = asyncio.create_task(rounds.run(work.once))
    await asyncio.wait_for(work.idle.wait(), 5)
    assert work.done == 3
    rounds.wake()
    await asyncio.wait_for(loop, 5)
    assert work.done == 4


async def test_what_it_did_itself_does_not_wake_it() -> None:
    rounds = Rounds("test", 60.0)
    seen = 0

    async def own_commit() -> int:
        nonlocal seen
        seen += 1
        rounds.wake()
        rounds.sleep_on()
        return 0

    loop = asyncio.create_task(rounds.run(own_commit))
    await asyncio.sleep(0.05)
    assert seen == 1
    rounds.stop()
    await asyncio.wait_for(loop, 5)
