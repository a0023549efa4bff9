"""The parts of a run: the steps it shall do, the attempts at them, and what was seen of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

Uses = Literal[
    "announce",  # those who are told hear that it begins; done by the release itself before the run
    "publish",  # tag and main are on the remote; done by the release before the run, or here with `trigger = "push"`
    "checks",  # everything that has to be proven of this commit is still proven
    "backup",  # a restore point that was restored once, into a scratch database
    "migrate",  # the release's migrations
    "migrate_back",  # down to the schema of the version before, or the restore point put back
    "deploy",  # one service is brought to its host
    "live",  # the host serves it
    "roll_back",  # one service goes back to the version before
    "verify",  # what answers says that it is this version
    "smoke",  # the policy's HTTP checks
    "watch",  # the same checks for a while
    "sign",  # an item of the checklist that somebody signs; it never blocks the run, only the end of the deployment
    "announce_end",  # done by the release itself after the run
    "run",  # a command of the policy in a checkout of the release
]
USES: tuple[Uses, ...] = get_args(Uses)
BESIDE: frozenset[str] = frozenset({"announce", "sign", "announce_end"})  # the release does them, no runner
UNENDED: frozenset[str] = frozenset({"publish", "roll_back", "migrate_back"})  # half of it would be worse than all
REPEATABLE: frozenset[str] = frozenset({"publish", "checks", "live", "verify", "smoke", "watch", "deploy", "roll_back"})


class StepState(StrEnum):
    """How a step of a run stands. Nothing runs in `waiting`, `failed`, `unknown` and `stopped`: a person decides."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"  # there was nothing to do: no migrations, for example
    FAILED = "failed"
    UNKNOWN = "unknown"  # it was interrupted, and nobody can tell what it did
    STOPPED = "stopped"  # by a person, before it began


OVER = frozenset({StepState.DONE, StepState.SKIPPED})
ENDED = OVER | {StepState.FAILED, StepState.UNKNOWN, StepState.STOPPED}


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a phased step: `share` percent of it, then `soak` seconds of the smoke checks before the next stage."""

    share: int
    soak: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan, whole: what is changed in the policy afterwards does not change a run.

    `timeout` and `expected` are seconds; `expected` is the median of its last runs, 0 = never seen. `decide` are the
    roles that may say how to go on when it fails. `undo` is the command that takes it back: shown, and run on the way
    back.
    """

    name: str
    title: str
    uses: Uses
    service: str = ""
    host: str = ""
    target: str = ""  # what the host calls the service in this environment
    trigger: Literal["api", "push"] = "api"
    command: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    item: str = ""  # of the checklist, for `sign`
    timeout: int = 600
    retries: int = 0
    repeatable: bool = False
    never_stop: bool = False
    decide: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    expected: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a step, as the store keeps it. `ref` is what its work is found by: a host's id, or a folder."""

    step: str
    number: int
    state: StepState
    started_at: datetime
    ended_at: datetime | None = None
    ref: str = ""
    reason: str = ""
    line: str = ""  # the last meaningful line of its output, without secrets
    rc: int | None = None
    found: dict[str, object] = field(default_factory=dict)  # what it says beside: counts, a digest, an address


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a step's work has shown."""

    state: Literal["running", "done", "skipped", "failed", "unknown"]
    line: str = ""
    reason: str = ""
    rc: int | None = None
    found: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunStep:
    """A step as the release knows it, for the card, the thread and the record; times are release time, UTC."""

    name: str
    title: str
    uses: Uses
    state: StepState = StepState.PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    expected: int = 0
    item: str = ""
    found: dict[str, object] = field(default_factory=dict)
    decide: tuple[str, ...] = ()  # roles that say how to go on when it stands; empty: who may deploy
    never_stop: bool = False  # nobody ends it in the middle
