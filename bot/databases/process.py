"""Starting a tool or a command of the policy: its lines pass through without secrets, its last ones are kept."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.databases.faults import DatabaseFault, Exit
from core.domain.secrets import redact

Say = Callable[[str], None]
LONGEST = 2000  # characters of a line; the rest of it is dropped
KEPT = 30  # last lines
LINGER = 2.0  # seconds in which the rest of the output is read after its end
HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: `rc` below zero is the signal. `lines` are the last ones of both outputs, in their order."""

    rc: int
    lines: tuple[str, ...] = ()
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def why(self) -> str:
        """The line that says most: the last with the word error in it, else the last one; it comes to the record, so
        no secret stands in it."""
        told = [line for line in self.lines if line.strip()]
        loud = [line for line in told if "error" in line.lower() or "fatal" in line.lower()]
        last = (loud or told or [""])[-1].strip()
        for secret in self.hidden:
            last = last.replace(secret, HIDDEN)
        last = redact(last)[0]
        how = f"signal {-self.rc}" if self.rc < 0 else f"code {self.rc}"
        return f"{last[:300]} ({how})" if last else f"it said nothing ({how})"

    @property
    def disk_full(self) -> bool:
        return any("no space left" in line.lower() or "disk is full" in line.lower() for line in self.lines)


async def _stream(descriptor: int) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", 0)
    end, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader, end


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs processes; `hide` is taken out of all that they say, `also` out of what is told of a failure alone: lines
    that are read (a digest, a revision) stay as they are."""

    say: Say
    hide: tuple[str, ...] = field(default=(), repr=False)
    also: tuple[str, ...] = field(default=(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def run(
        self, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> Ended:  # fmt: skip
        """Run to the end; the time-out is the caller's. `quiet`: its lines are kept and not passed on."""
        out, into = os.pipe()  # ours, because asyncio's would be waited for as long as any child holds it
        try:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=cwd, env=dict(self.environment if env is None else env), stdin=asyncio.subprocess.DEVNULL,
                stdout=into, stderr=into,
            )  # fmt: skip
        except OSError as error:
            os.close(out)
            why = error.strerror or type(error).__name__
            raise DatabaseFault(Exit.NOT_BEGUN, f"{command[0]} could not be started: {why}.") from None
        finally:
            os.close(into)
        kept: deque[str] = deque(maxlen=KEPT)
        stream, end = await _stream(out)
        reading = asyncio.create_task(self._read(stream, kept, quiet))
        try:
            rc = await process.wait()
            await asyncio.wait([reading], timeout=LINGER)  # a child of it may hold the output open for ever
        except BaseException:  # a signal or an end of ours: nothing is left running behind
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        finally:
            reading.cancel()
            end.close()
        return Ended(rc, tuple(kept), self.also)

    async def _read(self, stream: asyncio.StreamReader, kept: deque[str], quiet: bool) -> None:
        line = b""
        while block := await stream.read(65_536):
            *whole, rest = block.split(b"\n")
            if whole:
                self._take(line + whole[0], kept, quiet)
                for each in whole[1:]:
                    self._take(each, kept, quiet)
                line = b""
            line = (line + rest)[: LONGEST * 4]
        if line:
            self._take(line, kept, quiet)

    def _take(self, raw: bytes, kept: deque[str], quiet: bool) -> None:
        line = self.clean(raw[: LONGEST * 4].decode(errors="replace").rstrip("\r"))[:LONGEST]
        kept.append(line)
        if not quiet:
            self.say(line)

    def clean(self, text: str) -> str:
        for secret in self.hide:
            text = text.replace(secret, HIDDEN)
        return text
