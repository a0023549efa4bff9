"""Ways in which a git host can hurt, as hooks of the bare repository."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

_HOOKS = ("pre-receive", "update", "post-receive")


@dataclass(frozen=True, slots=True)
class RemoteFaults:
    """Hooks run for pushes only; a developer of `Product` goes past them."""

    path: Path

    def protect(self, branch: str, words: str) -> None:
        """Refuse each push that touches the branch, with the host's words."""
        said = "".join(f"  echo {shlex.quote(line)} >&2\n" for line in words.splitlines())
        ref = shlex.quote(f"refs/heads/{branch}")
        check = f' if [ "$ref" = {ref} ]; then\n{said}  exit 1\n fi\n'
        self._hook("pre-receive", f"while read old new ref; do\n{check}done\n")

    def stall_before(self, seconds: float) -> None:
        """Take the push, then think about it before any ref moves."""
        self._hook("pre-receive", f"cat >/dev/null\nsleep {seconds}\n")

    def stall_after(self, seconds: float, started: Path | None = None) -> None:
        """Move the refs, then keep the line; `started` is created when the refs have moved."""
        touch = f"touch {shlex.quote(str(started))}\n" if started else ""
        self._hook("post-receive", f"cat >/dev/null\n{touch}sleep {seconds}\n")

    def drop_line_after(self) -> None:
        """Move the refs, then let the line go dead, so that the pusher never hears of it."""
        self._hook("post-receive", "cat >/dev/null\nkill -9 $PPID\n")

    def heal(self) -> None:
        for name in _HOOKS:
            (self.path / "hooks" / name).unlink(missing_ok=True)

    def _hook(self, name: str, body: str) -> None:
        hook = self.path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{body}")
        hook.chmod(0o755)
