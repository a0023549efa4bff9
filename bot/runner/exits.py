"""How a command stands or has ended, read from its folder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.runner.job import Job
from core.domain.pipeline.model import Seen

NOTHING_TO_DO = 3  # how our own commands say that there was nothing to do


def is_alive(folder: Path) -> bool:
    """Whether somebody holds the lock."""
    try:
        descriptor = os.open(folder / "alive", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # two who look at once see no lock in each other
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def read(path: Path) -> dict[str, Any] | None:
    """A JSON object; None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def seen_of(job: Job, ended: Mapping[str, Any], line: str, report: Mapping[str, Any] | None) -> Seen:
    rc, why = int(ended["rc"]), str(ended.get("why", ""))
    told = report or {}
    found: dict[str, Any] = dict(told.get("found") or {})
    if ended.get("lost"):
        found["log"] = "there was no room for all of its log"
    if why:
        late = f"it took longer than {job.step.timeout} s and was ended"
        return Seen("failed", line, late if why == "timeout" else "it was stopped by a person", rc, found)
    if rc == 0 or (report is not None and rc == NOTHING_TO_DO):
        return Seen("done" if rc == 0 else "skipped", line, str(told.get("reason", "")), rc, found)
    return Seen("failed", line, str(told.get("reason", "")) or _why(job, rc, ended), rc, found)


def _why(job: Job, rc: int, ended: Mapping[str, Any]) -> str:
    if rc < 0:
        with contextlib.suppress(ValueError):
            return f"it was ended by {signal.Signals(-rc).name}"
        return f"it was ended by signal {-rc}"
    if "errno" in ended:
        return f"it could not be started: {os.strerror(int(ended['errno']))}"
    return f"it ended with exit code {rc}"


def complaint(folder: Path) -> str:
    with contextlib.suppress(OSError):
        said = (folder / "shim.err").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f": {said[-1][:200]}" if said else ""
    return ""
