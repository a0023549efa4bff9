"""When a freeze holds: from day to day, or by a rule that comes again (RFC 5545), as windows of aware UTC.

The same reading serves the gate, the card, the calendar and its feed: `spans` makes windows of what the policy says,
`spans_of` of the same as a release keeps it in its facts. `ends` is the first instant at which it holds no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from core.domain.calendar import wall

LONGEST = 60  # days that one window may last
FURTHEST = timedelta(days=366 + LONGEST)  # since the last edge of a yearly one
_DAY = timedelta(days=1)
_KEYS = ("FREQ", "INTERVAL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYSETPOS", "BYWEEKNO", "WKST")
_FREQS = ("YEARLY", "MONTHLY", "WEEKLY")
_NAMES_A_DAY = ("BYDAY", "BYMONTHDAY", "BYYEARDAY")
# Where all dates end in 28 years: a rule that means no day is not looked for any longer than that.
_LAST_YEARS = datetime.combine(date(9971, 1, 1), time())


class Said(Protocol):
    """What the policy says of one freeze: whole days from `first` to `last`, or each day of a `rule`, `days` long.

    `begins` is the wall time on the first day, `ends` the one on the last; None is the midnight after it.
    """

    @property
    def name(self) -> str: ...
    @property
    def first(self) -> date | None: ...
    @property
    def last(self) -> date | None: ...
    @property
    def rule(self) -> str: ...
    @property
    def days(self) -> int: ...
    @property
    def begins(self) -> time: ...
    @property
    def ends(self) -> time | None: ...
    @property
    def zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Span:
    """One window of a freeze."""

    name: str
    begins: datetime
    ends: datetime
    zone: str
    by_rule: bool = False

    def covers(self, when: datetime) -> bool:
        return self.begins <= when < self.ends

    @property
    def days(self) -> tuple[date, date] | None:
        """Its first and last day, both included, when it is of whole days in its zone."""
        first, after = (x.astimezone(ZoneInfo(self.zone)) for x in (self.begins, self.ends))
        whole = all(wall(x.date(), time(), self.zone) == x for x in (first, after))
        return (first.date(), after.date() - _DAY) if whole else None

    @property
    def until(self) -> str:
        """How long it holds: a day where that is its last one, else the instant (ISO)."""
        return self.days[1].isoformat() if self.days else self.ends.isoformat()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A freeze out of the facts of a release."""

    name: str
    first: date | None
    last: date | None
    rule: str
    days: int
    begins: time
    ends: time | None
    zone: str


def spans(freeze: Said, zone: str, since: datetime, until: datetime) -> Iterator[Span]:
    """Its windows that hold at some instant from `since` to `until`, in order. `zone` counts where it names none."""
    zone = freeze.zone or zone
    for first, last in _days_of(freeze, since.date() - timedelta(days=LONGEST + 1), until.date() + _DAY):
        begins, ends = _window(freeze, first, last, zone)
        if begins <= until and ends > since:
            yield Span(freeze.name, begins, ends, zone, bool(freeze.rule))


