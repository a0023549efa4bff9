"""What every stand-in of a vendor has: a web server on a port of this machine, and a look around now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web


@dataclass(slots=True)
class Listening:
    """`port` 0 is a free one, known once it is open; `patience` are the seconds that a stop waits for open requests."""

    port: int = 0
    host: str = "127.0.0.1"
    patience: float = 0.5
    _runner: web.AppRunner | None = None
    _looking: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def open(self, app: web.Application) -> None:
        """Serve. Raises OSError where the port is taken; `close` ends what was begun."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=self.patience)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = self._runner.addresses[0][1]

    def look(self, every: float, work: Callable[[], object]) -> None:
        """Do `work` every so many seconds until it is closed; 0 is never."""
        if every:
            self._looking = asyncio.create_task(_again(every, work))

    async def rest(self) -> None:
        """Look around no more; requests are answered still."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None

    async def close(self) -> None:
        """End both; nothing where it was never opened."""
        await self.rest()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


async def _again(every: float, work: Callable[[], object]) -> None:
    while True:
        await asyncio.sleep(every)
        work()
