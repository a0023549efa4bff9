"""Dates as people type them, read in the policy's time zone: `16 dec`, `wed`, `tomorrow 15:00`, `2026-12-16`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.calendar import wall

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")
_HOUR = re.compile(r"^(\d{1,2})(am|pm)$")
_DAY = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|\.)?$")


@dataclass(frozen=True, slots=True)
class When:
    """A local day and, when it was said, a local time."""

    day: date
    at: time | None = None

    def instant(self, zone: str, default: time = time(10)) -> datetime:
        """Aware UTC; without a time the default one."""
        return wall(self.day, self.at or default, zone)


def read(tokens: list[str], now: datetime, zone: str) -> tuple[When | None, int]:
    """The date at the head of the tokens and how many of them it took; (None, 0) when there is none."""
    today = now.astimezone(ZoneInfo(zone)).date()
    day, used = _day(tokens, today)
    if used and day is None:
        return None, 0  # a day that does not exist; what stands behind it is no time of today
    at, more = _time(tokens[used:])
    if day is None and at is None:
        return None, 0
    if day is None and more:
        return When(today, at), more
    return (When(day, at), used + more) if day else (None, 0)


def _day(tokens: list[str], today: date) -> tuple[date | None, int]:
    first = tokens[0].casefold().rstrip(",") if tokens else ""
    iso = _ISO.match(first)
    if iso:
        return _made(int(iso[1]), int(iso[2]), int(iso[3])), 1
    if first in _NEAR:
        return today + timedelta(days=_NEAR[first]), 1
    weekday = _named(first, _DAYS)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7), 1
    second = tokens[1].casefold().rstrip(",") if len(tokens) > 1 else ""
    for number, name in ((first, second), (second, first)):
        month = _named(name, _MONTHS)
        if month is not None and _DAY.match(number):
            return _dated(int(_DAY.match(number)[1]), month + 1, tokens[2:], today)  # type: ignore[index]
    return None, 0


def _dated(day: int, month: int, rest: list[str], today: date) -> tuple[date | None, int]:
    """A day of a month: of the year that is named, else the next time it comes."""
    if rest and re.fullmatch(r"20\d\d", rest[0]):
        return _made(int(rest[0]), month, day), 3
    for year in range(today.year, today.year + 9):
        found = _made(year, month, day)
        if found and found >= today:
            return found, 2
    return None, 0


def _time(tokens: list[str]) -> tuple[time | None, int]:
    if tokens and tokens[0].casefold() == "at":
        found, used = _time(tokens[1:])
        return found, used + 1 if used else 0
    first = tokens[0].casefold() if tokens else ""
    clock, hour = _CLOCK.match(first), _HOUR.match(first)
    if clock and int(clock[1]) < 24 and int(clock[2]) < 60:
        return time(int(clock[1]), int(clock[2])), 1
    if hour and 1 <= int(hour[1]) <= 12:
        return time(int(hour[1]) % 12 + (12 if hour[2] == "pm" else 0)), 1
    return None, 0


def _named(text: str, names: tuple[str, ...]) -> int | None:
    """The place of a name or of its first three letters (or more)."""
    if len(text) < 3:
        return None
    return next((i for i, n in enumerate(names) if n.startswith(text) or (text == "sept" and n == "september")), None)


def _made(year: int, month: int, day: int) -> date | None:
    """The day, when there is one in this century: others are slips of the pen, and reckoning with them takes long."""
    if year // 100 != 20:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
