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

from core.domain.days_off import DaysOff

RETROSPECTIVE = timedelta(hours=72)  # after a release went live, at the latest


@dataclass(frozen=True, slots=True)
class Timetable:
    """A recurring departure: from `anchor`, every `every_weeks` weeks at `at` local time in `zone`.

    `skipped` are departures (local dates) that do not happen, `extra` are additional departures (aware UTC), `off` are
    the days on which nobody works.
    """

    anchor: date
    every_weeks: int
    at: time
    zone: str
    skipped: frozenset[date] = frozenset()
    extra: tuple[datetime, ...] = ()
    off: DaysOff = field(default_factory=DaysOff)

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
    """Local wall time on a day, as UTC.

    A time that does not exist because the clocks leap over it is moved forward by the leap; one that is there twice is
    the first of the two.
    """
    local = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def departures(table: Timetable, after: datetime) -> Iterator[datetime]:
    """The departures later than `after`, in order, without end."""
    start, rhythm = datetime.combine(table.anchor, time()), timedelta(weeks=table.every_weeks)
    since = max(start, datetime.combine(table.local(after).date(), time()) - timedelta(days=1))
    start += (since - start) // rhythm * rhythm  # the same days, without counting all those that have left
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


def working_days_before(when: datetime, days: int, zone: str, off: DaysOff | None = None) -> date:
    """The local date that lies `days` working days (Monday to Friday, no holiday) before the local date of `when`."""
    day, known = when.astimezone(ZoneInfo(zone)).date(), off or DaysOff()
    while days > 0:
        day -= timedelta(days=1)
        if known.works(day):
            days -= 1
    return day


def ahead(table: Timetable, when: datetime, days: int) -> datetime:
    """The train's own wall time, some working days before an instant."""
    return wall(working_days_before(when, days, table.zone, table.off), table.at, table.zone)


def retrospective_due(live: datetime, table: Timetable, within: timedelta = RETROSPECTIVE) -> datetime:
    """Some hours (72) after it went live; where that is no working day, the same wall time on the last one before.

    Where there is none in between (it went live on the eve of a long holiday), the hours stand.
    """
    due = live + within
    local = table.local(due)
    day = local.date()
    while not table.off.works(day):
        day -= timedelta(days=1)
    found = wall(day, local.time(), table.zone) if day != local.date() else due
    return found if found > live else due


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
        freeze=ahead(table, departs, freeze_days),
        prepare=ahead(table, departs, prepare_days),
        coming=ahead(table, departs, 1),
        departs=departs,
        window_ends=departs + window,
    )


def quarter(day: date) -> tuple[date, date]:
    """The first day of the quarter of a day, and that of the next one."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, (first + timedelta(days=100)).replace(day=1)
