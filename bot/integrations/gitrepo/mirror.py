"""The bare clone: a cache of the remote that may be deleted at any time, and the lock beside it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot.integrations.gitrepo.names import HEADS, TAGS
from bot.integrations.gitrepo.process import Answer, CloneBroken, Git, Running, Stopping
from bot.integrations.gitrepo.remote import Remote
from bot.integrations.gitrepo.settings import GitSettings
from core.domain.repository import RemoteState
from core.errors import IntegrationError

_READY = "release-bot-clone"  # written last: a clone without it was left half-made
_LOOSE = 2000  # loose objects before git packs them
_PACKS = 40


@dataclass(frozen=True, slots=True)
class Refs:
    """The remote's refs as it named them: full name to SHA; `peeled` holds the commit behind each annotated tag."""

    values: dict[str, str]
    peeled: dict[str, str]

    def get(self, ref: str) -> str:
        return self.values.get(ref, "")

    def state(self, seen_at: float) -> RemoteState:
        heads = {ref.removeprefix(HEADS): sha for ref, sha in self.values.items() if ref.startswith(HEADS)}
        tags = {ref.removeprefix(TAGS): sha for ref, sha in (self.values | self.peeled).items() if ref.startswith(TAGS)}
        return RemoteState(heads, tags, seen_at)


