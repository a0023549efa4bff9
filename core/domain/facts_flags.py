"""The part of the projection about feature flags: those that the release touches, and those past their life."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.domain.situation import Situation


def flags_of(s: Situation) -> dict[str, Any]:
    return {"flags": [{**asdict(row), "undecided": row.undecided} for row in s.release.flag_rows]}