def _window(freeze: Said, first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    ends = wall(last, freeze.ends, zone) if freeze.ends else wall(last + _DAY, time(), zone)
    return wall(first, freeze.begins, zone), ends


def all_spans(freezes: Iterable[Said], zone: str, since: datetime, until: datetime) -> list[Span]:
    """The windows of all of them, by their hour."""
    return sorted((s for f in freezes for s in spans(f, zone, since, until)), key=lambda s: (s.begins, s.name))


def frozen_at(freezes: Iterable[Said], zone: str, when: datetime) -> list[Span]:
    """The windows that hold at an instant, in the order of the policy."""
    return [s for f in freezes for s in spans(f, zone, when, when)]


def _days_of(freeze: Said, since: date, until: date) -> Iterator[tuple[date, date]]:
    """First and last day of each window that begins from `since` to `until`."""
    if not freeze.rule:
        if freeze.first and freeze.last:
            yield freeze.first, freeze.last
        return
    more = timedelta(days=freeze.days - 1)
    for year in range(since.year, until.year + 1):
        for day in _of_year(freeze.rule, freeze.first, year):
            if since <= day <= until and (freeze.last is None or day <= freeze.last):
                yield day, day + more


@lru_cache(maxsize=512)
def _of_year(rule: str, first: date | None, year: int) -> tuple[date, ...]:
    """The days of a year that a rule means. It counts from `first`; without one every week, month or year counts."""
    begins, ends = (datetime.combine(day, time()) for day in (date(year, 1, 1), date(year, 12, 31)))
    start = datetime.combine(first, time()) if first else begins
    found = rrulestr(rule, dtstart=start).between(begins, ends, inc=True)
    return tuple(day.date() for day in found)


# --- as a release keeps it --------------------------------------------------------------------------------------------


def row_of(freeze: Said, zone: str) -> dict[str, Any]:
    """One freeze as plain data: its window with `from` and `to`, or its rule, which has no end."""
    zone = freeze.zone or zone
    if not freeze.rule:
        assert freeze.first and freeze.last  # the policy was checked
        begins, ends = _window(freeze, freeze.first, freeze.last, zone)
        return {"name": freeze.name, "from": begins.isoformat(), "to": ends.isoformat(), "zone": zone}
    days = {name: day.isoformat() for name in ("first", "last") if (day := getattr(freeze, name))}
    hours = {"begins": freeze.begins.isoformat()} | ({"ends": freeze.ends.isoformat()} if freeze.ends else {})
    return {"name": freeze.name, "rule": freeze.rule, "days": freeze.days, "zone": zone} | days | hours


def spans_of(rows: Iterable[Mapping[str, Any]], since: datetime, until: datetime) -> list[Span]:
    """The windows of such rows that hold at some instant from `since` to `until`, by their hour."""
    found: list[Span] = []
    for row in rows:
        if "rule" in row:
            found += spans(_said(row), row["zone"], since, until)
            continue
        begins, ends = datetime.fromisoformat(row["from"]), datetime.fromisoformat(row["to"])
        if begins <= until and ends > since:
            found.append(Span(str(row["name"]), begins, ends, str(row.get("zone") or "UTC")))
    return sorted(found, key=lambda s: (s.begins, s.name))


def _said(row: Mapping[str, Any]) -> _Kept:
    first, last = (date.fromisoformat(row[k]) if row.get(k) else None for k in ("first", "last"))
    ends = time.fromisoformat(row["ends"]) if row.get("ends") else None
    begins, name = time.fromisoformat(row["begins"]), str(row["name"])
    return _Kept(name, first, last, row["rule"], int(row["days"]), begins, ends, row["zone"])


# --- what cannot be meant ---------------------------------------------------------------------------------------------


def fault_of(freeze: Said) -> str:
    """Why nobody could say when this freeze holds, "" when one can."""
    if not freeze.rule:
        return _fault_of_days(freeze)
    if wrong := _fault_of_rule(freeze.rule, freeze.first):
        return wrong
    if freeze.first and freeze.last and freeze.last < freeze.first:
        return "ends before it starts"
    if freeze.ends and freeze.days == 1 and freeze.ends <= freeze.begins:
        return "ends before it starts: on one day, `to` comes after `from`"
    return ""


def _fault_of_days(freeze: Said) -> str:
    if freeze.first is None or freeze.last is None:
        return "says neither when nor how often: it needs `first` and `last`, or a `rule`"
    if freeze.days != 1:
        return "has `days`, which belong to a `rule`; `last` says how long it is"
    backwards = freeze.last < freeze.first
    if backwards or (freeze.first == freeze.last and freeze.ends and freeze.ends <= freeze.begins):
        return "ends before it starts"
    return ""


def _fault_of_rule(rule: str, first: date | None) -> str:
    parts = dict(p.partition("=")[::2] for p in rule.split(";"))
    unknown = [key for key in parts if key not in _KEYS]
    if unknown:
        hint = {"COUNT": "; `last` ends it", "UNTIL": "; `last` ends it", "BYHOUR": "; `from` and `to` are its hours"}
        return f"its rule has {unknown[0]!r}, which is not read here{hint.get(unknown[0], '')}"
    if parts.get("FREQ") not in _FREQS:
        return f"its rule needs FREQ, one of {', '.join(_FREQS)}"
    if not any(key in parts for key in _NAMES_A_DAY) and first is None:
        return "its rule names no day: BYDAY, BYMONTHDAY or BYYEARDAY, or `first`"
    if not parts.get("INTERVAL", "1").isdecimal() or not 1 <= int(parts.get("INTERVAL", "1")) <= 52:
        return "its rule has an INTERVAL that is no number from 1 to 52"
    if parts.get("INTERVAL", "1") != "1" and first is None:
        return "its rule has an INTERVAL and no `first` to count from"
    try:
        every = ";".join(p for p in rule.split(";") if not p.startswith("INTERVAL="))
        if next(iter(rrulestr(every, dtstart=_LAST_YEARS)), None) is None:
            return "its rule means no day at all"
        rrulestr(rule, dtstart=_LAST_YEARS)
    except (ValueError, KeyError, TypeError, IndexError):
        return "its rule is none: write one like FREQ=MONTHLY;BYDAY=-1FR, the last Friday of each month"
    return ""
