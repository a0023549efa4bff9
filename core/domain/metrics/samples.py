"""What a definition finds in the rows, and the measure that its samples add up to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.domain.metrics import numbers
from core.domain.metrics.model import FEW, Behind, Group, Measure, Unit


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number is, once and for all. `counts` says how it is counted, `reads` which events it is made of."""

    code: str
    title: str
    group: Group
    unit: Unit
    counts: str
    reads: str


@dataclass(frozen=True, slots=True)
class Durations:
    """Values (seconds, percent, findings) with the release that each came from; `parts` by role or the like.

    A negative one is a fault of a clock: it is left out and counted.
    """

    values: Sequence[float]
    releases: Iterable[int]
    parts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; `parts` are the numerator by kind."""

    part: int
    n: int
    releases: Iterable[int]
    parts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mean:
    """A sum over `by` weeks or releases; `n` is what was looked at, and nothing is told when it is 0."""

    total: float
    by: float
    n: int
    releases: Iterable[int]
    parts: Mapping[str, float] = field(default_factory=dict)


Found = Durations | Share | Mean


def measure(definition: Definition, found: Found, versions: Mapping[int, str]) -> Measure:
    """The measure of what was found; `versions` names the releases behind it, the newest (highest id) first."""
    behind = tuple(Behind(r, versions.get(r, "")) for r in sorted(set(found.releases), reverse=True))
    d = definition
    made = Measure(d.code, d.title, d.group, d.unit, d.counts, releases=behind)
    if isinstance(found, Durations):
        return _of_durations(made, found)
    if isinstance(found, Share):
        return _of_share(made, found)
    return _of_mean(made, found)


def _of_durations(made: Measure, found: Durations) -> Measure:
    ordered = sorted(found.values)
    skewed = bisect_left(ordered, 0)
    ordered = ordered[skewed:]
    parts = [(name, _of_durations(replace(made, releases=()), Durations(v, ()))) for name, v in found.parts.items()]
    n = len(ordered)
    made = replace(made, n=n, excluded=skewed, estimated=found.estimated, parts=_by_size(parts))
    if n < FEW:
        return replace(made, few=tuple(ordered))
    middle = numbers.median(ordered)
    tail, sure = numbers.percentile(ordered, 0.9), numbers.of_median(ordered)
    return replace(made, value=middle, median=middle, p90=tail, interval=sure)


def _of_share(made: Measure, found: Share) -> Measure:
    made = replace(made, n=found.n, part=float(found.part) if found.n else None)
    if not found.n:
        return made
    parts = [(k, _of_share(replace(made, releases=()), Share(v, found.n, ()))) for k, v in found.parts.items()]
    sure = numbers.wilson(found.part, found.n)
    return replace(made, value=found.part / found.n, interval=sure, parts=_by_size(parts))


def _of_mean(made: Measure, found: Mean) -> Measure:
    if not found.n or found.by <= 0:
        return replace(made, n=found.n)
    parts = [(k, _of_mean(replace(made, releases=()), Mean(v, found.by, found.n, ()))) for k, v in found.parts.items()]
    return replace(made, n=found.n, part=found.total, value=found.total / found.by, parts=_by_size(parts))


def _by_size(parts: Sequence[tuple[str, Measure]]) -> tuple[tuple[str, Measure], ...]:
    """The greatest first, then by name."""
    return tuple(sorted(parts, key=lambda p: (-(p[1].value or 0.0), p[0])))


def compared(now: Measure, before: Measure) -> Measure:
    """With the value of the period before; a change is named only when the intervals exclude each other."""
    moved = numbers.apart(now.interval, before.interval)
    return replace(
        now, n_before=before.n, before=before.value, change="up" if moved > 0 else "down" if moved < 0 else ""
    )
