"""Running git through GitPython: a closed environment, a deadline, and the clone's lock handed to the child."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import git

from bot.integrations.gitrepo.remote import Remote
from core.errors import IntegrationError

Codes = tuple[int, ...]
Environment = dict[str, str]

# Everything that could make two machines write different objects, or run foreign code, is fixed here.
_OPTIONS = tuple(
    part
    for option in (
        "core.hooksPath=/dev/null", "core.attributesFile=/dev/null", "core.useReplaceRefs=false",
        "core.fsmonitor=false", "core.logAllRefUpdates=false", "protocol.ext.allow=never", "gc.auto=0",
        "maintenance.auto=false", "merge.renames=true", "merge.directoryRenames=conflict",
        "merge.renameLimit=7000", "diff.renameLimit=7000",
        "push.followTags=false", "push.gpgSign=false", "push.recurseSubmodules=no", "fetch.recurseSubmodules=no",
        "log.showSignature=false", "i18n.logOutputEncoding=UTF-8", "i18n.commitEncoding=UTF-8", "color.ui=false",
    )
    for part in ("-c", option)
)  # fmt: skip
_KEPT = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_", "GIT_EXEC_PATH", "GIT_HTTP_", "GIT_PYTHON_")
_BROKEN = re.compile(
    r"not a git repository|bad object|is corrupt|loose object|unable to (?:read|find|parse)"
    r"|missing (?:blob|tree|commit)|is empty|bad config|bad tree object|failed to (?:read|parse)|broken",
    re.I,
)
_GRACE = 2.0  # seconds between asking git to end and killing it


@dataclass(frozen=True, slots=True)
class Answer:
    """What one git process said; `timed_out` when it was ended by us."""

    code: int
    out: bytes
    err: str
    timed_out: bool = False

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace").strip()


class CloneBroken(Exception):
    """The local clone cannot be used; it is a cache, so it is made again."""


class Stopping(IntegrationError):
    """The process is stopping, so git was not started or was ended."""

    def __init__(self) -> None:
        super().__init__("git", retryable=True, doubt=True, reason="stopping")


@dataclass(slots=True)
class Running:
    """The git processes of one repository that talk to the remote, so that a stop need not wait for them."""

    processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    stopping: bool = False
    version: str = ""  # of git, asked for once

    def stop(self) -> None:
        self.stopping = True
        for process in list(self.processes):
            end_group(process, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in one bare clone. `lock` is the descriptor of the held lock, or None for reading."""

    clone: Path
    remote: Remote
    timeout: float
    running: Running
    lock: int | None = None

    def read(
        self, *args: str, stdin: bytes = b"", codes: Codes = (0,), env: Environment | None = None, excused: str = ""
    ) -> Answer:
        """A command on the clone alone; an exit code not expected means that the clone is broken or we are wrong.

        Words of git that are `excused` make any exit code an answer.
        """
        answer = self._start(args, stdin, env or {})
        if answer.code in codes or (excused and excused in answer.err):
            return answer
        if self.running.stopping:
            raise Stopping
        if answer.timed_out:
            raise self.remote.error("timeout", words=f"git {args[0]} took too long")
        if _BROKEN.search(answer.err):
            raise CloneBroken(f"git {args[0]}: {self.remote.clean(answer.err)}")
        words = self.remote.clean(answer.err)
        raise IntegrationError("git", f"git {args[0]} failed.", retryable=False, reason="failed", words=words)

    def talk(self, *args: str) -> Answer:
        """A command that talks to the remote; the caller judges its exit code."""
        if self.running.stopping:
            raise Stopping
        return self._start(args, b"", self.remote.environment)

    def version(self) -> str:
        """Git's version as it says it; another one may merge otherwise, so plans keep it."""
        if not self.running.version:
            self.running.version = self.read("version").text.removeprefix("git version ")
        return self.running.version

    def make(self) -> None:
        """Make the clone, empty; its folder is there."""
        self.read("init", "--quiet", "--bare", "--template=", "--initial-branch=main")

    def _start(self, args: tuple[str, ...], stdin: bytes, more: Environment) -> Answer:
        # GitPython's runner and not its Repo: a Repo reads variables like GIT_OBJECT_DIRECTORY of our own environment,
        # and keeps helper processes alive as soon as an object is touched.
        env = self._environment() | more
        if not self.clone.is_dir():
            raise CloneBroken("the clone is gone")
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            held = git.Git(self.clone).execute(
                [*_without_foreign_settings(env), "git", *_OPTIONS, *args],
                as_process=True,
                istream=source,
                env=env,
                pass_fds=() if self.lock is None else (self.lock,),
                start_new_session=True,  # so that a time-out ends the whole group, and ^C does not cut a push
            )
            process: subprocess.Popen[bytes] | None = held.proc
            assert process is not None  # as_process=True always gives one
            self.running.processes.add(process)
            try:
                return _wait(process, self.timeout)
            finally:
                self.running.processes.discard(process)

    def _environment(self) -> Environment:
        nowhere = str(self.clone / "no-home")
        env = {
            "GIT_DIR": str(self.clone), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_PAGER": "cat",
            "SSH_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never", "HOME": nowhere, "XDG_CONFIG_HOME": nowhere,
            "LC_ALL": "C", "LANG": "C", "LANGUAGE": "C", "TZ": "UTC",
            "GIT_FLUSH": "0",  # into a pipe git would write each commit by itself, which takes as long as the log
        }  # fmt: skip
        if "GIT_SSH_COMMAND" not in os.environ and "GIT_SSH" not in os.environ:
            env["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes -o ConnectTimeout=20"
        return env


def _without_foreign_settings(ours: Environment) -> list[str]:
    """GitPython hands our whole environment on; a GIT_INDEX_FILE or GIT_TRACE of the caller must not reach git."""
    theirs = [name for name in os.environ if name.startswith("GIT_") and not name.startswith(_KEPT)]
    foreign = [name for name in theirs if name not in ours]
    return ["env", *(part for name in foreign for part in ("-u", name))] if foreign else []


def _wait(process: subprocess.Popen[bytes], timeout: float) -> Answer:
    timed_out = False
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        end_group(process, signal.SIGTERM)
        try:
            out, err = process.communicate(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            end_group(process, signal.SIGKILL)
            out, err = b"", b""
            process.wait()
            for stream in (process.stdout, process.stderr):  # a child that left the group may hold them open for ever
                if stream is not None:
                    stream.close()
    return Answer(process.returncode, out or b"", (err or b"").decode("utf-8", "replace"), timed_out)


def end_group(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Signal the whole group: git alone would leave its ssh or receive-pack behind."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
