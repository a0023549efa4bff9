"""Nobody answers a run that stands: the next role is called, after the policy's minutes, until nobody is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.domain.effects import CLICK, Effect, post
from core.domain.moves.outcome import NOBODY, thread
from core.domain.moves.running import with_run
from core.domain.release import Release, Run, RunState
from core.domain.situation import Situation

ORDER = ("release_manager", "devops", "tech_lead", "executive")  # who is called after whom
ASKED = ORDER[:2]  # where the policy names nobody for a step


def asked_roles(s: Situation) -> tuple[str, ...]:
    """The roles that are asked at once about the step that stands."""
    return s.deciding or ASKED


def stands(s: Situation, run: Run) -> Run:
    """The run waits for a person; a pipeline's knows when the next role is called."""
    waits = replace(run, state=RunState.WAITING, calls=0, call_at=None)
    if not run.steps or run.kind == "roll back" or not _next(s, waits):
        return waits
    return replace(waits, call_at=s.now + timedelta(minutes=s.policy.deployment.call_after))


def _left(s: Situation) -> list[str]:
    """The roles that may still be called, each with somebody who was not asked."""
    asked = {p for role in asked_roles(s) for p in s.holders(role)}
    return [role for role in ORDER if set(s.holders(role)) - asked]


def _next(s: Situation, run: Run) -> str:
    left = _left(s)
    return left[run.calls] if run.calls < len(left) else ""


def next_called(s: Situation, run: Run) -> tuple[str, ...]:
    """Who is called next; who was called last, when nobody else is left."""
    left = _left(s)
    role = _next(s, run) or (left[-1] if left else "")
    asked = {p for one in asked_roles(s) for p in s.holders(one)}
    return tuple(p for p in s.holders(role) if p not in asked) if role else ()


def called(s: Situation, release: Release) -> tuple[Release, tuple[Effect, ...]]:
    """At the hour: the next role is asked too, and the thread says so."""
    run = release.run()
    if run is None or run.state is not RunState.WAITING or run.call_at is None or s.now < run.call_at:
        return release, ()
    people = next_called(s, run)
    further = replace(run, calls=run.calls + 1)
    again = s.now + timedelta(minutes=s.policy.deployment.call_after) if _next(s, further) else None
    told = [thread("called", NOBODY, called=list(people))]
    told += [post(f"dm:{p}", "failure", CLICK, reason=run.reason) for p in people]
    return with_run(release, replace(further, call_at=again)), tuple(told)
