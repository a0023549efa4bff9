"""The two clocks: transport time is real (signatures, three seconds), release time stands still until it is moved."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

LONGEST_POLL = 25.0
GONE_AFTER = 5.0
HUNG_UP_GRACE = 1.0
LONGEST_SETTLING = 60.0
MOST_STOPS = 1_000


class TransportClock:
    """Real time, for what Slack's protocol measures; tests may push it ahead to outlive a trigger or an address."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead  # noqa: TID251 (this is the clock)

    def pass_by(self, seconds: float) -> None:
        """Let that many seconds go by at once."""
        self._ahead += seconds


def utc(moment: str | datetime) -> datetime:
    """An ISO text or a datetime as an aware moment in UTC; text without an offset is UTC."""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


@dataclass(frozen=True)
class Due:
    """What a process said is due next: when, what, and whom it concerns."""

    at: datetime
    what: str = ""
    who: str = ""

    @property
    def label(self) -> str:
        """Whom it concerns and what happens, in words."""
        return ": ".join(word for word in (self.who, self.what) if word) or "something is due"


@dataclass
class Process:
    """A bot process that follows the clock: what it knows, and until where its due work is done."""

    id: str
    known: int = -1
    settles: bool = False
    settled: int = -1
    polling: int = 0
    seen: float = 0.0
    grace: float = GONE_AFTER
    line_open: Callable[[], bool] = lambda: False
    due: list[Due] = field(default_factory=list)


@dataclass(frozen=True)
class Jump:
    """How a jump went: every stop on the way, and who never confirmed in time."""

    now: datetime
    n: int
    trail: list[Due]
    late: list[str]


class ReleaseClock:
    """Release time; a jump stops at each moment that is due and ends when every living process has confirmed."""

    def __init__(self, start: str | datetime) -> None:
        self._now = utc(start)
        self.n = 1
        self.processes: dict[str, Process] = {}
        self.on_change: Callable[[], None] = lambda: None
        self._start = self._now
        self._closed = False
        self._turned = asyncio.Event()
        self._moving = asyncio.Lock()

    def now(self) -> datetime:
        """The present release time."""
        return self._now

    # -- what processes do -----------------------------------------------------------------------------------------

    async def poll(
        self, process_id: str, known: int | None, settles: bool = False, line_open: Callable[[], bool] = lambda: True
    ) -> None:
        """A process asks for the time: it confirms what it knows, then waits here until the time is another."""
        process = self._process(process_id)
        process.settles = process.settles or settles
        process.grace, process.line_open = GONE_AFTER, line_open
        if known is not None and known != process.known:
            process.known = known
            self._turn()
        process.polling += 1
        try:
            if known == self.n:
                turned = self._turned_after(known)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(turned, LONGEST_POLL)
        finally:
            process.polling -= 1
            process.seen = self._loop_time()
            if not line_open() and not process.polling:
                process.grace = HUNG_UP_GRACE

    async def _turned_after(self, known: int) -> None:
        while self.n == known and not self._closed:
            await self._turned.wait()

    def announce(self, process_id: str, dues: list[Due]) -> None:
        """A process says what is due next; an empty list means nothing."""
        process = self._process(process_id)
        process.seen = self._loop_time()
        process.due = sorted(dues, key=lambda due: due.at)
        self._turn()

    def settle(self, process_id: str, n: int) -> None:
        """A process says that everything due at time `n` is done."""
        process = self._process(process_id)
        process.settled = max(process.settled, n)
        self._turn()

    def leave(self, process_id: str) -> None:
        """A process says that it stops."""
        self.processes.pop(process_id, None)
        self._turn()

    def close(self) -> None:
        """Let everybody go who waits for another time."""
        self._closed = True
        self._turn()

    def start_over(self) -> None:
        """Back to the beginning: the only way back, for when no process runs any more."""
        self._now = self._start
        self.n += 1
        self.processes.clear()
        self._turn()

    # -- what people do --------------------------------------------------------------------------------------------

    def next_due(self) -> Due | None:
        """The earliest moment that a living process announced and that is still ahead."""
        self._drop_the_gone()
        ahead = [due for process in self.processes.values() for due in process.due if due.at > self._now]
        return min(ahead, key=lambda due: due.at, default=None)

    async def jump(self, to: datetime | None) -> Jump:
        """Move to a moment (None: to what is due next), stopping at everything that is due on the way."""
        async with self._moving:
            first = self.next_due()
            target = utc(to) if to is not None else first.at if first else self._now
            if target < self._now:
                raise ValueError("the clock only goes forward")
            trail: list[Due] = []
            late: list[str] = []
            while self._now < target and len(trail) < MOST_STOPS:
                due = self.next_due()
                stop = due if due is not None and due.at <= target else Due(target)
                trail.append(stop)
                late = await self._move(stop.at)
            return Jump(self._now, self.n, trail, late)

    async def move_to(self, moment: datetime) -> str:
        """Jump, and say in words what was wrong, if anything."""
        try:
            jump = await self.jump(moment)
        except ValueError as fault:
            return str(fault)
        return f"{', '.join(jump.late)} did not finish in time" if jump.late else ""

    async def _move(self, moment: datetime) -> list[str]:
        self._now = moment
        self.n += 1
        self._turn()
        self.on_change()
        end = self._loop_time() + LONGEST_SETTLING
        while True:
            self._drop_the_gone()
            open_ones = [p.id for p in self.processes.values() if not self._confirmed(p)]
            if not open_ones or self._loop_time() >= end:
                return open_ones
            turned = self._turned
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(turned.wait(), 0.25)

    def _confirmed(self, process: Process) -> bool:
        return process.known >= self.n and (not process.settles or process.settled >= self.n)

    def _drop_the_gone(self) -> None:
        """A process that is neither polling nor on the line for five seconds (one, if it hung up) is gone.

        While it works after an answer its line stays open: so a slow one is told from a killed one.
        """
        now = self._loop_time()
        for process in list(self.processes.values()):
            if process.polling or process.line_open():
                process.seen = now
            elif now - process.seen > process.grace:
                del self.processes[process.id]

    def _process(self, process_id: str) -> Process:
        if process_id not in self.processes:
            self.processes[process_id] = Process(process_id, seen=self._loop_time())
        return self.processes[process_id]

    def _turn(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()