class Mirror:
    """Blocking: each method runs in a thread. `held()` gives a `Git` that may write, `reading()` one that may not."""

    def __init__(self, settings: GitSettings) -> None:
        self.settings = settings
        self.remote = Remote.parse(settings.remote)
        self.running = Running()
        self.seen: RemoteState | None = None  # the newest answer of the remote, whoever asked for it
        self._settled: dict[str, str] = {}  # refs of the remote that the clone was seen to have

    @contextlib.contextmanager
    def held(self) -> Iterator[Git]:
        """Alone on this machine: the lock is handed to git, so it outlives us when we are killed."""
        self.settings.folder.mkdir(parents=True, exist_ok=True)
        descriptor = self._take_lock()
        try:
            git_ = replace(self.reading(), lock=descriptor)
            self._prepare(git_)
            yield git_
        finally:
            os.close(descriptor)

    def reading(self) -> Git:
        return Git(self.settings.path, self.remote, self.settings.timeout, self.running)

    def remote_refs(self, git_: Git) -> Refs:
        answer = self.judged(git_.talk("ls-remote", "--quiet", "--heads", "--tags", "--", self.remote.url))
        refs = _parse_refs(answer.out)
        self.seen = refs.state(time.monotonic())
        return refs

    def default_head(self, git_: Git) -> str:
        """The commit of the remote's HEAD, or "" in an empty repository."""
        answer = self.judged(git_.talk("ls-remote", "--quiet", "--", self.remote.url, "HEAD"))
        found = [line.split("\t") for line in _lines(answer.out)]
        return next((sha for sha, ref in found if ref == "HEAD"), "")

    def refresh(self, git_: Git) -> Refs:
        """Read the remote's refs and fetch what the clone lacks; a moved branch may be fetched newer than read."""
        refs = self.remote_refs(git_)
        missing = self.missing(git_, refs.values.values())
        if missing or refs.values != self._settled:
            if not missing and refs.values == self._local_refs(git_):
                self._settled = refs.values
            else:
                self._fetch(git_)
                missing = self.missing(git_, refs.values.values())
        if missing:
            raise CloneBroken(f"{len(missing)} commits of the remote are missing after a fetch")
        return refs

    def _fetch(self, git_: Git) -> None:
        self.judged(
            git_.talk(
                "fetch", "--quiet", "--prune", "--no-tags", "--force", "--update-shallow", "--no-write-fetch-head",
                "--no-auto-maintenance", "--end-of-options", self.remote.url,
                "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
            )
        )  # fmt: skip
        self._tidy(git_)

    def missing(self, git_: Git, shas: Iterable[str]) -> list[str]:
        """Those of the SHAs (or `sha^{commit}`) that the clone does not have."""
        wanted = list(dict.fromkeys(shas))
        if not wanted:
            return []
        answer = git_.read("cat-file", "--batch-check", stdin="".join(f"{sha}\n" for sha in wanted).encode())
        lines = answer.out.decode().splitlines()
        return [sha for sha, line in zip(wanted, lines, strict=True) if line.endswith(" missing")]

    def judged(self, answer: Answer) -> Answer:
        if answer.timed_out:
            raise self.remote.error("timeout", words=answer.err)
        if answer.code != 0 and str(self.settings.path) in answer.err:  # our folder, so not the remote's fault
            raise CloneBroken(self.remote.clean(answer.err))
        if answer.code != 0:
            raise self.remote.failure(answer.err)
        return answer

    def discard(self) -> None:
        """Delete a clone that cannot be used; everything in it is on the remote or can be made again."""
        descriptor = self._take_lock()
        try:
            shutil.rmtree(self.settings.path, ignore_errors=True)
        finally:
            os.close(descriptor)

    def shallow(self) -> bool:
        return (self.settings.path / "shallow").exists()

    def _take_lock(self) -> int:
        deadline = time.monotonic() + self.settings.timeout * 1.25
        pause = 0.005
        while True:
            descriptor = os.open(self.settings.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _same_file(descriptor, self.settings.lock):
                    return descriptor
            except BlockingIOError:
                pass
            os.close(descriptor)
            if self.running.stopping:
                raise Stopping
            if time.monotonic() > deadline:
                raise IntegrationError("git", "Another process is using the clone.", retryable=True, reason="busy")
            time.sleep(pause)
            pause = min(pause * 2, 0.2)

    def _prepare(self, git_: Git) -> None:
        path = self.settings.path
        if not (path / _READY).is_file():
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
            git_.make()
            (path / _READY).touch()
            return
        for left in _left_locks(path):
            left.unlink(missing_ok=True)

    def _local_refs(self, git_: Git) -> dict[str, str]:
        out = git_.read("for-each-ref", "--format=%(objectname) %(refname)", HEADS, TAGS).out
        return {ref: sha for sha, _, ref in (line.partition(" ") for line in _lines(out))}

    def _tidy(self, git_: Git) -> None:
        """Ancestor checks are 90 times faster with a commit-graph; packing keeps a clone usable for years."""
        if not self.shallow():
            git_.read("commit-graph", "write", "--reachable", "--split", "--no-progress")
        objects = self.settings.path / "objects"
        loose = len(list(objects.glob("17/*"))) * 256  # one folder of 256, the way git itself estimates
        if loose > _LOOSE or len(list(objects.glob("pack/*.pack"))) > _PACKS:
            with contextlib.suppress(IntegrationError):  # a packing that takes too long is tried after the next fetch
                git_.read("-c", "gc.autoDetach=false", "gc", "--quiet")


def _parse_refs(out: bytes) -> Refs:
    values: dict[str, str] = {}
    peeled: dict[str, str] = {}
    for line in _lines(out):
        sha, _, ref = line.partition("\t")
        if ref.endswith("^{}"):
            peeled[ref.removesuffix("^{}")] = sha
        elif ref.startswith((HEADS, TAGS)):
            values[ref] = sha
    return Refs(values, peeled)


def _lines(out: bytes) -> list[str]:
    return [line for line in out.decode("utf-8", "replace").split("\n") if line]


def _left_locks(clone: Path) -> Iterator[Path]:
    """Lock files of a git that was killed; nobody else can be at work while we hold the lock."""
    yield from clone.glob("*.lock")
    yield from (clone / "refs").rglob("*.lock")
    yield from (clone / "objects" / "info").rglob("*.lock")


def _same_file(descriptor: int, path: Path) -> bool:
    """Whether the lock we took is still the file of that name: the folder may have been deleted meanwhile."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (here.st_ino, here.st_dev) == (there.st_ino, there.st_dev)
