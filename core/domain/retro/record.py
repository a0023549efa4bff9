"""What the record of a release proves about how it went: filled in before anybody says what they think of it.

Nothing here is a judgement or an estimate. What the record does not tell is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.domain.pipeline.model import StepState
from core.domain.release import Run, RunState
from core.domain.retrospective import Happened
from core.domain.situation import Situation

Proven = dict[str, Any]  # "code" and the plain values of its words; instants are ISO, times are seconds
MOST_NAMED = 10
WENT = ("deployed", "rolled_back", "fixed")


def proven(s: Situation) -> tuple[Proven, ...]:
    """Everything that is proven, in the order of a release: dates, content, people, deployment, what came after."""
    return (*_dates(s), *_content(s), *_people(s), *_deployment(s), *_after(s))


def _dates(s: Situation) -> Iterator[Proven]:
    r = s.release
    for what, planned, verbs in (
        ("freeze", r.freeze_at, ("freeze", "freeze_early")),
        ("ready", r.prepare_at, ("ready",)),
    ):
        found = _of(s.trail, *verbs)
        if found:
            yield _compared(what, planned, found[0].at if what == "freeze" else found[-1].at)
    left = next((x.started_at for x in r.runs if x.environment == "production" and x.kind == "deploy"), None)
    if left is not None:
        yield _compared("departure", r.departs_at, left)
    for one in _of(s.trail, "move"):
        told = {"before": _iso(one.record.get("before")), "after": _iso(one.record.get("after"))}
        yield {"code": "moved", "by": one.actor, "why": _text(one.given.get("reason")), **told}
    held = _held_for(s)
    if held:
        yield {"code": "held", "seconds": held, "times": len(_of(s.trail, "hold"))}
    if missed := len(_of(s.trail, "missed")):
        yield {"code": "missed", "times": missed}


def _compared(what: str, planned: datetime | None, at: datetime) -> Proven:
    """When it was planned and when it was; `late` are seconds, below zero when it was early."""
    late = int((at - planned).total_seconds()) if planned else None
    return {"code": what, "planned": planned.isoformat() if planned else "", "at": at.isoformat(), "late": late}


def _held_for(s: Situation) -> int:
    """Seconds on hold, over all holds that have ended."""
    since, whole = None, 0.0
    for one in _of(s.trail, "hold", "resume"):
        if one.verb == "hold":
            since = one.at
        elif since is not None:
            whole, since = whole + (one.at - since).total_seconds(), None
    return int(whole)


def _content(s: Situation) -> Iterator[Proven]:
    r = s.release
    yield {"code": "changes", "count": len(r.scope), "candidates": len(r.candidates)}
    out = [i.ref for i in r.items if i.state == "moved"]
    if out:
        yield {"code": "dropped", "count": len(out), "refs": out[:MOST_NAMED]}
    late = _of(s.trail, "accept")
    if late:
        yield {"code": "late", "count": len(late), "refs": [_text(x.given.get("item")) for x in late][:MOST_NAMED]}


def _people(s: Situation) -> Iterator[Proven]:
    for one in _of(s.trail, "reject"):
        yield {"code": "rejected", "by": one.actor, "why": _text(one.given.get("reason"))}
    fell = sum(1 for one in s.trail for d in one.withdrawn if _is_approval(d) and one.verb not in WENT)
    if fell:
        yield {"code": "withdrawn", "count": fell}
    for o in s.release.overrides:
        if o.second:
            yield {"code": "override", "title": o.title, "by": o.first, "second": o.second, "why": o.reason}
    if s.release.concerns:
        yield {"code": "concerns", "count": len(s.release.concerns)}


def _is_approval(d: Sequence[str]) -> bool:
    """Of a signature as the record keeps it: gate, subject, role, person, verdict."""
    return d[:1] == ["approval"] and d[4:5] == ["approve"]


def _deployment(s: Situation) -> Iterator[Proven]:
    r = s.release
    for run in r.runs:
        if run.environment == "production" and run.ended_at is not None and run.state is RunState.DONE:
            kind = "deployment" if run.kind == "deploy" else "rollback"
            told = {"to": run.target, "by": run.by, "why": run.reason} if run.kind == "roll back" else {}
            yield {"code": kind, "seconds": int((run.ended_at - run.started_at).total_seconds()), **told}
    failed = [x for run in r.runs for x in _failed_steps(run)]
    stops = _of(s.trail, "step_failed", "rollback_failed", "checks_failed")
    if failed or stops:
        yield {"code": "failed", "count": max(len(stops), len(failed)), "steps": failed[:MOST_NAMED]}
    if again := len(_of(s.trail, "retry")):
        yield {"code": "retried", "count": again}


def _failed_steps(run: Run) -> Iterator[dict[str, str]]:
    for x in run.steps:
        if x.state in (StepState.FAILED, StepState.UNKNOWN):
            yield {"title": x.title, "why": x.reason, "environment": run.environment}


def _after(s: Situation) -> Iterator[Proven]:
    r = s.release
    for x in r.incidents:
        seen = int((x.detected_at - r.live_at).total_seconds()) if r.live_at and x.detected_at >= r.live_at else None
        solved = int((x.resolved_at - x.detected_at).total_seconds()) if x.resolved_at else None
        yield {"code": "incident", "text": x.text, "severity": x.severity, "detected": seen, "resolved": solved}
    if r.live_at is not None and not r.incidents:
        yield {"code": "no_incident"}
    if r.reports:
        yield {"code": "reports", "count": len(r.reports)}
    yield {"code": "posts", "count": r.posts, "most": s.policy.noise.channel_posts, "beside": r.posts_beside}


def _of(trail: Sequence[Happened], *verbs: str) -> list[Happened]:
    return [one for one in trail if one.verb in verbs]


def _text(value: object) -> str:
    return value[:300] if isinstance(value, str) else ""


def _iso(value: object) -> str:
    """An instant as the record keeps it, as ISO text; "" where there was none."""
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError:
        return ""


def happened(verb: str, actor: str, at: datetime, body: Mapping[str, Any] | None) -> Happened:
    """An entry of the record as the rules read it; one whose body is missing tells no more than its verb."""
    known = body or {}
    withdrawn = tuple(list(map(str, d)) for d in known.get("withdrawn") or ())
    return Happened(verb, actor, at, known.get("input") or {}, known.get("record") or {}, withdrawn)
