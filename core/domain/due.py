"""When the hour alone makes something due in a release: one list for waking it and for telling what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.domain.release import BEFORE_DEPLOYMENT, Phase, Release, RunState

# What an hour brings: each has its words in `bot/scheduler.py`, a release's also in `handlers/views/why.py`.
What = Literal[
    "hold_over", "freeze", "coming", "go_hour", "answer", "request", "day_ends", "seats", "live", "review", "missed",
    "lock_ends", "lock_stands", "decision", "reminder", "digest",
]  # fmt: skip
AFTER_LIVE = timedelta(hours=2)  # from when it is live until I ask how it is


@dataclass(frozen=True, slots=True)
class Due:
    """An instant, what happens then, who is asked then ("" when it happens by itself), and which release or
    environment it is about, where that is told."""

    at: datetime
    what: What
    who: str
    about: str = ""


def dues(r: Release) -> Iterator[Due]:
    """Every instant at which `hour` (in `moves/reports.py`) or an event that fires by itself has something to do."""
    if r.hold and r.hold.until:
        yield Due(r.hold.until, "hold_over", r.hold.by)
    if r.phase is Phase.DEVELOPMENT and r.freeze_at:
        yield Due(r.freeze_at, "freeze", "")
    if r.phase is Phase.PREPARATION and r.coming_at and "coming:support" not in r.wanted and not r.missed_departure:
        yield Due(r.coming_at, "coming", "")
    if r.phase is Phase.PREPARATION and r.departs_at:
        yield Due(r.departs_at, "go_hour", r.lead)
    if r.phase is Phase.PREPARATION and r.answer_by:
        yield Due(r.answer_by, "answer", "")
    for request in () if r.hold else r.later:
        yield Due(request.at, "request", request.person)
    for person, at in r.day_ends.items():
        yield Due(at, "day_ends", person)
    if r.seats_at:
        yield Due(r.seats_at, "seats", "")
    if r.phase is Phase.POST_RELEASE and r.live_at and "live" not in r.wanted:
        yield Due(r.live_at + AFTER_LIVE, "live", "")
    run = r.run() if r.phase is Phase.DEPLOYMENT else None
    if run and run.state is RunState.WAITING and run.call_at:
        yield Due(run.call_at, "decision", "")
    for one in r.overrides:
        if one.next_ask:
            yield Due(one.next_ask, "review", "")
    if r.phase in BEFORE_DEPLOYMENT and r.window_ends_at and not r.missed_departure:
        yield Due(r.window_ends_at + timedelta(seconds=1), "missed", r.lead)  # its last second still counts


def next_wake(release: Release, now: datetime) -> datetime | None:
    """The next instant at which the release has to be looked at; None when the hour changes nothing any more.

    It lies in the past where something was due that no hour has looked at since: another report came first.
    """
    since = min(now, release.hour_at or release.started_at)
    found = [d for d in dues(release) if release.is_open or d.what == "review"]  # that one outlives the release
    return min((d.at for d in found if d.at > since), default=None)
