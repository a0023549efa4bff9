"""The flags of a release as they were read: a part of what is signed, and what is decided before it closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.flag_rows import FlagRow, signed
from core.domain.moves.outcome import Outcome
from core.domain.release import Release
from core.domain.situation import Situation


def flags_read(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Its flags were read anew; what was signed of them is another content."""
    release = with_flags(s.release, body)
    return None if release == s.release else Outcome(release)


def with_flags(release: Release, body: Mapping[str, Any]) -> Release:
    """The release with the flags that were read for it; as it was where none were looked for."""
    if "flags" not in body:
        return release
    rows = tuple(FlagRow(**{**row, "why": tuple(row["why"]), "places": tuple(row["places"])}) for row in body["flags"])
    return replace(release, flag_rows=rows, flags=signed(rows))
