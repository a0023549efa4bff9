"""What a chart shows, as plain numbers: whoever draws it decides nothing, and a test reads it without drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

LINE: Final = "line"
BARS: Final = "bars"


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one part of stacked bars. `values` holds one number for each label; None where there are no data."""

    name: str
    values: tuple[float | None, ...]
    bad: bool = False  # drawn so that it differs without colour, too: hatched, and in another tone


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes. `labels` name the points below it, `counts` say on how many things each of them stands; empty
    where the bars count themselves. Points on fewer than `few` things are drawn hollow."""

    title: str
    unit: str
    kind: Literal["line", "bars"]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    counts: tuple[int, ...] = ()
    few: int = 0

    @property
    def empty(self) -> bool:
        return all(value is None for one in self.series for value in one.values)


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels above each other."""

    title: str
    panels: tuple[Panel, ...]
