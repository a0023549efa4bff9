"""What a release passes and when, from planning to the retrospective: derived from its departure by the train's rules.

Weeks are counted on the wall from the freeze backwards, days are working days, and what begins on a day on which nobody
works begins on the next one. A release keeps the dates it was given; the others follow from those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from core.domain.calendar import Timetable, phase_dates, retrospective_due, wall
from core.domain.policy import Policy
from core.domain.release import Release

What = Literal["planning", "development", "stabilization", "preparation", "departure", "post-release", "retrospective"]


class Rules(Protocol):
    """How long each part takes, as the policy's train says it."""

    @property
    def sprint_weeks(self) -> int: ...
    @property
    def planning_sprints(self) -> int: ...
    @property
    def development_sprints(self) -> int: ...
    @property
    def freeze_days(self) -> int: ...
    @property
    def prepare_days(self) -> int: ...
    @property
    def post_days(self) -> int: ...
    @property
    def window(self) -> timedelta: ...


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of the way, aware UTC; the retrospective begins and ends when it is due."""

    what: What
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What a release has already: dates that it was given, and when it went live."""

    freeze: datetime | None = None
    prepare: datetime | None = None
    window_ends: datetime | None = None
    live: datetime | None = None


def course(rules: Rules, table: Timetable, departs: datetime, known: Known, retro: timedelta) -> tuple[Leg, ...]:
    """All legs in their order. `retro` is how long after it went live a retrospective is held at the latest."""
    dates = phase_dates(
        departs, table, freeze_days=rules.freeze_days, prepare_days=rules.prepare_days, window=rules.window
    )
    freeze, prepare = known.freeze or dates.freeze, known.prepare or dates.prepare
    ends = known.window_ends or dates.window_ends
    develop = _weeks_before(table, freeze, rules.sprint_weeks * rules.development_sprints)
    plan = _weeks_before(table, develop, rules.sprint_weeks * rules.planning_sprints)
    return (
        Leg("planning", plan, develop),
        Leg("development", develop, freeze),
        Leg("stabilization", freeze, max(freeze, prepare)),
        Leg("preparation", max(freeze, prepare), departs),
        Leg("departure", departs, ends),
        *after(rules, table, known.live or departs, retro),
    )


def after(rules: Rules, table: Timetable, live: datetime, retro: timedelta) -> Iterator[Leg]:
    """What follows when it is live: the tasks after a release, and its retrospective."""
    yield Leg("post-release", live, behind(table, live, rules.post_days))
    due = retrospective_due(live, table, retro)
    yield Leg("retrospective", due, due)


def behind(table: Timetable, when: datetime, days: int) -> datetime:
    """The same wall time, some working days after an instant."""
    local = table.local(when)
    day = local.date()
    while days > 0:
        day += timedelta(days=1)
        days -= table.off.works(day)
    return wall(day, local.time(), table.zone)


def _weeks_before(table: Timetable, when: datetime, weeks: int) -> datetime:
    """The train's wall time some weeks before an instant; on a day off, that of the next working day."""
    day = table.local(when).date() - timedelta(weeks=weeks)
    while not table.off.works(day):
        day += timedelta(days=1)
    return wall(day, table.at, table.zone)


def of_departure(policy: Policy, name: str, table: Timetable, departs: datetime) -> tuple[Leg, ...]:
    """What a release on this departure of a train would pass."""
    return course(policy.trains[name], table, departs, Known(), _retro(policy))


def of_release(policy: Policy, release: Release) -> tuple[Leg, ...]:
    """What a release passes; of one that waits for no train what follows when it is live, before that nothing."""
    named = policy.trains.get(release.train or "")
    train = named or next(iter(policy.trains.values()))
    table = train.timetable()
    if named is not None and release.departs_at is not None:
        known = Known(release.freeze_at, release.prepare_at, release.window_ends_at, release.live_at)
        return course(named, table, release.departs_at, known, _retro(policy))
    return tuple(after(train, table, release.live_at, _retro(policy))) if release.live_at else ()


def plain(legs: Iterable[Leg]) -> list[dict[str, str]]:
    """The legs as plain data, for facts and views."""
    return [{"what": leg.what, "from": leg.begins.isoformat(), "to": leg.ends.isoformat()} for leg in legs]


def _retro(policy: Policy) -> timedelta:
    return timedelta(hours=policy.retrospective.after_hours)
