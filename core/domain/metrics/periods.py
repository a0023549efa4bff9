"""Periods as people type them: `2026-q3`, `2026-07`, `2026`, `last 90 days`, `2026-07-01..2026-08-15`.

Their days are those of the product's zone. One that has not ended is cut at the moment of asking.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.calendar import quarter, wall
from core.domain.metrics.model import Period
from core.errors import NotFound

USUAL = "last 90 days"
FORMS = "2026-q3, 2026-07, 2026, last 90 days, 2026-07-01..2026-08-15"
FIRST_YEAR, LAST_YEAR = 2000, 2199
MOST_DAYS = 3660
INSTANT = timedelta(microseconds=1)  # what happens at the moment of asking counts
_UNITS = {"day": 1, "week": 7}
_LAST = re.compile(r"^(?:the )?(?:last|past)? ?([0-9]{1,5}) ?(d|days?|w|weeks?)$")
_NAMED = re.compile(r"^(?:the )?(this|last) (month|quarter|year)$")
_QUARTER = re.compile(r"^([0-9]{4})-?q([1-4])$")
_QUARTER_FIRST = re.compile(r"^q([1-4])[ -]?([0-9]{4})?$")
_SPAN = re.compile(r"^([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?$")
Days = tuple[date, date]  # the first one, and the one after the last


def period_of(text: str, now: datetime, zone: str) -> Period:
    """The period that somebody means, "" for the usual one.

    Raises NotFound with a sentence that says what is wrong and the fact `why`: unreadable, reversed or future.
    """
    said = " ".join(text.casefold().replace("–", "-").split()) or USUAL
    today = now.astimezone(ZoneInfo(zone)).date()
    if found := _LAST.match(said):
        return _last(said, int(found[1]) * _UNITS["week" if found[2][0] == "w" else "day"], now, (zone, today))
    name, (first, after) = _days(said, today)
    if first >= after:
        raise NotFound(
            f"{name} ends before it begins; the other way round it is {_turned(name)}", why="reversed", period=name
        )
    start, end = wall(first, time(), zone), wall(after, time(), zone)
    if start >= now:
        raise NotFound(
            f"{name} lies ahead: it begins on {_day(first)}, so nothing has been measured yet",
            why="future", period=name,
        )
    return Period(name, _words(name, first, after), start, min(end, now + INSTANT), end > now)


def before(period: Period) -> Period:
    """The period of the same length that ends where this one begins."""
    start = period.start - (period.end - period.start)
    return Period(f"before {period.name}", "the same time before it", start, period.start)


def _last(said: str, days: int, now: datetime, here: tuple[str, date]) -> Period:
    zone, today = here
    if not 0 < days <= MOST_DAYS:
        raise NotFound(f"ask for 1 to {MOST_DAYS} days, not {days}", why="unreadable", period=said)
    start = wall(today - timedelta(days=days), time(), zone)
    name = f"last {days} days" if days != 1 else "last 1 day"
    return Period(name, f"the {name}", start, now + INSTANT, so_far=True)


def _days(said: str, today: date) -> tuple[str, Days]:
    """The canonical name, and its days."""
    if found := _NAMED.match(said):
        said = _named(found[1], found[2], today)
    if found := _QUARTER_FIRST.match(said):
        said = f"{found[2] or today.year}-q{found[1]}"
    if ".." in said:
        first, _, last = (part.strip() for part in said.partition(".."))
        one, other = _span(first), _span(last)
        if one and other:
            return f"{first}..{last}", (one[0], other[1])
    elif span := _span(said):
        found = _QUARTER.match(said)
        return (f"{found[1]}-q{found[2]}" if found else said), span
    raise NotFound(f"“{said[:60]}” is no period; say {FORMS}", why="unreadable", period=said[:60])


def _named(which: str, unit: str, today: date) -> str:
    """The name of the calendar's month, quarter or year that is meant."""
    if which == "last":
        back = {"month": today.replace(day=1), "quarter": quarter(today)[0]}
        today = back.get(unit, today.replace(month=1, day=1)) - timedelta(days=1)
    if unit == "quarter":
        return f"{today.year}-q{(today.month + 2) // 3}"
    return f"{today.year}-{today.month:02}" if unit == "month" else str(today.year)


def _span(said: str) -> Days | None:
    """The days of a year, quarter, month or day; None for anything else."""
    if found := _QUARTER.match(said):
        year, month = int(found[1]), int(found[2]) * 3 - 2
        return (date(year, month, 1), _later(year, month, 3)) if FIRST_YEAR <= year <= LAST_YEAR else None
    found = _SPAN.match(said)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = date(year, month, day)
    except ValueError:
        return None
    if found[3]:
        return first, first + timedelta(days=1)
    return first, _later(year, month, 1 if found[2] else 12)


def _later(year: int, month: int, months: int) -> date:
    years, left = divmod(month - 1 + months, 12)
    return date(year + years, left + 1, 1)


def _words(name: str, first: date, after: date) -> str:
    last = after - timedelta(days=1)
    if ".." in name:
        return f"{_day(first)} to {_day(last)}"
    if len(name) == 4:
        return name
    if "q" in name:
        return f"{first:%B} to {last:%B} {last.year}"
    return f"{first:%B} {first.year}" if len(name) <= 7 else _day(first)


def _turned(name: str) -> str:
    first, _, last = name.partition("..")
    return f"{last}..{first}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
