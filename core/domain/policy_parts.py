"""The tables of the policy file, one frozen model each; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from core.domain.calendar import Timetable
from core.domain.days_off import DaysOff
from core.domain.freezes import LONGEST
from core.domain.release import Phase, ReleaseType
from core.domain.slack_ids import PERSON

RoleName = Literal[
    "release_manager", "tech_lead", "qa", "product_manager", "devops", "support", "executive", "auditor"
]
ROLE_NAMES: tuple[RoleName, ...] = (  # those that every policy has; an auditor is one of those that it may have
    "release_manager",
    "tech_lead",
    "qa",
    "product_manager",
    "devops",
    "support",
    "executive",
)
Act = Literal[
    "start",
    "start_hotfix",
    "begin",
    "freeze",
    "candidate",
    "ready",
    "back",
    "go",
    "abort",
    "rollback",
    "deploy",
    "move",
    "hold",
    "cancel",
    "close",
    "edit",
    "notes",
    "scope",
    "train",
    "unlock",
    "policy",
    "accept",
    "carry",
    "triage",
    "roles",
    "pause",
    "flag_change",
    "flag_agree",
    "retro",
    "package",
    "retain",
]
ItemEvent = Literal["begin", "ready", "go", "deployed", "rollback", "close"]
ITEM_EVENTS: tuple[ItemEvent, ...] = get_args(ItemEvent)  # the events that wait for items, in the order of a release
ListName = Literal["pre-release", "pre-deployment", "deployment day", "post-release"]
RuleName = Literal[  # the functions of core/domain/checklist_rules.py, which cannot be asked here: they read policies
    "milestone",
    "features_merged",
    "branch_created",
    "version_written",
    "notes_drafted",
    "announced",
    "backup",
    "migrations",
    "code",
    "smoke_tests",
    "notes_published",
    "bugs_triaged",
    "metrics_collected",
]
RULE_NAMES: tuple[RuleName, ...] = get_args(RuleName)
LISTS: tuple[ListName, ...] = get_args(ListName)  # the checklists, in the order of a release


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone of the IANA list, for example America/New_York") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,40}$")]
GitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,80}$")]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Product(Frozen):
    key: Slug
    name: str = Field(min_length=1, max_length=60)
    main: GitName = "main"
    develop: Annotated[GitName | None, BeforeValidator(lambda name: name or None)] = "develop"  # "" = there is none
    contact: str = Field(default="", max_length=120)
    downtime: str = Field(default="no downtime is expected", max_length=200)

    @property
    def trunk(self) -> str:
        """The branch where changes come together before a release has its own: develop, main where there is none."""
        return self.develop or self.main


class Person(Frozen):
    """Somebody the bot knows: Slack user, git e-mails (for self-approval), GitHub login."""

    slack: str = Field(pattern=f"^{PERSON}$")
    name: str = Field(min_length=1, max_length=60)
    emails: tuple[str, ...] = ()
    github: str | None = None


class Role(Frozen):
    """Holders of a role: people of this policy, or a Slack user group (read from Slack)."""

    title: str = Field(min_length=1, max_length=40)
    people: tuple[str, ...] = ()
    group: str | None = Field(default=None, pattern=r"^S[A-Z0-9]{1,20}$")


class Approval(Frozen):
    role: RoleName
    count: int = Field(default=1, ge=1, le=5)


class TypeRules(Frozen):
    """What a release of one type is, needs and passes through."""

    frequency: str
    scope: str
    approvals: tuple[Approval, ...] = Field(min_length=1)
    tests: tuple[Slug, ...] = Field(min_length=1)
    phases: tuple[Phase, ...] = Field(min_length=3)
    notice_days: int = Field(default=0, ge=0, le=120)
    window_minutes: int = Field(default=0, ge=0, le=1440)  # a window of its own; 0 is that of its train
    go: tuple[RoleName, ...] = Field(default=("release_manager",), min_length=1)
    authors_may_not_approve: bool = False
    train: Slug | None = None


class SignOff(Frozen):
    """A condition of a release: a checklist item, which a role owns.

    `gate` is the lifecycle event that waits for it; `subject` says what a signature is for: the candidate's content
    (void when a new one is cut) or the release. `met` says how it is met: by a signature of the role, by evidence of
    the kind `by` for the candidate's commit, or by itself, by the rule `by` (see `core/domain/checklist_rules.py`).
    A sign-off with `by = "approval"` is met by the approval of its role where the type asks for that one; one with
    `by = "schema"` by itself where the version before surely runs on the database (`core/domain/way_back.py`). `lists`
    are the checklists in which it stands; an item in none of them is asked for all the same.
    """

    title: str = Field(min_length=3, max_length=80)
    role: RoleName
    gate: ItemEvent
    types: tuple[ReleaseType, ...] = tuple(ReleaseType)
    subject: Literal["content", "release"] = "content"
    after_staging: bool = False
    lists: tuple[ListName, ...] = ()
    met: Literal["sign-off", "evidence", "automatic"] = "sign-off"
    by: str = Field(default="", max_length=40)
    stands_in_for: str = Field(default="", max_length=160)  # read from policies that were stored before evidence was


class Train(Frozen):
    """A recurring departure, and how long the parts of a release are before and after it, in sprints and days."""

    anchor: date
    every_weeks: int = Field(default=2, ge=1, le=12)
    at: time
    zone: Zone
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    freeze_days: int = Field(default=4, ge=3, le=5)
    prepare_days: int = Field(default=2, ge=1, le=2)
    window_minutes: int = Field(default=120, ge=15, le=1440)
    sprint_weeks: int = Field(default=2, ge=1, le=6)
    planning_sprints: int = Field(default=1, ge=1, le=2)
    development_sprints: int = Field(default=1, ge=1, le=2)
    post_days: int = Field(default=3, ge=1, le=3)
    captains: tuple[str, ...] = ()  # keys of [people] who lead its releases by turns
    country: str = Field(default="", max_length=2)  # whose public holidays are no working days; "" has none
    subdivision: str = Field(default="", max_length=40)  # the part of the country, where holidays differ

    def timetable(self, skipped: Iterable[date] = (), extra: Iterable[Any] = ()) -> Timetable:
        skips, more = frozenset(skipped), tuple(extra)
        return Timetable(self.anchor, self.every_weeks, self.at, self.zone, skips, more, self.off)

    @property
    def off(self) -> DaysOff:
        return DaysOff(self.country, self.subdivision)

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.window_minutes)


class EnvironmentRules(Frozen):
    purpose: str
    updates: str
    data: str
    access: str
    deploy: tuple[RoleName, ...] = ()  # who may deploy there; empty: who holds the permission `deploy`


class Freeze(Frozen):
    """A time in which nothing but a hotfix goes to production: from `first` to `last`, both included, or by a `rule`.

    A rule is an RRULE of days (`FREQ=WEEKLY;BYDAY=FR`); each holds `days` days and counts from `first` to `last` where
    they are named. `from` and `to` are wall times on the first and the last day; without `to` it holds to midnight.
    """

    name: str = Field(min_length=1, max_length=60)
    first: date | None = None
    last: date | None = None
    rule: str = Field(default="", max_length=200)
    days: int = Field(default=1, ge=1, le=LONGEST)
    begins: time = Field(default=time(), alias="from")
    ends: time | None = Field(default=None, alias="to")
    zone: Annotated[str, AfterValidator(lambda name: _zone(name) if name else "")] = ""  # "" is the policy's


class Channels(Frozen):
    team: str = Field(pattern=r"^#?[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,20}$")
    stakeholders: str = Field(pattern=r"^#?[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,20}$")
    support: str = Field(pattern=r"^#?[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,20}$")


class ApprovalRules(Frozen):
    expire_days: int = Field(default=7, ge=1, le=60)
    answer_hours: int = Field(default=24, ge=1, le=240)


Loud = Literal["rollback", "incident", "go", "break-glass", "hold"]
_LOUD: Mapping[Loud, tuple[str, ...]] = {  # the moments of each in the team's channel
    "rollback": ("rolled_back",),
    "incident": ("incident", "decision"),
    "go": ("going_out",),
    "break-glass": ("overridden",),
    "hold": ("held",),
}


class Noise(Frozen):
    """How many posts of one release the team's channel gets; what `outside` names is posted beside that budget."""

    channel_posts: int = Field(default=6, ge=2, le=50)
    outside: tuple[Loud, ...] = get_args(Loud)

    @property
    def moments(self) -> frozenset[str]:
        """The moments that the budget does not count."""
        return frozenset(moment for name in self.outside for moment in _LOUD[name])


class Digests(Frozen):
    """What the thread tells in numbers: a week, on Mondays at an hour of the policy's zone, and a closed release."""

    weekly: bool = True
    release: bool = True
    at: time = time(9, 30)


AreaName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9 _-]{0,39}$")]
PathPattern = Annotated[str, Field(min_length=1, max_length=200)]


class Risk(Frozen):
    """What an approver is told about a release. `areas` names parts of the product, each with patterns of its paths."""

    areas: Mapping[AreaName, tuple[PathPattern, ...]] = {}
