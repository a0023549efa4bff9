"""When trains leave and what follows from that: freeze, preparation, retrospective.

The policy holds local wall time and an IANA zone; everything returned is aware UTC. Recurrence is an
RRULE from an anchor date: cron cannot say "every other week".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import WEEKLY, rrule


@dataclass(frozen=True, slots=True)
class Timetable:
    """A recurring departure: from `anchor`, every `every_weeks` weeks at `at` local time in `zone`.

    `skipped` are departures (local dates) that do not happen, `extra` are additional departures (aware UTC).
    """

    anchor: date
    every_weeks: int
    at: time
    zone: str
    skipped: frozenset[date] = frozenset()
    extra: tuple[datetime, ...] = ()

    def local(self, when: datetime) -> datetime:
        return when.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class PhaseDates:
    """The dates of one release, all aware UTC, derived from its departure."""

    freeze: datetime
    prepare: datetime
    coming: datetime
    departs: datetime
    window_ends: datetime = field(default=datetime.max.replace(tzinfo=UTC))


def wall(day: date, at: time, zone: str) -> datetime:
    """Local wall time on a day, as UTC. A time that does not exist (DST gap) is moved forward by the gap."""
    local = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def departures(table: Timetable, after: datetime) -> Iterator[datetime]:
    """The departures later than `after`, in order, without end."""
    start = datetime.combine(table.anchor, time())
    since = max(start, datetime.combine(table.local(after).date(), time()) - timedelta(days=1))
    extra = sorted({e for e in table.extra if e > after})
    for day in rrule(WEEKLY, interval=table.every_weeks, dtstart=start).xafter(since, inc=True):
        leaves = wall(day.date(), table.at, table.zone)
        while extra and extra[0] < leaves:
            yield extra.pop(0)
        asked_for = bool(extra) and extra[0] == leaves
        if asked_for:
            extra.pop(0)
        if leaves > after and (asked_for or day.date() not in table.skipped):
            yield leaves


def is_departure(table: Timetable, when: datetime) -> bool:
    """Whether this instant is one of the train's departures."""
    return next(departures(table, when - timedelta(seconds=1))) == when


def working_days_before(when: datetime, days: int, zone: str) -> date:
    """The local date that lies `days` working days (Monday to Friday) before the local date of `when`."""
    day = when.astimezone(ZoneInfo(zone)).date()
    while days > 0:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day


def phase_dates(
    departs: datetime,
    table: Timetable,
    *,
    freeze_days: int,
    prepare_days: int,
    window: timedelta,
) -> PhaseDates:
    """Freeze and preparation in working days before the departure; support is told the working day before."""
    return PhaseDates(
        freeze=wall(working_days_before(departs, freeze_days, table.zone), table.at, table.zone),
        prepare=wall(working_days_before(departs, prepare_days, table.zone), table.at, table.zone),
        coming=wall(working_days_before(departs, 1, table.zone), table.at, table.zone),
        departs=departs,
        window_ends=departs + window,
    )
