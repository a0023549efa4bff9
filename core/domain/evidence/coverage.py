"""Coverage as Cobertura XML: how much of the code the tests run. It proves no test, but may fail by itself."""

from __future__ import annotations

import math

from core.domain.evidence.limits import Unreadable, tidy
from core.domain.evidence.model import Reading
from core.domain.evidence.xml import stream

FORMAT = "coverage"


class _Cobertura:
    """The numbers of the root; where it has only a rate, lines are counted."""

    def __init__(self) -> None:
        self.root: dict[str, str] = {}
        self.lines = self.covered = 0

    def begin(self, path: tuple[str, ...], attributes: dict[str, str]) -> None:
        if len(path) == 1:
            if path[0] != "coverage":
                raise Unreadable("format", f"this is no Cobertura report: its root is <{tidy(path[0], 40)}>")
            self.root = attributes
        elif path[-1] == "line" and "method" not in path:
            self.lines += 1
            self.covered += attributes.get("hits", "0") not in ("", "0")

    def end(self, path: tuple[str, ...]) -> None: ...


def read_coverage(body: bytes, least: float = 0.0) -> Reading:
    """Lines, those that ran and their share in percent; failed below `least` percent. Raises Unreadable."""
    found = _Cobertura()
    stream(body, found)
    lines, covered = _of(found.root, "lines-valid"), _of(found.root, "lines-covered")
    if lines is None or covered is None:
        lines, covered = float(found.lines), float(found.covered)
    share = _of(found.root, "line-rate")
    if lines:
        share = covered / lines
    if share is None or not 0 <= share <= 1:
        raise Unreadable("content", "the report does not say how many lines ran")
    percent = round(share * 100, 2)
    numbers = {"percent": percent, "covered": covered, "lines": lines}
    branches = _of(found.root, "branch-rate")
    if branches is not None and 0 <= branches <= 1:
        numbers["branches"] = round(branches * 100, 2)
    low = percent < least
    note = f"{percent:g} % of the lines ran, {least:g} % are asked for" if low else ""
    return Reading(FORMAT, "failed" if low else "passed", numbers, note=note)


def _of(attributes: dict[str, str], name: str) -> float | None:
    try:
        value = float(attributes[name])
    except (KeyError, ValueError):
        return None
    return value if math.isfinite(value) and value >= 0 else None
