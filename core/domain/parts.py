"""The parts that a release is made of, and the records beside it, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Literal

from core.domain.evidence.model import Build
from core.domain.manifest import Manifest
from core.domain.pipeline.model import RunStep, StepState


class Phase(StrEnum):
    PLANNING = "planning"
    DEVELOPMENT = "development"
    STABILIZATION = "stabilization"
    PREPARATION = "preparation"
    DEPLOYMENT = "deployment"
    POST_RELEASE = "post-release"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OPEN_PHASES = frozenset(Phase) - {Phase.CLOSED, Phase.CANCELLED}
PHASE_LINE = (
    Phase.PLANNING,
    Phase.DEVELOPMENT,
    Phase.STABILIZATION,
    Phase.PREPARATION,
    Phase.DEPLOYMENT,
    Phase.POST_RELEASE,
)
BEFORE_DEPLOYMENT = (Phase.PLANNING, Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION)


class ReleaseType(StrEnum):
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"
    HOTFIX = "hotfix"

    @property
    def by_train(self) -> bool:
        """Whether it waits for a departure; patch and hotfix leave when they are ready."""
        return self in (ReleaseType.MINOR, ReleaseType.MAJOR)


class RunState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"  # for a person
    DONE = "done"
    FAILED = "failed"


class Ending(StrEnum):
    NONE = ""
    ROLLED_BACK = "rolled back"
    FIXED_BY = "fixed by"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Change:
    """One change in the range of the release: a pull request, or a commit without one.

    `at` is the time of its newest commit, `first_at` of its oldest, `opened_at` when its pull request was opened.
    `reviewers` approved it and did not write it; None where nobody could be asked. `shipped` is the version that
    brought it before: a release that was begun before that one was out has it in its range too.
    """

    sha: str
    subject: str
    author: str
    email: str
    pull: int | None = None
    body: str = ""
    at: datetime | None = None
    first_at: datetime | None = None
    opened_at: datetime | None = None
    reviewers: tuple[str, ...] | None = None
    shipped: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tagged candidate. `digest` is what approvals are given for; `contains` are shipped versions it contains.

    The digest is that of the manifest, and follows it when a part becomes known otherwise without a new candidate.
    What was tested and signed off about the commit stays: it is bound to `tagged_as`, the digest it was tagged with.
    """

    number: int
    tag: str
    sha: str
    at: datetime
    by: str
    digest: str
    contains: tuple[str, ...] = ()
    section: str = ""  # digest of the CHANGELOG section that is committed in it, "" where the product keeps none
    prepared: bool = False  # its commit is the bot's own; else the last one of people, which is a change like any other
    manifest: Manifest | None = None  # None: it was tagged before contents were kept by their parts
    tagged_as: str = ""  # "" while the digest is the first one
    lines: tuple[str, ...] = ()  # the marks of the lines of its notes; the newest candidate alone keeps them


@dataclass(frozen=True, slots=True)
class Hold:
    by: str
    at: datetime
    reason: str
    until: datetime | None = None
    keep_place: bool = True
    gave_up: datetime | None = None  # the departure that somebody else may take now


@dataclass(frozen=True, slots=True)
class Dependency:
    text: str
    owner: str
    due: datetime | None = None
    state: Literal["open", "done"] = "open"


@dataclass(frozen=True, slots=True)
class Incident:
    id: int
    by: str
    text: str
    detected_at: datetime
    severity: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""


