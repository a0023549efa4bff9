"""Which release takes over what an earlier one leaves behind: concerns that were carried, action items."""

from __future__ import annotations

from datetime import datetime

from core.domain.release import BEFORE_DEPLOYMENT, Release, ReleaseType
from core.domain.situation import Situation
from core.domain.versions import Version


def next_after(version: str, into: str, s: Situation) -> int:
    """Of the releases with a higher number that can still take something over, the one that leaves first, or the one
    `into` which that version was merged; a hotfix takes nothing. 0 where there is none."""
    left = Version.parse(version)
    able = [r for r in (s.release, *(o for o in s.others if o.id != s.release.id)) if _takes(r) and r.number > left]
    able = [r for r in able if r.version == into] or able
    found = min(able, key=lambda r: (r.departs_at is None, _iso(r.departs_at), r.id), default=None)
    return found.id if found else 0


def _takes(r: Release) -> bool:
    return r.phase in BEFORE_DEPLOYMENT and r.type is not ReleaseType.HOTFIX


def _iso(when: datetime | None) -> str:
    return when.isoformat() if when else ""
