"""Numbers of the metrics as people say them: with what they stand on, and never more than they show."""

from __future__ import annotations

from core.domain.metrics.model import Measure, Report
from handlers.views.writing import counted, lasted, listed

_DAY = 86400


def headline(report: Report) -> str:
    """`July to September 2026: 6 releases, 1 rolled back`, as plain text."""
    name = report.period.words[:1].upper() + report.period.words[1:]
    so_far = " so far" if report.period.so_far and not report.period.name.startswith("last ") else ""
    count = counted(report.releases, "release") if report.releases else "no release"
    back = f", {report.rolled_back} rolled back" if report.rolled_back else ""
    return f"{name}{so_far}: {count}{back}"


def days(seconds: float) -> str:
    """A duration as one says it: `6.4 days`, `3 h 5 min`, `42 min`."""
    if seconds < 2 * _DAY:
        hours = int(seconds - _DAY) // 3600
        return f"{lasted(_DAY)} {hours} h" if hours > 0 else lasted(seconds)
    return f"{seconds / _DAY:.1f}".removesuffix(".0") + " days"


def number(measure: Measure, value: float) -> str:
    """A value in the unit of its measure."""
    match measure.unit:
        case "seconds":
            return days(value)
        case "share":
            return percent(value)
        case "percent":
            return f"{value:.1f}".removesuffix(".0") + " %"
        case "per week":
            return f"{_short(value)} a week"
        case "per release":
            return f"{_short(value)} per release"
        case _:
            return _short(value)


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def told(measure: Measure) -> str:
    """The whole number: the value, what surrounds it, on how many it stands, and what it was before."""
    if measure.state == "no data":
        return "no data"
    if measure.state == "few":
        values = listed([number(measure, value) for value in measure.few])
        return f"{values}; too few for a median"
    assert measure.value is not None
    if measure.unit == "share":
        return _share(measure)
    if measure.median is None:
        return f"{number(measure, measure.value)}{_since(measure, f'{_short(measure.part or 0)} in all')}"
    tail = f", 90 % within {number(measure, measure.p90)}" if measure.p90 is not None else ""
    return f"{number(measure, measure.value)} at the median{tail}{_since(measure, f'n = {measure.n:,}')}"


def _share(measure: Measure) -> str:
    """`5 of 6 (83 %, 95 % interval 44-97 %)`."""
    assert measure.value is not None
    low, high = measure.interval or (0.0, 1.0)
    sure = f"{percent(measure.value)}, 95 % interval {low * 100:.0f}-{high * 100:.0f} %"
    before = f", was {percent(measure.before)}" if measure.before is not None else ""
    return f"{measure.part or 0:g} of {measure.n:,} ({sure}{before}){moved(measure)}"


def _since(measure: Measure, n: str) -> str:
    before = f", was {number(measure, measure.before)}" if measure.before is not None else ""
    return f" ({n}{before}){moved(measure)}"


def moved(measure: Measure) -> str:
    """Said only of what is more than chance."""
    return {"up": ", more than before", "down": ", less than before"}.get(measure.change, "")
