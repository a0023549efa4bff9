"""Where the remote is, where its clone lies and who the bot is in the history it writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_CLONE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_IDENTITY = re.compile(r"[^<>\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class GitSettings:
    """`remote` is a path or an address; the clone is `folder`/`clone`, its lock lies beside it."""

    remote: str
    folder: Path  # DATA_DIR/git
    clone: str = "product"
    name: str = "Release Bot"
    email: str = "release-bot@localhost.invalid"
    timeout: float = 60.0  # seconds for one command that talks to the remote

    def __post_init__(self) -> None:
        if not _CLONE_NAME.fullmatch(self.clone):
            raise ValueError(f"the clone's name {self.clone!r} must be letters, digits, dots, dashes")
        for what, value in (("name", self.name), ("mail address", self.email)):
            if not _IDENTITY.fullmatch(value) or value != value.strip():
                raise ValueError(f"the {what} {value!r} of the bot cannot stand in a commit")
        if self.timeout <= 0:
            raise ValueError("the git time-out must be more than 0 seconds")
        if not self.folder.is_absolute():
            raise ValueError(f"the clone's folder {str(self.folder)!r} must be absolute: git runs elsewhere")

    @property
    def path(self) -> Path:
        return self.folder / self.clone

    @property
    def lock(self) -> Path:
        return self.folder / f"{self.clone}.lock"
