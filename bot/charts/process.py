"""Draws pictures in another process: the bot's own neither waits for the drawing nor keeps its memory.

The process is started for the first picture and used again; it ends when nothing was asked of it for a while, after
many pictures, and at once when it takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bot.charts import LENGTH
from bot.logging import log
from core.domain.picture import Picture
from core.errors import ReleaseBotError

PATIENCE = 20.0  # seconds for a picture; its process starts in less than two
IDLE = 60.0  # seconds after which a process that nobody asks ends
MOST = 200  # pictures of one process: what a library may keep of each does not grow for ever
LARGEST = 4 * 1024 * 1024
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "PYTHONPATH")  # of our environment: a chart needs no secret

_log = log("bot.charts")


class NotDrawn(ReleaseBotError):
    """There is no chart: its process took too long, ended, or said nothing that is a picture."""


@dataclass(slots=True)
class Charts:
    """The drawing process. `folder` is where the library keeps what it found out about fonts."""

    folder: Path
    patience: float = PATIENCE
    _process: asyncio.subprocess.Process | None = None
    _drawn: int = 0
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ends: asyncio.TimerHandle | None = None

    async def png(self, picture: Picture) -> bytes:
        """The picture as PNG. Raises NotDrawn."""
        async with self._one_at_a_time:
            self._stay()
            try:
                async with asyncio.timeout(self.patience):
                    drawn = await self._asked(await self._running(), picture)
            except BaseException as error:  # cancelled half-way, the next one would read this one's answer
                await self._end()
                if isinstance(error, (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError)):
                    _log.warning("not_drawn", why=type(error).__name__)
                    raise NotDrawn("the chart could not be drawn") from error
                raise
            self._drawn += 1
            if self._drawn >= MOST:
                await self._end()
            else:
                self._ends = asyncio.get_running_loop().call_later(IDLE, self._leave)
            return drawn

    async def close(self) -> None:
        """End the process, if there is one."""
        self._stay()
        async with self._one_at_a_time:
            await self._end()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
            self._drawn = 0
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.charts", env=kept | {"MPLCONFIGDIR": str(self.folder)},
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        return self._process

    async def _asked(self, process: asyncio.subprocess.Process, picture: Picture) -> bytes:
        assert process.stdin is not None and process.stdout is not None
        asked = pickle.dumps(picture)
        process.stdin.write(LENGTH.pack(len(asked)) + asked)
        await process.stdin.drain()
        (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        if length > LARGEST:
            raise ValueError("that is no picture")
        return await process.stdout.readexactly(length)

    def _stay(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _leave(self) -> None:
        """Its input ends, and so does it; whoever asks from now on gets another one."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
