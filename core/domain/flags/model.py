"""What a flag is for people (`Flag`, `Setting`) and what it is for an SDK (`Feature`, in the form of Unleash)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from core.domain.environment_names import ON_THE_WAY, EnvName

Kind = Literal["release", "experiment", "ops"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Environment = EnvName
ENVIRONMENTS = ON_THE_WAY
USER = "userId"  # the context field by which people are told apart


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition on a field of the context; `value` for operators with one operand, `values` for the others."""

    context: str
    operator: str
    values: tuple[str, ...] = ()
    value: str = ""
    inverted: bool = False
    case_insensitive: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Conditions that several flags share, all of which must hold."""

    id: int
    name: str
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """What a variant gives the product: `type` is string, number, json or csv, `value` always text."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Override:
    """Contexts that get this variant whatever their hash says."""

    context: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an experiment; the weights of all arms are relative to their sum."""

    name: str
    weight: int
    payload: Payload | None = None
    stickiness: str = ""  # "": that of the strategy
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependency:
    """Another flag that must be on (or off), with one of `variants` when any are named."""

    feature: str
    enabled: bool = True
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to be in: its rule by name, and conditions that narrow it."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    segments: tuple[int, ...] = ()
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """A flag in one environment as SDKs evaluate it: on for whom one strategy lets in; without any, for everybody."""

    name: str
    enabled: bool
    strategies: tuple[Strategy, ...] = ()
    variants: tuple[Variant, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    type: str = "release"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Whom a flag is on for in one environment: everybody, else the people named, else a share of all.

    `constraints` and `segments` narrow `on` and `percentage`; people who are named are in without them. `percentage`
    counts people with an id only, so somebody without one is never in it, not even at 100.
    """

    on: bool = False
    user_ids: tuple[str, ...] = ()
    percentage: int = 0
    constraints: tuple[Constraint, ...] = ()
    segments: tuple[int, ...] = ()
    variants: tuple[Variant, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    @property
    def off(self) -> bool:
        """Whether it is on for nobody."""
        return not (self.on or self.user_ids or self.percentage)


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody said becomes of a flag, for the `release` in which it was asked; None: of none."""

    what: Literal["keep", "on", "off"]
    by: str
    at: datetime
    release: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of the product. `key` is hashed with each person's id and never changes, so a rename moves nobody.

    `since` is the version that brought it, "" while no release names it, `born` what production ran when it was made.
    `release` is the id of the release whose thread tells of it. `kept` are the releases that somebody added to its
    life; `ends` says what its code is removed with: on or off for everybody. An experiment is concluded with a
    `result`, and the arm that won (`winner`, "" for none).
    """

    key: str
    name: str
    kind: Kind
    owner: str
    description: str
    created_at: datetime
    archived_at: datetime | None = None
    since: str = ""
    born: str = ""
    release: int | None = None
    kept: int = 0
    ends: Literal["", "on", "off"] = ""
    ends_by: str = ""
    winner: str = ""
    result: str = ""
    decisions: tuple[Decided, ...] = ()
