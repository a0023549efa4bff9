"""One attempt at a step, from its beginning or from where another process left it, to what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.logging import log
from bot.runner.job import Executor, Job, Tells
from bot.unbroken import Unbroken
from core.domain.pipeline.model import UNENDED, Seen
from core.errors import Busy, IntegrationError, ReleaseBotError

FIRST_LOOK, LATEST_LOOK, SLOWER = 0.05, 2.0, 1.5  # seconds between two looks, and how they grow
LINES = 3.0  # seconds between two last lines that are kept
SLACK = 3.0  # seconds that an executor which counts its time by itself is given before it is told
TO_END = 30.0  # seconds in which what was told to end ends
ANSWER = 30.0  # seconds in which whoever is asked how it stands answers; it is promised to be quick
BY_A_PERSON = "it was stopped by a person"
ONLY_LOOKS = frozenset({"live"})  # nothing is at work that could be told to end
AGAIN, LATEST_AGAIN = 1.0, 30.0  # seconds until a system that does not answer is asked again, growing

T = TypeVar("T")

_log = log("bot.runner")


class NotBegun(ReleaseBotError):
    """The attempt ended before its work began, or nobody can tell; `facts` has what was seen."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.reason)
        self.seen = seen


@dataclass(slots=True)
class Keeping:
    """What an attempt keeps in the store on its way; `mine` raises when the run is another process's by now.
    `to_end`: a person wants it ended at once."""

    ref: Callable[[str], Awaitable[None]]
    line: Callable[[str], Awaitable[None]]
    mine: Callable[[], Awaitable[None]]
    to_end: Callable[[], Awaitable[bool]]


@dataclass(slots=True)
class Watching:
    """One attempt in the hands of its executor."""

    executor: Executor
    job: Job
    keeping: Keeping
    ref: str
    unbroken: Unbroken
    _line: str = ""
    _told_at: float = 0.0
    _waits: float = 0.0
    _until: float = 0.0

    async def to_the_end(self) -> Seen:
        """`job.again` with a `ref`: it was begun; without: it may have been."""
        self._until, self._waits = _now() + self.job.step.timeout + SLACK, AGAIN
        try:
            if not self.ref:
                await self._begin(in_doubt=self.job.again)
            return await self._watch()
        except NotBegun as ended:
            return ended.seen

    async def _begin(self, in_doubt: bool) -> None:
        while True:
            if in_doubt and not self.ref:
                found = await self._answer(lambda: self.executor.find(self.job))
                if found is None:
                    raise NotBegun(Seen("unknown", reason="nobody can tell whether it was begun"))
                self.ref = found
            try:
                await self.unbroken.run(self._begun())
                return
            except (IntegrationError, Busy) as error:
                in_doubt = in_doubt or getattr(error, "doubt", False)
                await self._pause_after(error)

    async def _begun(self) -> None:
        """Not cut in two when this process stops: what was begun is noted."""
        if not self.ref:
            await self.keeping.mine()
            self.ref = await self.executor.begin(self.job)
        if self.ref:
            await self.keeping.ref(self.ref)

    async def _watch(self) -> Seen:
        pause, ending = FIRST_LOOK, ""
        self._told_at = _now()
        while True:
            seen = await self._answer(lambda: self.executor.look(self.job, self.ref), patient=bool(ending))
            if seen.state != "running":
                return _ended(seen, ending)
            await self._keep_line(seen.line)
            if ending and _now() >= self._until:
                return Seen("unknown", seen.line, f"{ending}; it did not end when it was told to")
            if not ending and (ending := await self._why_to_end()):
                if ending == BY_A_PERSON and self.job.step.uses in ONLY_LOOKS:
                    return Seen("failed", seen.line, ending)
                self._until = _now() + TO_END
                await self._answer(lambda: self.executor.end(self.job, self.ref), patient=True)
                pause = FIRST_LOOK
            await self._news(pause)
            pause = min(pause * SLOWER, LATEST_LOOK)

    async def _why_to_end(self) -> str:
        """Its time is over, or a person wants it; "" while neither is so."""
        if _now() >= self._until:
            return f"it took longer than {self.job.step.timeout} s"
        return BY_A_PERSON if await self._wanted() else ""

    async def _wanted(self) -> bool:
        return not self.job.step.never_stop and self.job.step.uses not in UNENDED and await self.keeping.to_end()

    async def _news(self, pause: float) -> None:
        """Until it is worth a look, at most so long."""
        if not isinstance(self.executor, Tells):
            await asyncio.sleep(pause)
            return
        try:
            async with asyncio.timeout(pause):
                await self.executor.until_news(self.job, self.ref)
        except TimeoutError:
            return

    async def _keep_line(self, line: str) -> None:
        if line and line != self._line and _now() >= self._told_at + LINES:
            self._line, self._told_at = line, _now()
            await self.keeping.line(line)

    async def _answer(self, ask: Callable[[], Awaitable[T]], *, patient: bool = False) -> T:
        """Ask until there is an answer, or the attempt's time is over; `patient`: a little longer than that."""
        while True:
            try:
                answer = await _in_time(ask())
            except (IntegrationError, Busy) as error:
                await self._pause_after(error, patient)
            else:
                self._waits = AGAIN
                return answer

    async def _pause_after(self, error: IntegrationError | Busy, patient: bool = False) -> None:
        """A system does not answer: later again. What fails for good, or for too long, ends the attempt."""
        why, doubt = str(error), bool(getattr(error, "doubt", False))
        _log.warning("step_put_off", step=self.job.key, why=why)
        if not getattr(error, "retryable", True):
            raise NotBegun(Seen("unknown" if doubt else "failed", self._line, why)) from error
        if not patient and await self._wanted():
            unsure = doubt or bool(self.ref)
            raise NotBegun(Seen("unknown" if unsure else "failed", self._line, f"{BY_A_PERSON}: {why}")) from error
        wait = max(getattr(error, "retry_after", 0.0), self._waits)
        self._waits = min(self._waits * 2, LATEST_AGAIN)
        if _now() + wait > self._until + (TO_END if patient else 0.0):
            unsure = doubt or bool(self.ref)
            words = f"no answer within {self.job.step.timeout} s: {why}"
            raise NotBegun(Seen("unknown" if unsure else "failed", self._line, words)) from error
        await asyncio.sleep(wait)


async def _in_time(answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(ANSWER):
            return await answer
    except TimeoutError as late:
        raise IntegrationError("runner", f"there was no answer in {ANSWER:g} s", retryable=True) from late


def _now() -> float:
    return asyncio.get_running_loop().time()


def _ended(seen: Seen, ending: str) -> Seen:
    """What was told to end says why."""
    if not ending or seen.state != "failed" or seen.reason.startswith(ending):
        return seen
    return replace(seen, reason=f"{ending}: {seen.reason}" if seen.reason else ending)
