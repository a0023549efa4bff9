"""A release and everything that is recorded about it, as frozen data.

Instants are aware UTC. People are Slack user ids. The whole `Release` is stored as one JSON document beside
the columns that the store needs for its keys; decisions and environments are rows of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.domain.contents import Absent, Accepted, Checks, Conflict, NotesState, Offer, ScopeItem, Silent, Stray
from core.domain.flag_rows import FlagRow
from core.domain.forge import Milestone
from core.domain.manifest import Signed
from core.domain.marks import Marks
from core.domain.notes.model import Edit
from core.domain.overrides import Override
from core.domain.parts import (
    BEFORE_DEPLOYMENT,
    OPEN_PHASES,
    PHASE_LINE,
    Candidate,
    Change,
    Decision,
    Dependency,
    Ending,
    GitWork,
    GoAsked,
    Hold,
    Incident,
    Later,
    Phase,
    Progress,
    ReleaseType,
    Run,
    RunState,
    StakeholderText,
    StepDone,
    SupportText,
    Texts,
)
from core.domain.product import Environment, Lock, ProductRecord, TrainChanges
from core.domain.repository import FileFault
from core.domain.retrospective import Retro
from core.domain.versions import Version
from core.domain.voices import Carry, Concern, Nudge, Nudged, Question, Reported


@dataclass(frozen=True, slots=True)
class Release:
    """The aggregate. `epoch` rises when phase, candidate or hold changes, and by nothing else."""

    id: int
    product: str
    version: str
    type: ReleaseType
    phase: Phase
    epoch: int
    policy_hash: str
    started_by: str
    started_at: datetime
    lead: str
    base_tag: str
    base_sha: str
    branch: str
    title: str = ""
    reason: str = ""
    train: str | None = None
    departs_at: datetime | None = None
    freeze_at: datetime | None = None
    prepare_at: datetime | None = None
    coming_at: datetime | None = None
    window_ends_at: datetime | None = None
    phase_since: datetime | None = None
    outcome: Ending = Ending.NONE
    fixed_by: str = ""  # version that fixes or supersedes this one
    fixes: int | None = None  # id of the release that this hotfix was opened for
    hold: Hold | None = None
    scope: tuple[Change, ...] = ()
    scope_head: str = ""
    scope_read_at: datetime | None = None
    scope_of: str = ""  # the head at which `scope` was read
    written_by: dict[str, str] = field(default_factory=dict)  # mail of each author in the range -> one of the commits
    branch_head: str = ""  # the last head of `branch` seen on the remote
    lacks: tuple[str, ...] = ()  # shipped versions that the branch's head does not contain
    absent: tuple[Absent, ...] = ()  # shipped versions with changes that never arrived on develop
    absent_of: str = ""  # develop's head and the versions that `absent` was made from
    candidates: tuple[Candidate, ...] = ()
    git: GitWork | None = None
    git_asked: int = 0  # how often git was asked; the number of the newest attempt
    go: GoAsked | None = None
    runs: tuple[Run, ...] = ()
    promotion_sha: str = ""  # the commit on main that carries the final tag
    promoted_digest: str = ""  # the content that the final tag was made from; other content needs a new number
    live_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    burnt: bool = False  # the number was live and was taken back; it is never used again
    missed_departure: bool = False
    answer_by: datetime | None = None  # until when the approvers are asked to answer; None when nothing is asked
    verify_again: bool = False  # a flag was switched off after it went live: what was verified is asked once more
    asked: tuple[str, ...] = ()  # who was asked to approve since it was made ready
    cast: dict[str, str] = field(default_factory=dict)  # role -> who fills it on this release; the lead stands apart
    later: tuple[Later, ...] = ()  # requests that wait for somebody's working hours
    day_ends: dict[str, datetime] = field(default_factory=dict)  # approver -> when somebody else has to be asked too
    unanswered: dict[str, datetime] = field(default_factory=dict)  # approver whose day ended so, and when
    woken: tuple[str, ...] = ()  # approvers who were asked outside their hours
    seats_at: datetime | None = None  # when somebody begins or ends to stand in by the hour alone
    hour_at: datetime | None = None  # when the hour was last looked at
    last_signed: dict[str, Signed] = field(default_factory=dict)  # whose approval fell -> what it was given for
    flags: tuple[str, ...] = ()  # the flags that it touches, in words: a part of what is signed
    flag_rows: tuple[FlagRow, ...] = ()  # the same with what is known of them, and those that are past their life
    concerns: tuple[Concern, ...] = ()
    questions: tuple[Question, ...] = ()
    reports: tuple[Reported, ...] = ()  # what people told about it since it is live
    progress: Progress | None = None  # of the last morning that was looked at
    reminded: dict[str, Nudge] = field(default_factory=dict)  # condition and person -> the newest reminder
    nudges: tuple[Nudged, ...] = ()  # the reminders that people sent, and when each was answered; the newest
    open_since: dict[str, datetime] = field(default_factory=dict)  # condition -> when it was first seen open
    overrides: tuple[Override, ...] = ()  # gates that two people passed, and those that wait for a second person
    dependencies: tuple[Dependency, ...] = ()
    incidents: tuple[Incident, ...] = ()
    texts: Texts = field(default_factory=Texts)
    announced: dict[str, str] = field(default_factory=dict)  # "moment:audience" -> ISO instant it was posted
    wanted: dict[str, str] = field(default_factory=dict)  # the same, when it was written to the outbox
    cancel_reason: str = ""
    posts: int = 0  # messages in the team's channel so far; the policy has a budget for them
    posts_beside: int = 0  # those that its budget does not count
    items: tuple[ScopeItem, ...] = ()  # what people want in it, by name
    notes: NotesState | None = None  # None before the range was read
    note_edits: dict[str, Edit] = field(default_factory=dict)  # by item id; they survive every new draft
    frozen_sha: str = ""  # where the branch was cut from develop; what came in after it came in late
    files: tuple[FileFault, ...] = ()  # files at the branch's head that do not name this version
    accepted: dict[str, Accepted] = field(default_factory=dict)  # late items that are no fix, by item id
    milestone: Milestone | None = None
    offers: tuple[Offer, ...] = ()  # what the host of the code has for it: its milestone, then open pull requests
    offers_left: int = 0  # how many more there are
    conflicts: tuple[Conflict, ...] = ()  # met by the newest dry run, and by what was picked or taken back since
    silent: tuple[Silent, ...] = ()  # systems that do not answer now; what they told before stands
    checks: Checks | None = None
    page: str = ""  # address of the published release on the host of the code
    retro: Retro | None = None  # None before it is live, and in releases of before there were retrospectives
    marks: Marks | None = None  # what is measured of the trail; None: written before that was kept
    record: str = ""  # the anchor of the trail when it last went out, was taken back or was closed

    @property
    def is_open(self) -> bool:
        return self.phase in OPEN_PHASES

    @property
    def number(self) -> Version:
        return Version.parse(self.version)

    @property
    def tag(self) -> str:
        return self.number.tag

    @property
    def candidate(self) -> Candidate | None:
        return self.candidates[-1] if self.candidates else None

    def conflicts_with(self, base: str) -> tuple[Conflict, ...]:
        """What git could not bring into this branch; into any when it is ""."""
        return tuple(c for c in self.conflicts if not base or c.base == base)

    @property
    def prepared(self) -> frozenset[str]:
        """The commits that the bot made for candidates; they are no changes of people."""
        return frozenset(c.sha for c in self.candidates if c.prepared)

    @property
    def digest(self) -> str:
        """What an approval is given for now; empty before the first candidate."""
        return self.candidate.digest if self.candidate else ""

    @property
    def tagged_as(self) -> str:
        """What tests and sign-offs of the candidate are given for: it stays as long as the commit does."""
        return (self.candidate.tagged_as or self.candidate.digest) if self.candidate else ""

    @property
    def git_at_work(self) -> bool:
        """Whether git is planning or publishing for this release; work that failed waits for a person."""
        return self.git is not None and self.git.state != "failed"

    @property
    def on_branch(self) -> bool:
        """Whether the content is that of its own branch: then scope changes there, by commits."""
        return bool(self.branch_head) and not (self.type.by_train and self.phase in (Phase.PLANNING, Phase.DEVELOPMENT))

    @property
    def embargoed(self) -> frozenset[str]:
        """The items of the notes that are hidden until it is released; none when it is live."""
        held = frozenset(ident for ident, edit in self.note_edits.items() if edit.embargoed)
        return frozenset() if self.phase in (Phase.POST_RELEASE, Phase.CLOSED) else held

    @property
    def has_no_place(self) -> bool:
        """Whether it waits for a train and has given up its place on one."""
        return self.type.by_train and self.departs_at is None and self.phase in BEFORE_DEPLOYMENT

    @property
    def without_promotion(self) -> Release:
        """The same without a go on its way and the dry run made for it; what is being published stays."""
        dry = self.git is not None and self.git.purpose == "promote" and self.git.state != "pushing"
        return replace(self, go=None, git=None if dry else self.git)

    def run(self, environment: str = "production") -> Run | None:
        """The newest run in an environment."""
        return next((r for r in reversed(self.runs) if r.environment == environment), None)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that a release of this type passes."""
        return PHASE_LINE if self.type.by_train else PHASE_LINE[1:]


__all__ = [
    "BEFORE_DEPLOYMENT",
    "OPEN_PHASES",
    "PHASE_LINE",
    "Accepted",
    "Candidate",
    "Carry",
    "Change",
    "Checks",
    "Concern",
    "Conflict",
    "Decision",
    "Dependency",
    "Ending",
    "Environment",
    "GitWork",
    "GoAsked",
    "Hold",
    "Incident",
    "Lock",
    "Milestone",
    "NotesState",
    "Nudge",
    "Offer",
    "Phase",
    "ProductRecord",
    "Question",
    "Release",
    "ReleaseType",
    "Reported",
    "Run",
    "RunState",
    "ScopeItem",
    "Silent",
    "StakeholderText",
    "StepDone",
    "Stray",
    "SupportText",
    "Texts",
    "TrainChanges",
]
