"""Steps that are commands: each runs under a shim that outlives this process; here it is begun, watched and ended.

DATA_DIR/runs/<attempt>/: `alive` (locked as long as the shim lives), `begun` (the command was started), `log`,
`exit.json` (how it ended), `report.json` (what a command of ours found). Whoever takes an attempt over reads the same:
locked = it runs; free with `exit.json` = that is how it ended; free without = nobody knows, unless it never began.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import marshal
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.hidden import for_commands, hidden_values
from bot.runner import logs, shim, shim_log
from bot.runner.checkout import Checkouts
from bot.runner.exits import complaint, is_alive, read, seen_of
from bot.runner.job import Job
from core.domain import secrets as rules
from core.domain.pipeline.model import Seen
from core.errors import IntegrationError
from core.failpoints import failpoint

VENDOR = "command"
KEPT = 60  # folders of attempts that are over
SIGNALS = [int(s) for s in signal.valid_signals() if s not in (signal.SIGKILL, signal.SIGSTOP)]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a log: its beginning, and its end when it is longer. Seconds between the two words to end."""

    head: int = 46_000_000
    tail: int = 4_000_000
    grace: float = 10.0


@dataclass(frozen=True, slots=True)
class Told:
    """What is run for a job; `env` beside the common environment."""

    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all commands of one process share. `machine` names who can see `folder` and the locks in it."""

    folder: Path
    machine: str
    checkouts: Checkouts
    environment: Mapping[str, str] = field(repr=False)
    ours: frozenset[str] = frozenset()  # variables that are the bot's own settings
    known: tuple[str, ...] = field(default=(), repr=False)  # secrets of the bot
    limits: Limits = field(default_factory=Limits)


def machine_of(data_dir: Path) -> str:
    """The name of the machine whose disk this is, made up once; it goes where the disk goes."""
    path = data_dir / "machine"
    with contextlib.suppress(FileExistsError):
        aside = data_dir / f".machine-{os.getpid()}-{os.urandom(4).hex()}"
        aside.write_text(os.urandom(8).hex(), encoding="ascii")
        try:
            os.link(aside, path)
        finally:
            aside.unlink()
    return path.read_text(encoding="ascii")


@dataclass(slots=True)
class Commands:
    """`core.runner.job.Executor` for commands; `wording` says which one a job means, given its checkout and folder."""

    workshop: Workshop
    wording: Callable[[Job, Path, Path], Awaitable[Told]]
    named: Callable[[Job], Awaitable[Sequence[str]]]  # variables that the policy names: their values are hidden
    _shims: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    async def find(self, job: Job) -> str | None:
        if job.machine != self.workshop.machine:
            return None
        return await asyncio.to_thread(self._found, job)

    def _found(self, job: Job) -> str:
        folder = self._folder(job)
        begun = is_alive(folder) or any((folder / name).exists() for name in ("begun", "exit.json"))
        return folder.name if begun else ""

    async def begin(self, job: Job) -> str:
        """Harmless when it was begun on this machine before: then it is only watched."""
        try:
            checkout = await self.workshop.checkouts.of(job.tree)
            folder = self._folder(job)
            try:
                await asyncio.to_thread(folder.mkdir, 0o700, parents=True, exist_ok=True)
                order = await self._order(job, checkout.path, folder)
            except BaseException:
                os.close(checkout.held)
                raise
            await asyncio.to_thread(self._start, folder, order, checkout.held)
        except OSError as error:
            raise IntegrationError(VENDOR, _no_start(error), retryable=False) from error
        await failpoint("step.spawned")
        return folder.name

    async def _order(self, job: Job, cwd: Path, folder: Path) -> dict[str, Any]:
        told = await self.wording(job, cwd, folder)
        hidden = hidden_values(self.workshop.environment, await self.named(job), self.workshop.known)
        env = for_commands(self.workshop.environment, self.workshop.ours) | _about(job) | dict(told.env)
        env |= {"RELEASE_STEP": self._mark(job), "PYTHONDONTWRITEBYTECODE": "1"}  # nothing is written where it runs
        limits = self.workshop.limits
        return {
            "key": self._mark(job), "command": list(told.command), "env": env, "cwd": str(cwd), "signals": SIGNALS,
            "timeout": float(job.step.timeout), "grace": limits.grace, "head": limits.head, "tail": limits.tail,
            "values": hidden, "rules": rules.__file__, "writer": shim_log.__file__,
        }  # fmt: skip

    def _start(self, folder: Path, order: dict[str, Any], used: int) -> None:
        """The lock is ours before there is a shim, and the shim's before we let go of it, so it is never free between
        the first moment and the last. Closes `used`: a caller that is cancelled does not wait for this thread."""
        alive = os.open(folder / "alive", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _locked(alive)
            if (folder / "begun").exists() or (folder / "exit.json").exists():
                return
            with (folder / "shim.err").open("ab") as complaints:
                child = subprocess.Popen(
                    [sys.executable, "-I", "-S", shim.__file__, str(folder)],
                    stdin=subprocess.PIPE, stdout=complaints, stderr=complaints, pass_fds=(alive, used),
                    start_new_session=True, cwd="/", env={"PATH": order["env"].get("PATH", os.defpath)},
                )  # fmt: skip
            assert child.stdin is not None
            with contextlib.suppress(BrokenPipeError), child.stdin as line:
                line.write(marshal.dumps({**order, "held": [alive, used]}))
            self._shims[folder.name] = child
        except BlockingIOError:  # somebody else has begun it: watch
            return
        finally:
            os.close(alive)
            os.close(used)
        self._tidy()

    async def look(self, job: Job, ref: str) -> Seen:
        if job.machine not in ("", self.workshop.machine):
            return Seen("unknown", reason="it was begun on another machine, and that one does not answer any more")
        return await asyncio.to_thread(self._look, job, self.workshop.folder / ref)

    def _look(self, job: Job, folder: Path) -> Seen:
        self._bury()
        alive, line = is_alive(folder), logs.last_line(folder)
        ended = read(folder / "exit.json")
        if ended is not None:
            return seen_of(job, ended, line, read(folder / "report.json"))
        if alive:
            return Seen("running", line)
        if not (folder / "begun").exists():
            return Seen("failed", line, f"it could not be begun{complaint(folder)}")
        if shim.marked(f"RELEASE_STEP={self._mark(job)}".encode()):
            return Seen("running", line or "its watcher was killed; it is still running")
        return Seen("unknown", line, "whoever watched it was killed, and nobody knows how it ended")

    def _bury(self) -> None:
        """A child that has ended stays in the table of processes until somebody asks how."""
        for name, child in list(self._shims.items()):
            if child.poll() is not None:
                self._shims.pop(name, None)

    async def until_news(self, job: Job, ref: str) -> None:
        """The end of the shim, where the system tells it."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        folder = self.workshop.folder / ref
        child = self._shims.get(ref)
        try:
            pid = child.pid if child else int((folder / "begun").read_text())
            descriptor = os.pidfd_open(pid)
        except (OSError, ValueError, AttributeError):  # it has ended, or this system cannot tell
            await asyncio.Event().wait()
            return
        try:
            if child is None and not is_alive(folder):  # the number may be another process's by now
                return
            loop.add_reader(descriptor, ended.set)
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    async def end(self, job: Job, ref: str) -> None:
        """By its shim; where that is gone, by the mark that every process of it carries."""
        folder = self.workshop.folder / ref
        (folder / "stop").touch()
        mark = f"RELEASE_STEP={self._mark(job)}".encode()
        if await asyncio.to_thread(is_alive, folder):
            return
        await asyncio.to_thread(shim.end_marked, mark, shim.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.workshop.limits.grace):
                while await asyncio.to_thread(shim.marked, mark):  # noqa: ASYNC110  (processes that are not ours)
                    await asyncio.sleep(0.1)
        await asyncio.to_thread(shim.end_marked, mark, shim.SIGKILL)

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        return await asyncio.to_thread(logs.tail, self.workshop.folder / ref, lines)

    async def whole_log(self, job: Job, ref: str) -> Sequence[str]:
        return await asyncio.to_thread(logs.whole, self.workshop.folder / ref)

    def _folder(self, job: Job) -> Path:
        """Named by when it began too: a store that was put back counts its runs anew."""
        return self.workshop.folder / f"{job.run_id}-{job.step.name}-{job.attempt}-{job.began:%Y%m%d%H%M%S%f}"

    def _mark(self, job: Job) -> str:
        """What every process of it has in its environment; two bots on one machine must not end each other's."""
        return f"{job.key}@{self.workshop.machine}"

    def _tidy(self) -> None:
        """The oldest folders whose attempts are over go; their logs are in the store."""
        there = sorted(self.workshop.folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for folder in there[KEPT:]:
            if not is_alive(folder) and (folder / "exit.json").exists():
                shutil.rmtree(folder, ignore_errors=True)


def _locked(descriptor: int) -> None:
    """Raises BlockingIOError when somebody keeps it; one who only looks has it for a moment."""
    for left in reversed(range(4)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not left:
                raise
        time.sleep(0.005)


def _about(job: Job) -> dict[str, str]:
    """What a command may want to know."""
    return {
        "RELEASE_VERSION": job.version, "RELEASE_SHA": job.sha, "RELEASE_ENVIRONMENT": job.environment,
        "RELEASE_PREVIOUS": job.previous, "RELEASE_PREVIOUS_SHA": job.previous_sha, "RELEASE_KIND": job.kind,
        "RELEASE_RUN": str(job.run_id), "RELEASE_PRODUCT": job.product,
    }  # fmt: skip


def _no_start(error: OSError) -> str:
    return f"The command could not be started: {error.strerror or type(error).__name__}."
