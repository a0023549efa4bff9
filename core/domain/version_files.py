"""The version as files of the product say it: found by the pattern of the policy, replaced without touching more."""

from __future__ import annotations

import re
from bisect import bisect_left


def found(text: str, pattern: str) -> str | None:
    """The version that stands in `text`: the first group of the pattern's first match; None without one."""
    place = _place(text, pattern)
    return None if place is None else text[place[0] : place[1]]


def bump(text: str, pattern: str, version: str) -> str:
    """`text` with `version` in place of the one found. Raises ValueError when there is none."""
    place = _place(text, pattern)
    if place is None:
        raise ValueError("the pattern finds no version")
    return text[: place[0]] + version + text[place[1] :]


def _place(text: str, pattern: str) -> tuple[int, int] | None:
    """Where the version stands. `^` and `$` mean lines, and a line may end as on Windows: nobody writes that down."""
    ends = [match.start() - number for number, match in enumerate(re.finditer("\r\n", text))]
    for match in re.finditer(pattern, text.replace("\r\n", "\n"), re.MULTILINE):
        if match.re.groups and match[1]:
            start, end = match.span(1)
            return start + bisect_left(ends, start), end + bisect_left(ends, end)
    return None
