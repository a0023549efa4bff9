"""What is true of a product beside its releases, as frozen data: its environments, its record, its changed trains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.domain.contents import Stray
from core.domain.drills import Drill
from core.domain.parts import ReleaseType
from core.domain.rehearsals import Rehearsal
from core.domain.retrospective import ActionItem
from core.domain.voices import Concern


@dataclass(frozen=True, slots=True)
class Lock:
    release_id: int
    version: str
    by: str
    since: datetime
    reason: str
    until_cleared: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A person's lock on an environment: nobody else deploys there until it is cleared, or until its end."""

    by: str
    since: datetime
    reason: str
    until: datetime | None = None
    reminded: bool = False  # its holder was asked whether it is still needed

    def stops(self, person: str, now: datetime) -> bool:
        """Whether it keeps this person out now; one's own lock does not, nor one whose end has come."""
        return self.by != person and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Pause:
    """Everything stands still by a person's word: nothing fires by itself and nothing changes outside."""

    by: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class DataCopy:
    """Of which day the data of an environment are, and who says so; `day` is a local date (ISO)."""

    day: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Environment:
    """What runs where: the record beside the phases."""

    name: str
    version: str = ""
    sha: str = ""
    candidate: str = ""
    since: datetime | None = None
    lock: Lock | None = None
    previous: str = ""  # the version before this one, the way back
    previous_sha: str = ""


@dataclass(frozen=True, slots=True)
class TrainChanges:
    """What people changed about a train: local dates (ISO) that are skipped, instants that were added."""

    skipped: dict[str, str] = field(default_factory=dict)  # date -> why
    extra: tuple[datetime, ...] = ()
    moved: dict[str, datetime] = field(default_factory=dict)  # skipped date -> when it leaves in place of that


@dataclass(frozen=True, slots=True)
class Size:
    """How large a shipped release was: what is usual for its type follows from these."""

    type: ReleaseType
    changes: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A concern that two people carried out of a release, or that left it as it was merged `into` another one.

    It waits here until the next release takes it.
    """

    key: str
    version: str
    concern: Concern
    into: str = ""


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """What is true of the product beside its releases: what was shipped, what was taken back, changed trains."""

    key: str
    shipped: dict[str, str] = field(default_factory=dict)  # version -> the commit that carries its tag
    burnt: tuple[str, ...] = ()
    trains: dict[str, TrainChanges] = field(default_factory=dict)
    strays: dict[str, Stray] = field(default_factory=dict)  # refs that moved without the bot, by id, answered ones too
    sizes: dict[str, Size] = field(default_factory=dict)  # version -> how large it was, of those that were shipped
    carried: tuple[Carried, ...] = ()  # concerns on their way to the next release
    kept: dict[str, Kept] = field(default_factory=dict)  # environment -> a person's lock on it
    pause: Pause | None = None
    data: dict[str, DataCopy] = field(default_factory=dict)  # environment -> of which day its data are
    drills: tuple[Drill, ...] = ()  # of break-glass, the newest
    broken_at: datetime | None = None  # when two people last passed a gate of a release
    rehearsal: Rehearsal | None = None  # of a channel, in the record of its desk
    page: int = 0  # the number of the address of the status page that counts now
    durations: dict[str, tuple[int, ...]] = field(default_factory=dict)  # of steps of runs, in seconds, newest last
    actions: tuple[ActionItem, ...] = ()  # what retrospectives resolved, until done or dropped; and the last of those
    feed: int = 0  # the number of the calendar's present address
