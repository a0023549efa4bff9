"""Since when each condition of a release is open: what a gate cannot know is remembered when it is first seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.release import Release

_WHICH = ("id", "item", "ref", "version", "path", "gap", "environment", "kind", "text")
_LONGEST = 60


def key_of(code: str, facts: Mapping[str, Any]) -> str:
    """What makes a condition the same one tomorrow: its code, and what it is about."""
    about = [str(facts[name])[:_LONGEST] for name in _WHICH if facts.get(name) and not isinstance(facts[name], list)]
    return "|".join((code, *about))


def noticed(release: Release, blockers: Sequence[Mapping[str, Any]], now: datetime) -> Release:
    """The release that remembers what is open now and since when; what is met is forgotten.

    `blockers` as the facts keep them. What tells its own instant, or can only come later, needs no memory.
    """
    open_ = [key_of(b["code"], b["facts"]) for b in blockers if not b["since"] and not b["later"]]
    known = {key: release.open_since.get(key, now) for key in open_}
    return _answered(release if known == release.open_since else replace(release, open_since=known), blockers, now)


def _answered(release: Release, blockers: Sequence[Mapping[str, Any]], now: datetime) -> Release:
    """The reminders whose condition is met now were answered now."""
    open_ = {b["code"] for b in blockers}
    if all(n.answered_at or n.code in open_ for n in release.nudges):
        return release
    met = (n if n.answered_at or n.code in open_ else replace(n, answered_at=now) for n in release.nudges)
    return replace(release, nudges=tuple(met))
