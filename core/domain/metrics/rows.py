"""The flat rows that measures are made of, as frozen data: deployments, changes that shipped, and each release's story.

A row says nothing that the records do not say: `reading.rows_of` makes them of a release, and any of them can be made
again. Instants are aware UTC, durations seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple

from core.domain.marks import Wait as Wait

Failed = Literal["", "rolled back", "fixed forward", "flag off", "incident", "not finished"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A release brought to production, its repetitions included, until it ran there or was given up.

    `finished_at` None: it is going on. `done`: it runs there. `failed` says why somebody had to intervene; then
    `signal_at` is the first sign of it (`estimated`: somebody said when) and `recovered_at` when production was well
    again. `back_at` is when a roll-back of it was done and `back_took` how long that took.
    """

    release: int
    number: int  # the id of its first run
    version: str
    type: str
    train: str
    started_at: datetime
    finished_at: datetime | None
    done: bool
    attempts: int = 1
    failed: Failed = ""
    signal_at: datetime | None = None
    estimated: bool = False
    recovered_at: datetime | None = None
    back_at: datetime | None = None
    back_took: int | None = None


class Brought(NamedTuple):
    """A change that runs in production since `live_at`; a tuple, because there are a hundred thousand of them.

    `lead` is from its commit (of a pull request: from the newest one of its own) until then, `cycle` from the first
    sign of work on it; None where git or the host told no time. `reviewed` None: nobody was asked who reviewed it.
    """

    release: int
    ident: str
    train: str
    live_at: datetime
    lead: int | None = None
    cycle: int | None = None
    reviewed: bool | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident; `estimated` when a person said when it was detected."""

    severity: str
    detected_at: datetime
    resolved_at: datetime | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody reported about what is live, as `feedback` or `bug`."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reminded:
    """Somebody was reminded of a condition; `answered_at` when it was met, None while it is open."""

    at: datetime
    code: str
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What was reported for the commit that shipped: coverage in percent, findings of static analysis."""

    coverage: float | None = None
    findings: int | None = None
    severe: int | None = None  # of the findings: errors


@dataclass(frozen=True, slots=True)
class Story:
    """What a release tells beside its deployments; `last_at` is the newest instant in it."""

    release: int
    version: str
    type: str
    train: str
    started_at: datetime
    ready_at: datetime | None = None
    live_at: datetime | None = None  # when its first deployment was done
    posts: int = 0
    waits: tuple[Wait, ...] = ()
    missed: tuple[datetime, ...] = ()
    overrides: tuple[datetime, ...] = ()  # gates that two people passed
    incidents: tuple[Trouble, ...] = ()
    told: tuple[Told, ...] = ()
    reminded: tuple[Reminded, ...] = ()
    quality: Quality = field(default_factory=Quality)

    @property
    def last_at(self) -> datetime:
        found = [self.started_at, self.ready_at, self.live_at, *self.missed, *self.overrides]
        found += [w.answered_at for w in self.waits] + [t.at for t in self.told]
        found += [at for i in self.incidents for at in (i.detected_at, i.resolved_at)]
        found += [at for r in self.reminded for at in (r.at, r.answered_at)]
        return max(at for at in found if at)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one release, or of many."""

    deployments: tuple[Deployment, ...] = ()
    changes: tuple[Brought, ...] = ()
    stories: tuple[Story, ...] = ()

    def with_reminders(self, sent: Mapping[int, Sequence[Reminded]]) -> Rows:
        """With reminders that are on record elsewhere, by their release."""
        told = (replace(s, reminded=(*s.reminded, *sent[s.release])) if s.release in sent else s for s in self.stories)
        return replace(self, stories=tuple(told)) if sent else self
