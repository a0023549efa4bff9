"""The release policy: `release_policy.toml` as frozen models, with every fault named in one go.

A policy is data: who may do what, what each release type needs, when trains leave, who is told. Unknown keys
are refused. A policy whose approvals nobody could give is refused (`policy_faults.py`). Secrets and addresses
are settings and never stand here. The strategy's tables are the source of the defaults in the shipped file.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from core.domain.calendar import Timetable
from core.domain.release import Phase, ReleaseType
from core.errors import ReleaseBotError

RoleName = Literal["release_manager", "tech_lead", "qa", "product_manager", "devops", "support", "executive"]
ROLE_NAMES: tuple[RoleName, ...] = (
    "release_manager", "tech_lead", "qa", "product_manager", "devops", "support", "executive")
Act = Literal[
    "start", "start_hotfix", "begin", "freeze", "candidate", "ready", "back", "go", "abort", "rollback", "deploy",
    "move", "hold", "cancel", "close", "edit", "notes", "scope", "train", "unlock"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone of the IANA list, for example America/New_York") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,40}$")]
GitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,80}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Product(_Frozen):
    key: Slug
    name: str = Field(min_length=1, max_length=60)
    main: GitName = "main"
    develop: GitName | None = "develop"
    contact: str = Field(default="", max_length=120)
    downtime: str = Field(default="no downtime is expected", max_length=200)


class Person(_Frozen):
    """Somebody the bot knows: Slack user, git e-mails (for self-approval), GitHub login."""

    slack: str = Field(pattern=r"^[UW][A-Z0-9]{2,20}$")
    name: str = Field(min_length=1, max_length=60)
    emails: tuple[str, ...] = ()
    github: str | None = None


class Role(_Frozen):
    """Holders of a role: people of this policy, or a Slack user group (read from Slack)."""

    title: str = Field(min_length=1, max_length=40)
    people: tuple[str, ...] = ()
    group: str | None = Field(default=None, pattern=r"^S[A-Z0-9]{1,20}$")


class Approval(_Frozen):
    role: RoleName
    count: int = Field(default=1, ge=1, le=5)


class TypeRules(_Frozen):
    """What a release of one type is, needs and passes through."""

    frequency: str
    scope: str
    approvals: tuple[Approval, ...] = Field(min_length=1)
    tests: tuple[Slug, ...] = Field(min_length=1)
    phases: tuple[Phase, ...] = Field(min_length=3)
    notice_days: int = Field(default=0, ge=0, le=120)
    go: tuple[RoleName, ...] = Field(default=("release_manager",), min_length=1)
    authors_may_not_approve: bool = False
    train: Slug | None = None


class SignOff(_Frozen):
    """A condition met by a signature of a responsible role: a checklist item.

    `gate` is the lifecycle event that waits for it; `subject` says what the signature is for: the candidate's
    content (void when a new one is cut), the plan of the phase (void when the phase is entered anew) or the release.
    """

    title: str = Field(min_length=3, max_length=80)
    role: RoleName
    gate: Literal["begin", "ready", "go", "deployed", "close"]
    types: tuple[ReleaseType, ...] = tuple(ReleaseType)
    subject: Literal["content", "release"] = "content"
    after_staging: bool = False
    stands_in_for: str = Field(default="", max_length=160)


class Train(_Frozen):
    anchor: date
    every_weeks: int = Field(default=2, ge=1, le=12)
    at: time
    zone: Zone
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    freeze_days: int = Field(default=4, ge=3, le=5)
    prepare_days: int = Field(default=2, ge=1, le=2)
    window_minutes: int = Field(default=120, ge=15, le=1440)

    def timetable(self, skipped: Iterable[date] = (), extra: Iterable[Any] = ()) -> Timetable:
        return Timetable(self.anchor, self.every_weeks, self.at, self.zone, frozenset(skipped), tuple(extra))

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.window_minutes)


class EnvironmentRules(_Frozen):
    purpose: str
    updates: str
    data: str
    access: str


class Freeze(_Frozen):
    """A time in which nothing but a hotfix goes to production; local dates, both included."""

    name: str
    first: date
    last: date


class Channels(_Frozen):
    team: str = Field(pattern=r"^#?[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,20}$")
    stakeholders: str = Field(pattern=r"^#?[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,20}$")
    support: str = Field(pattern=r"^#?[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,20}$")


class ApprovalRules(_Frozen):
    expire_days: int = Field(default=7, ge=1, le=60)
    answer_hours: int = Field(default=24, ge=1, le=240)


class Noise(_Frozen):
    channel_posts: int = Field(default=6, ge=2, le=50)


class Policy(_Frozen):
    """The whole file. `hash` is over the text that was read, so that a comment is a change too."""

    serial: int = Field(ge=1)
    product: Product
    people: Mapping[Slug, Person]
    roles: Mapping[RoleName, Role]
    types: Mapping[ReleaseType, TypeRules]
    permissions: Mapping[Act, tuple[RoleName, ...]]
    signoffs: Mapping[Slug, SignOff]
    trains: Mapping[Slug, Train]
    environments: Mapping[Literal["development", "integration", "staging", "production"], EnvironmentRules]
    channels: Channels
    approvals: ApprovalRules = ApprovalRules()
    noise: Noise = Noise()
    freezes: tuple[Freeze, ...] = ()
    hash: str = ""
    body: str = Field(default="", repr=False)

    def rules(self, kind: ReleaseType) -> TypeRules:
        return self.types[kind]

    def person(self, slack: str) -> Person | None:
        return next((p for p in self.people.values() if p.slack == slack), None)

    def name_of(self, slack: str) -> str:
        person = self.person(slack)
        return person.name if person else slack

    def title(self, role: str) -> str:
        return self.roles[role].title if role in self.roles else role  # type: ignore[index]

    def static_members(self, role: str) -> tuple[str, ...]:
        """Slack ids of the people named for a role in the file (groups are rows in the store)."""
        held = self.roles.get(role)  # type: ignore[call-overload]
        return tuple(self.people[p].slack for p in held.people if p in self.people) if held else ()

    def groups(self) -> dict[str, str]:
        """Role name -> Slack user group id, for the roles held by a group."""
        return {name: role.group for name, role in self.roles.items() if role.group}

    def emails_of(self, slack: str) -> frozenset[str]:
        person = self.person(slack)
        return frozenset(e.casefold() for e in person.emails) if person else frozenset()

    def signoffs_for(self, gate: str, kind: ReleaseType) -> dict[str, SignOff]:
        """The sign-offs that the event `gate` waits for on a release of this type, in the file's order.

        Test kinds count only when the type asks for them: `tests.<kind>` for each kind in `types.<t>.tests`.
        """
        asked = set(self.types[kind].tests)
        return {
            name: item for name, item in self.signoffs.items()
            if item.gate == gate and kind in item.types
            and (not name.startswith("tests.") or name.removeprefix("tests.") in asked)
        }

    def train_of(self, kind: ReleaseType) -> tuple[str, Train] | None:
        name = self.types[kind].train
        return (name, self.trains[name]) if name and name in self.trains else None

    @property
    def zone(self) -> str:
        """The zone in which dates without a token are written: that of the first train."""
        return next(iter(self.trains.values())).zone


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a policy text; `line` is 1-based, 0 when it is about the whole."""

    path: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, {self.path}" if self.line else self.path
        return f"{place}: {self.message}" if place else self.message


class PolicyFaults(ReleaseBotError):
    """The release policy cannot be used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(f) for f in self.faults))


def policy_hash(text: str) -> str:
    """The name of a policy: SHA-256 of its text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse_policy(text: str) -> Policy:
    """Read and check a policy text. Raises PolicyFaults with every fault and its line."""
    from core.domain.policy_faults import faults_of, line_of

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", 0) or _line_in(str(error))
        raise PolicyFaults([Fault("", f"this is not TOML: {error}", line)]) from None
    try:
        policy = Policy.model_validate({**raw, "hash": policy_hash(text), "body": text})
    except ValidationError as error:
        raise PolicyFaults(
            Fault(".".join(map(str, e["loc"])), _plain(e), line_of(text, e["loc"])) for e in error.errors()) from None
    faults = tuple(faults_of(policy, text))
    if faults:
        raise PolicyFaults(faults)
    return policy


def _line_in(message: str) -> int:
    digits = message.partition("at line ")[2].split(",")[0].rstrip(")")
    return int(digits) if digits.isdigit() else 0


def _plain(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is not a known key"
    if error["type"] == "missing":
        return "is missing"
    return str(error["msg"]).removeprefix("Value error, ")