STEPS = ("backup", "migrations", "code", "smoke tests")  # of a deployment, in their order, as a host reports them
CODE = STEPS[2]


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a run that did its work; `by` is who says so where the host did not report it."""

    name: str
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A deployment or a roll-back in one environment; `target` is the version that shall run afterwards.

    With `steps` a pipeline does it and tells how each of them stands; without, a host is asked once for all.
    """

    id: int
    environment: str
    kind: Literal["deploy", "roll back"]
    state: RunState
    target: str
    sha: str
    by: str
    started_at: datetime
    reason: str = ""
    step: str = ""
    ended_at: datetime | None = None
    stop_asked: bool = False
    end_step: str = ""  # that a person wants ended at once
    changed: bool = False  # whether anything in the environment may have changed
    builds: tuple[Build, ...] = ()  # what is brought there, where the release has builds
    done: tuple[StepDone, ...] = ()
    steps: tuple[RunStep, ...] = ()
    pushed: dict[str, object] | None = None  # where git is pushed in stages: the `order` and the whole `plan`
    call_at: datetime | None = None  # when the next role is called, where nobody has decided by then
    calls: int = 0  # roles that were called so

    @property
    def at_work(self) -> RunStep | None:
        """The step that runs now, where a pipeline does it."""
        return next((x for x in self.steps if x.state is StepState.RUNNING), None)

    @property
    def stands_at(self) -> RunStep | None:
        """The step that failed, or of which nobody knows what became; None where the run was only stopped."""
        return next((x for x in self.steps if x.state in (StepState.FAILED, StepState.UNKNOWN)), None)


@dataclass(frozen=True, slots=True)
class GitWork:
    """What git is asked for right now. `order` is the JSON of a GitOrder, `plan` the stored plan's id when made."""

    purpose: Literal["cut", "freeze", "candidate", "promote", "pick", "revert", "carry", "solve"]
    asked_by: str
    at: datetime
    order: dict[str, object]
    state: Literal["planning", "planned", "pushing", "failed"] = "planning"
    problem: tuple[dict[str, object], ...] = ()  # blockers as JSON when it failed
    plan: dict[str, object] | None = None
    attempt: int = 1  # which asking of the release this is; a report of another attempt is about something past
    tries: int = 1  # how often this work was planned
    about: tuple[str, ...] = ()  # what is picked or taken back, as people named it
    section: str = ""  # digest of the CHANGELOG section that the candidate commits


@dataclass(frozen=True, slots=True)
class GoAsked:
    """A go that waits for Slack's fresh membership and for the dry run of the promotion."""

    by: str
    at: datetime
    members_read: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class SupportText:
    """What support reads and says; written by people or drafted from the scope. Plain text, lines are items."""

    new: tuple[str, ...] = ()
    solved: tuple[str, ...] = ()
    known_issues: tuple[str, ...] = ()
    workaround: str = ""
    downtime: str = ""
    contact: str = ""
    say: str = ""


@dataclass(frozen=True, slots=True)
class StakeholderText:
    """What stakeholders read: no commit, no branch, no flag."""

    gets: tuple[str, ...] = ()
    better: str = ""
    good_to_know: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """`mended` are the fields that a person wrote; none of them named beside `edited_by` means all (older records)."""

    stakeholders: StakeholderText = StakeholderText()
    support: SupportText = SupportText()
    edited_by: str = ""
    edited_at: datetime | None = None
    mended: tuple[str, ...] = ()


TEXT_FIELDS = tuple(f.name for kind in (StakeholderText, SupportText) for f in fields(kind))


@dataclass(frozen=True, slots=True)
class Later:
    """A message to one person that waits for their working hours: the outbox row that it becomes at `at`."""

    at: datetime
    person: str
    kind: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Progress:
    """How a release stood when its daily progress was looked at: `refs` are its changes, `hidden` those without a name.

    `silent` counts the working days since something moved, at `moved_at`.
    """

    at: datetime
    refs: tuple[str, ...] = ()
    hidden: int = 0
    closed: int = 0
    met: tuple[str, ...] = ()
    candidate: str = ""
    phase: str = ""
    silent: int = 0
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One signature: a person in a role said something about a subject at a gate."""

    gate: str
    subject: str
    role: str
    person: str
    verdict: Literal["approve", "reject"]
    at: datetime
    reason: str = ""
    read_at: datetime | None = None  # when Slack's membership was last read for it
    stands_for: str = ""  # the holder of the role for whom a delegate gave it; "" in one's own right

    @property
    def holder(self) -> str:
        """Whose signature it is: a delegate's is that of the one they stand in for."""
        return self.stands_for or self.person
