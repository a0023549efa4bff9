"""Who is alive on this machine: each process holds a file lock for life, and the kernel frees it at kill -9.

`with Owner.register(data_dir) as me:` ... `me.id` goes into every claim; once a second `me.dead()` names the
processes of this machine that are gone, their claims are freed, and `me.forget(ids)` removes their files.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_UNBORN = ".new-"


@dataclass(slots=True)
class Owner:
    """This process, as its claims name it."""

    id: str
    directory: Path
    _descriptor: int

    @classmethod
    def register(cls, data_dir: Path) -> Owner:
        """Take an id and hold its lock until `leave`. `data_dir` must be a local disk."""
        directory = data_dir / "workers"
        directory.mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{secrets.token_hex(6)}"  # the number is for people; pids come again
        unborn = directory / (_UNBORN + name)
        descriptor = os.open(unborn, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unborn.rename(directory / name)  # seen by others only now that it is locked
        return cls(name, directory, descriptor)

    def dead(self) -> list[str]:
        """Ids whose file is here and whose lock can be taken."""
        names = sorted(path.name for path in self.directory.iterdir() if not path.name.startswith(_UNBORN))
        return [name for name in names if name != self.id and _is_free(self.directory / name)]

    def forget(self, ids: Iterable[str]) -> None:
        """Their claims are freed: nothing refers to them any more."""
        for name in ids:
            (self.directory / name).unlink(missing_ok=True)

    def leave(self) -> None:
        """At a clean stop, when no claim is left."""
        (self.directory / self.id).unlink(missing_ok=True)
        os.close(self._descriptor)

    def __enter__(self) -> Owner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()


def _is_free(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:  # another process has just forgotten it
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)  # frees the lock if we got it
    return True
