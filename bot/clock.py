"""Release time: the machine's clock, or in the sandbox the clock that people move there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.logging import log

_log = log("bot.clock")
AGAIN = 0.5  # seconds before the sandbox is asked again after it did not answer


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  (this is the clock)


class HandClock:
    """Release time set by hand, for tests in one process; forward only."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        if moment < self._now:
            raise ValueError("release time only goes forward")
        self._now = moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due next: when, what (a code or words), and whom it concerns."""

    at: datetime
    what: str
    who: str

    def body(self) -> dict[str, str]:
        return {"at": self.at.isoformat(), "what": self.what, "who": self.who}


class SandboxClock:
    """Follows the sandbox's clock by one long poll; a jump there ends when `settle` has returned here.

    Between two answers the last one holds, so that no reader sees two times.
    """

    def __init__(self, url: str, process: str, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._process = process
        self._session = session
        self._now: datetime | None = None
        self._known = 0
        self._announced: list[dict[str, str]] | None = None

    def now(self) -> datetime:
        if self._now is None:
            raise RuntimeError("the sandbox's clock was not read yet")
        return self._now

    async def read(self) -> None:
        """The present time, before anything else runs."""
        async with self._session.get(self._url, timeout=aiohttp.ClientTimeout(total=10)) as answer:
            self._take(await answer.json())

    def _take(self, body: dict[str, object]) -> bool:
        """Whether it is another time than before."""
        moved = body["n"] != self._known
        self._now, self._known = datetime.fromisoformat(str(body["now"])), int(str(body["n"]))
        return moved

    async def follow(self, settle: Callable[[], Awaitable[object]]) -> None:
        """For the life of the process: wait for another time, do what is due then, say that it is done."""
        settled = -1
        while True:
            try:
                if settled != self._known:
                    at = self._known
                    await settle()
                    await self._post("settled", {"process": self._process, "n": at})
                    settled = at
                ask = {"process": self._process, "known": str(self._known), "settles": "1"}
                async with self._session.get(self._url, params=ask, timeout=aiohttp.ClientTimeout(total=60)) as answer:
                    self._take(await answer.json())
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                _log.warning("clock_unreachable", why=type(error).__name__)
                self._announced = None
                await asyncio.sleep(AGAIN)

    async def announce(self, dues: Sequence[Due]) -> None:
        """Say what is due next, when it is something else than before."""
        body = [due.body() for due in dues]
        if body != self._announced:
            await self._post("next", {"process": self._process, "all": body})
            self._announced = body

    async def leave(self) -> None:
        """A stopped process is waited for no more."""
        try:
            await self._post("leave", {"process": self._process})
        except (aiohttp.ClientError, TimeoutError):
            _log.debug("clock_gone")

    async def _post(self, what: str, body: dict[str, object]) -> None:
        timeout = aiohttp.ClientTimeout(total=5)
        async with self._session.post(f"{self._url}/{what}", json=body, timeout=timeout) as answer:
            answer.raise_for_status()
