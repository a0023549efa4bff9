"""Read-only copies of the product at one commit, for commands: one per commit, shared, thrown away when nobody uses it.

`DATA_DIR/checkouts/<sha>`, and beside it `<sha>.lock`, on which everybody who uses it holds a shared lock, and
`<sha>.making` for who makes it: one that waited for a lock of users would wait for the end of their commands.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.ports import Repository

KEPT = 3  # that nobody uses


@dataclass(frozen=True, slots=True)
class Checkout:
    """`held` is the descriptor of the shared lock; whoever gets it closes it, or hands it on."""

    path: Path
    held: int


@dataclass(slots=True)
class Checkouts:
    """The checkouts of one machine."""

    folder: Path
    repository: Repository

    async def of(self, sha: str) -> Checkout:
        """The tree of a commit, made when it is not there. Raises what the repository raises."""
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        path = self.folder / sha
        while True:
            held = await asyncio.to_thread(_locked, path.with_suffix(".lock"), fcntl.LOCK_SH)
            if path.is_dir():
                os.utime(path)
                return Checkout(path, held)
            os.close(held)
            alone = await asyncio.to_thread(_locked, path.with_suffix(".making"), fcntl.LOCK_EX)
            try:
                if not path.is_dir():
                    await self._make(path, sha)
            finally:
                os.close(alone)

    async def _make(self, path: Path, sha: str) -> None:
        """Aside, then renamed. What somebody left half-made is of nobody who lives: we hold the lock."""
        for left in self.folder.glob(f".{sha}-*"):
            await asyncio.to_thread(_remove, left)
        await asyncio.to_thread(self._prune)
        aside = self.folder / f".{sha}-{secrets.token_hex(4)}"
        try:
            await self.repository.checkout(sha, aside)
            await asyncio.to_thread(_protect, aside)
            aside.rename(path)
        finally:
            await asyncio.to_thread(_remove, aside)

    def _prune(self) -> None:
        """Those that were used last stay, and those that are in use."""
        there = [path for path in self.folder.iterdir() if path.is_dir()]
        whole = sorted((p for p in there if not p.name.startswith(".")), key=lambda p: p.stat().st_mtime, reverse=True)
        for path in whole[KEPT:]:
            try:
                alone = _locked(path.with_suffix(".lock"), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            gone = self.folder / f".{path.name}-gone"
            path.chmod(0o755)  # a folder that may not be written cannot be renamed everywhere
            path.rename(gone)
            _remove(gone)
            os.close(alone)


def _locked(lock: Path, how: int) -> int:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _protect(folder: Path) -> None:
    """Nobody changes it by mistake: the next command shall find what the commit says."""
    for where, _, files in os.walk(folder):
        for name in files:
            path = Path(where) / name
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        Path(where).chmod(0o555)


def _remove(folder: Path) -> None:
    if not folder.exists():
        return
    for where, folders, _ in os.walk(folder):
        for name in (*folders, "."):
            with contextlib.suppress(OSError):
                if not (Path(where) / name).is_symlink():
                    (Path(where) / name).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
