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
from typing import Any, Literal

from pydantic import Field, ValidationError

from core.domain.policy_parts import (
    ROLE_NAMES,
    Act,
    Approval,
    ApprovalRules,
    Channels,
    EnvironmentRules,
    Freeze,
    Frozen,
    Noise,
    Person,
    Product,
    Role,
    RoleName,
    SignOff,
    Slug,
    Train,
    TypeRules,
)
from core.domain.release import ReleaseType
from core.errors import ReleaseBotError


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
            name: item
            for name, item in self.signoffs.items()
            if item.gate == gate
            and kind in item.types
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
        read = Policy.model_validate({**raw, "hash": policy_hash(text)})
        policy = read.model_copy(update={"body": text})  # as it is: validated text would lose its last line break
    except ValidationError as error:
        raise PolicyFaults(
            Fault(".".join(map(str, e["loc"])), _plain(e), line_of(text, e["loc"])) for e in error.errors()
        ) from None
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


__all__ = [
    "ROLE_NAMES",
    "Act",
    "Approval",
    "ApprovalRules",
    "Channels",
    "EnvironmentRules",
    "Fault",
    "Freeze",
    "Frozen",
    "Noise",
    "Person",
    "Policy",
    "PolicyFaults",
    "Product",
    "Role",
    "RoleName",
    "SignOff",
    "Slug",
    "Train",
    "TypeRules",
    "parse_policy",
    "policy_hash",
]
