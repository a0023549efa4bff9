"""The calendar as a picture of letters, a lane for each train and a column for each half of a week; dates in words.

A picture is read by who sees it; everything in it is also said in words beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.calendar import wall
from core.domain.freezes import Span
from handlers.views.writing import Facts, instant, plain, said

Train = Mapping[str, Any]
WEEKS = 10
NOTHING = "."
# The letter of each part; where two meet in a column the one further up is drawn.
LETTERS = {
    "departure": "*",
    "preparation": "r",
    "stabilization": "s",
    "development": "d",
    "planning": "p",
    "post-release": "a",
}
_MEANS = {
    "p": "planning",
    "d": "development",
    "s": "stabilization from the freeze on",
    "r": "preparation",
    "*": "it leaves",
    "a": "the days after it",
    "#": "production is frozen",
}
_SHORT = {"planning": "planning", "development": "development", "stabilization": "freeze", "preparation": "notes final"}


def picture(trains: Sequence[Train], freezes: Sequence[Span], ground: Facts, now: datetime) -> str:
    """The lanes of the trains that run, from this week on; "" where there is none."""
    zone = str(ground.get("zone") or "UTC")
    here = now.astimezone(ZoneInfo(zone)).date()
    weeks = [here - timedelta(days=here.weekday()) + timedelta(weeks=n) for n in range(WEEKS)]
    columns = [span for monday in weeks for span in _halves(monday, zone)]
    several = len({t["train"] for t in trains}) > 1
    lanes = {_label(t, ground, several): _lane(t, columns) for t in trains if not t.get("skipped")}
    lanes = {label: lane for label, lane in lanes.items() if lane.strip(NOTHING)}
    if not lanes:
        return ""
    frozen = "".join("#" if any(_meets(c, (f.begins, f.ends)) for f in freezes) else NOTHING for c in columns)
    if "#" in frozen:
        lanes["frozen"] = frozen
    wide = max(map(len, lanes))
    rows = [f"{'':{wide}}  {_months(weeks)}", f"{'':{wide}}  {' '.join(f'{m.day:>2}' for m in weeks)}"]
    rows += [f"{label:{wide}}  {_spaced(lane)}" for label, lane in lanes.items()]
    return "\n".join(row.rstrip() for row in rows)


def legend(drawn: str) -> str:
    """What the letters of a picture mean, those that are in it."""
    lanes = "".join(row.partition("  ")[2] for row in drawn.splitlines()[2:])
    told = ", ".join(f"`{letter}` {means}" for letter, means in _MEANS.items() if letter in lanes)
    return f"{told}. A column is half a week, from Monday and from Thursday."


def dated(trains: Sequence[Train], ground: Facts) -> list[str]:
    """The dates of each train in words, under the name that its lane has."""
    several = len({t["train"] for t in trains}) > 1
    return [f"• *{said(_label(t, ground, several))}*: {dates(t.get('course') or (), ground)}" for t in trains]


def dates(course: Sequence[Mapping[str, str]], ground: Facts) -> str:
    """`planning 13 Nov · development 27 Nov · freeze 10 Dec · notes final 14 Dec · retrospective 18 Dec`."""
    found = [f"{_SHORT[leg['what']]} {_day(leg['from'], ground)}" for leg in course if leg["what"] in _SHORT]
    found += [f"leaves {_day(leg['from'], ground)}" for leg in course if leg["what"] == "departure"]
    found += [f"retrospective by {_day(leg['to'], ground)}" for leg in course if leg["what"] == "retrospective"]
    found += [f"tasks after it until {_day(leg['to'], ground)}" for leg in course if leg["what"] == "post-release"]
    return " · ".join(found)


def _day(iso: str, ground: Facts) -> str:
    when = instant(iso)
    assert when is not None
    local = when.astimezone(ZoneInfo(str(ground.get("zone") or "UTC")))
    return f"{local.day}\u00a0{local:%b}"


def _halves(monday: date, zone: str) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    first, middle, last = (wall(monday + timedelta(days=n), time(), zone) for n in (0, 3, 7))
    return (first, middle), (middle, last)


def _months(weeks: Sequence[date]) -> str:
    """The name of a month above the first week that begins in it; not of the first one where there is no room."""
    begins = [n == 0 or m.month != weeks[n - 1].month for n, m in enumerate(weeks)]
    begins[0] = not begins[1]
    names = [f"{m:%b}" if new else "" for m, new in zip(weeks, begins, strict=True)]
    return "".join(f"{name:3}" for name in names).rstrip()


def _spaced(lane: str) -> str:
    """The two halves of a week side by side, a blank between the weeks."""
    return " ".join(lane[n : n + 2] for n in range(0, len(lane), 2))


def _label(train: Train, ground: Facts, several: bool) -> str:
    of = f" {plain(train['train'], 8)}" if several else ""
    if train.get("version"):
        return f"v{plain(train['version'], 14)}{of}"
    return f"{_day(str(train['at']), ground)}{of}".replace("\u00a0", " ")


def _lane(train: Train, columns: Sequence[tuple[datetime, datetime]]) -> str:
    legs = [(leg["what"], instant(leg["from"]), instant(leg["to"])) for leg in train.get("course") or ()]
    lane = ""
    for column in columns:
        here = {what for what, begins, ends in legs if begins and ends and _meets(column, (begins, ends))}
        lane += next((letter for what, letter in LETTERS.items() if what in here), NOTHING)
    return lane


def _meets(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
