"""What a chart shows, as plain numbers: whoever draws it decides nothing, and a test reads it without drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LINE, BARS = "line", "bars"


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one part of stacked bars. `values` holds one number for each label; None where there are no data."""

    name: str
    values: tuple[float | None, ...]
    bad: bool = False  # drawn so that it differs without colour, too: hatched, and in another tone


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes. `counts` say on how many things each point stands; empty where the bars count themselves."""

    title: str
    unit: str
    kind: Literal["line", "bars"]
    series: tuple[Series, ...]
    counts: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return all(value is None for one in self.series for value in one.values)


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels above each other over the same spans of time, which `labels` name."""

    title: str
    labels: tuple[str, ...]
    panels: tuple[Panel, ...]
