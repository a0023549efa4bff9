"""What people read of the metrics, as frozen data: a period, measures with what stands behind them, a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Group = Literal["delivery", "health", "quality", "process", "people"]
Unit = Literal["seconds", "share", "count", "per week", "per release", "percent"]
GROUPS: dict[Group, str] = {
    "delivery": "DORA's five",
    "health": "Release health",
    "quality": "Code quality",
    "process": "Process",
    "people": "People",
}
FEW = 5  # values below which no median and no percentile is told


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on, until before `end` (aware UTC, midnights of the product's zone). `name` is as one types it.

    `words` are for people ("July to September 2026"); `so_far`: it has not ended, and `end` is the moment of asking.
    """

    name: str
    words: str
    start: datetime
    end: datetime
    so_far: bool = False

    @property
    def weeks(self) -> float:
        return (self.end - self.start).total_seconds() / (7 * 86400)

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Behind:
    """A release that a number came from; what it is drawn as is up to who shows it."""

    release: int
    version: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One number with everything that is needed to believe it.

    `n` counts what was looked at. `value` is the number itself: the median of durations, the share of a rate (0 to 1),
    the count, or the mean per week or release; None means that there is no data (`n` is 0) or too little for a median
    (`few` holds the values then, sorted). `part` is the numerator of a rate or of a mean. `interval` is the 95 % one:
    Wilson's for a rate, that of order statistics for a median. `parts` are the same number by role, kind or severity.
    `excluded` counts what was left out because its end lies before its start, `estimated` what a person estimated.
    `before` is the value of the period before, `change` says that it rose or fell only when the intervals exclude
    each other. `releases` are those behind the number, the newest first.
    """

    code: str
    title: str
    group: Group
    unit: Unit
    definition: str
    n: int = 0
    value: float | None = None
    part: float | None = None
    median: float | None = None
    p90: float | None = None
    interval: tuple[float, float] | None = None
    few: tuple[float, ...] = ()
    parts: tuple[tuple[str, Measure], ...] = ()
    releases: tuple[Behind, ...] = ()
    excluded: int = 0
    estimated: int = 0
    n_before: int = 0
    before: float | None = None
    change: Literal["", "up", "down"] = ""

    @property
    def state(self) -> Literal["no data", "few", "known"]:
        """Whether there is a number to show: none, only single values, or a number."""
        return "known" if self.value is not None else "few" if self.few else "no data"


@dataclass(frozen=True, slots=True)
class Point:
    """One deployment of the period, for charts: when it was over, how it went, and the changes it brought.

    `lead` is the median of its changes in seconds, None where it has none with a known date; `took` is in seconds.
    """

    release: int
    version: str
    type: str
    at: datetime
    failed: str  # "", "rolled back", "fixed forward", "flag off", "incident", "not finished"
    took: float | None = None
    changes: int = 0
    lead: float | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the period that begins on a Monday of the product's zone; empty weeks are there too."""

    start: datetime
    deployments: int = 0
    failed: int = 0
    rolled_back: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of one product (or one of its trains) in one period; `measures` stand in the order of the page."""

    product: str
    period: Period
    measures: tuple[Measure, ...] = ()
    points: tuple[Point, ...] = ()
    weeks: tuple[Week, ...] = ()
    releases: int = 0  # that went to production in the period
    rolled_back: int = 0  # deployments of the period that were taken back
    compared: Period | None = None  # the period of the same length before it
    train: str = ""
    made_at: datetime | None = None
    notes: tuple[str, ...] = field(default=())  # what a reader has to know about the data

    def measure(self, code: str) -> Measure:
        """One of them. Raises KeyError for a code that nobody defined."""
        found = next((m for m in self.measures if m.code == code), None)
        if found is None:
            raise KeyError(code)
        return found

    @property
    def empty(self) -> bool:
        """Whether nothing at all was recorded in the period."""
        return all(m.n == 0 for m in self.measures)
