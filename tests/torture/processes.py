"""Real `release-bot serve` processes: started from the nursery, killed with SIGKILL, watched until they are gone."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

OPENED = 20.0


class EndedAtOnce(Exception):
    """The process was gone before it listened."""

    def __init__(self, log: Path, reached: list[str]) -> None:
        self.log, self.reached = log, reached
        super().__init__(f"{log.name}: {log.read_text()[-2000:] if log.exists() else ''}")


@dataclass(slots=True)
class Serving:
    """One process. `url` is where Slack reaches it; `trace` holds the failpoints it reached."""

    pid: int
    url: str
    log: Path
    trace: Path
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _watch: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._watch = asyncio.create_task(self._until_gone())

    async def _until_gone(self) -> None:
        try:
            while await self._reader.read(4096):
                pass
        except ConnectionError:
            pass
        self._writer.close()
        self.over.set()

    @property
    def alive(self) -> bool:
        return not self.over.is_set()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, what: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):  # gone a moment ago
                os.kill(self.pid, what)

    async def stop(self, patience: float = 20.0) -> None:
        """SIGTERM, and wait for the clean end."""
        self._signal(signal.SIGTERM)
        async with asyncio.timeout(patience):
            await self.over.wait()

    def state(self) -> str:
        """R, S, T and so on; Linux only."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "gone"

    def reached(self) -> list[str]:
        return self.trace.read_text().split("\n")[:-1] if self.trace.exists() else []


@dataclass(slots=True)
class Nursery:
    """Where processes come from: a socket of `tests.torture.nursery`, and a folder for their logs."""

    socket: Path
    folder: Path
    pids: list[int] = field(default_factory=list)  # of all that were ever started
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def serve(self, env: dict[str, str], *, fail: str = "", without: Sequence[str] = ()) -> Serving:
        """A process that listens. Raises EndedAtOnce when it died on the way (its failpoint may lie there)."""
        number = next(self._numbers)
        log, trace = self.folder / f"serve-{number}.log", self.folder / f"serve-{number}.trace"
        more = {"RELEASE_BOT_FAIL": fail, "RELEASE_BOT_FAIL_TRACE": str(trace)}
        asked = {"env": {**env, **more}, "log": str(log), "without": list(without)}
        reader, writer = await asyncio.open_unix_connection(str(self.socket))
        writer.write(json.dumps(asked).encode() + b"\n")
        pid = int(await reader.readline())
        self.pids.append(pid)
        async with asyncio.timeout(OPENED):
            said = (await reader.readline()).decode()
        url = said.rstrip().rpartition(" ")[2].removesuffix("/slack/events")
        started = Serving(pid, url, log, trace, reader, writer)
        if not said:
            writer.close()
            raise EndedAtOnce(log, started.reached())
        started.begin()
        return started
