"""The policy as one frozen model, and the questions that the rest of the domain asks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field, field_validator

from core.domain.environment_names import EnvName
from core.domain.notes import model
from core.domain.policy_evidence import EvidenceRules
from core.domain.policy_flags import FlagRules
from core.domain.policy_host import Github, Links, NotesPolicy
from core.domain.policy_override import OverrideRules
from core.domain.policy_parts import (
    Act,
    ApprovalRules,
    Channels,
    Digests,
    EnvironmentRules,
    Freeze,
    Frozen,
    Noise,
    Person,
    Product,
    Risk,
    Role,
    RoleName,
    SignOff,
    Slug,
    Train,
    TypeRules,
)
from core.domain.policy_people import Duties, WorkingHours
from core.domain.policy_pipeline import DeployPolicy
from core.domain.policy_retention import RetentionRules
from core.domain.policy_retro import RetroRules
from core.domain.release import ReleaseType


class Policy(Frozen):
    """The whole file. `hash` is over the text that was read, so that a comment is a change too."""

    serial: int = Field(ge=1)
    product: Product
    people: Mapping[Slug, Person]
    roles: Mapping[RoleName, Role]
    types: Mapping[ReleaseType, TypeRules]
    permissions: Mapping[Act, tuple[RoleName, ...]]
    signoffs: Mapping[Slug, SignOff]
    trains: Mapping[Slug, Train]
    environments: Mapping[EnvName, EnvironmentRules]
    channels: Channels
    approvals: ApprovalRules = ApprovalRules()
    noise: Noise = Noise()
    digests: Digests = Digests()
    working_hours: WorkingHours = WorkingHours()
    duties: Mapping[RoleName, Duties] = {}
    freezes: tuple[Freeze, ...] = ()
    notes: NotesPolicy = NotesPolicy()
    links: Links = Links()
    github: Github = Github()
    evidence: EvidenceRules = EvidenceRules()
    risk: Risk = Risk()
    override: OverrideRules = OverrideRules()
    flags: FlagRules = FlagRules()
    retrospective: RetroRules = RetroRules()
    retention: RetentionRules = RetentionRules()
    deployment: DeployPolicy = DeployPolicy()
    hash: str = ""
    body: str = Field(default="", repr=False)

    @field_validator("permissions", mode="before")
    @classmethod
    def _who_accepts(cls, said: Any) -> Any:
        """A policy that was written before an act existed lets those who lead do it."""
        led = {"accept": ("tech_lead", "release_manager"), "roles": ("release_manager",)}
        led |= {"carry": ("release_manager", "tech_lead", "product_manager", "qa"), "triage": ("qa", "release_manager")}
        led |= {"pause": ("release_manager", "tech_lead", "devops"), "retro": ("release_manager",)}
        led |= {"flag_change": ("release_manager", "tech_lead", "product_manager", "devops")}
        led |= {"flag_agree": ("release_manager", "tech_lead", "devops")}
        led |= {"package": ("release_manager", "auditor"), "retain": ("release_manager", "executive")}
        return {**led, **said} if isinstance(said, Mapping) else said

    @property
    def all_links(self) -> model.Links:
        """The address patterns, with those that follow from the repository where none is written."""
        return self.github.links(self.links, self.notes.issue_url)

    def rules(self, kind: ReleaseType) -> TypeRules:
        return self.types[kind]

    def person(self, slack: str) -> Person | None:
        return next((p for p in self.people.values() if p.slack == slack), None)

    @property
    def names(self) -> dict[str, str]:
        """Slack id -> name, of everybody the bot knows."""
        return {p.slack: p.name for p in self.people.values()}

    @property
    def called(self) -> dict[str, Any]:
        """How people, hours and roles are called: what a message that is about no release needs of the policy."""
        return {"names": self.names, "zone": self.zone, "roles": {role: self.title(role) for role in self.roles}}

    @property
    def logins(self) -> dict[str, str]:
        """Login on the host of the code, in small letters -> Slack id."""
        return {p.github.casefold(): p.slack for p in self.people.values() if p.github}

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
        """Their mails as `core.domain.scope.writers` names them; with a login also what GitHub hides them by."""
        person = self.person(slack)
        if person is None:
            return frozenset()
        hidden = (f"{person.github}@users.noreply.github.com",) if person.github else ()
        return frozenset(e.casefold() for e in (*person.emails, *hidden))

    def signoffs_for(self, gate: str, kind: ReleaseType) -> dict[str, SignOff]:
        """The sign-offs that the event `gate` waits for on a release of this type, in the file's order.

        Test kinds count only when the type asks for them: `tests.<kind>` for each kind in `types.<t>.tests`.
        """
        asked = set(self.types[kind].tests)
        return {
            name: item
            for name, item in self.signoffs.items()
            if item.gate == gate
            and kind in item.types
            and (not name.startswith("tests.") or name.removeprefix("tests.") in asked)
        }

    def train_of(self, kind: ReleaseType) -> tuple[str, Train] | None:
        name = self.types[kind].train
        return (name, self.trains[name]) if name and name in self.trains else None

    def window(self, kind: ReleaseType) -> timedelta:
        """How long a release of this type may go after its departure: its own time, else that of its train."""
        named, own = self.train_of(kind), self.types[kind].window_minutes
        return timedelta(minutes=own) if own else named[1].window if named else timedelta(0)

    @property
    def zone(self) -> str:
        """The zone in which dates without a token are written: that of the first train."""
        return next(iter(self.trains.values())).zone
