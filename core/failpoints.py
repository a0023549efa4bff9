"""Named places where a test may kill, stop, delay or fail this process; off unless configured."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ARMED = "RELEASE_BOT_FAIL"
TRACE = "RELEASE_BOT_FAIL_TRACE"
ACTIONS = frozenset({"kill", "stop", "error", "sleep"})


class FailpointReached(RuntimeError):
    """A failpoint with the action `error` was reached."""


@dataclass(slots=True)
class _Armed:
    action: str
    seconds: float
    at: int  # which visit acts; 0 = every one
    visits: int = 0


@dataclass(slots=True)
class _Plan:
    armed: dict[str, _Armed] = field(default_factory=dict)
    trace: str = ""
    seen: set[str] = field(default_factory=set)


_plan: _Plan | None = None


def configure(environ: Mapping[str, str]) -> None:
    """Arm from `RELEASE_BOT_FAIL="name=kill@2;other=sleep:0.5"`; with neither variable all is off."""
    global _plan
    text, trace = environ.get(ARMED, ""), environ.get(TRACE, "")
    _plan = _Plan(_parse(text), trace) if text or trace else None


def _parse(text: str) -> dict[str, _Armed]:
    armed = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        name, found, what = part.rpartition("=")
        what, _, visit = what.partition("@")
        action, _, seconds = what.partition(":")
        if not found or not name or action not in ACTIONS:
            raise ValueError(f"{ARMED}: {part!r} is not name=kill|stop|error|sleep:SECONDS[@N]")
        armed[name] = _Armed(action, float(seconds or 0), int(visit or 0))
    return armed


async def failpoint(name: str) -> None:
    """Do what is armed for `name`; a look-up and nothing else in normal running."""
    if _plan is not None:
        await asyncio.sleep(_reach(_plan, name))


def failpoint_sync(name: str) -> None:
    """The same for code that runs outside a coroutine (a migration); a sleep blocks the thread."""
    if _plan is not None:
        time.sleep(_reach(_plan, name))


def _reach(plan: _Plan, name: str) -> float:
    if name not in plan.seen:
        plan.seen.add(name)
        _tell(plan, name)
    armed = plan.armed.get(name)
    if armed is None:
        return 0.0
    armed.visits += 1
    if armed.at and armed.at != armed.visits:
        return 0.0
    if armed.action == "error":
        raise FailpointReached(name)
    if armed.action == "sleep":
        return armed.seconds
    _tell(plan, f"{name}={armed.action}")  # so that a test knows what ended the process
    os.kill(os.getpid(), signal.SIGKILL if armed.action == "kill" else signal.SIGSTOP)
    return 0.0


def _tell(plan: _Plan, line: str) -> None:
    if plan.trace:
        with Path(plan.trace).open("a", encoding="utf-8") as trace:  # one short line: safe with several processes
            trace.write(line + "\n")
