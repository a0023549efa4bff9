"""The part of the projection about runs: how a deployment or roll-back stands, with a pipeline step by step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.checklist import proof
from core.domain.moves.calling import asked_roles, next_called
from core.domain.pipeline.model import RunStep
from core.domain.release import Phase, Run, RunState
from core.domain.situation import Situation


def run_of(s: Situation, run: Run | None) -> dict[str, Any] | None:
    """A run as the release stands now; with a pipeline `changed` and its `steps` too."""
    if run is None:
        return None
    told = told_run(run)
    if not run.steps:
        return told
    asked: dict[str, Any] = {"go_by": _said_go(s)} if (run.environment, run.kind) == ("production", "deploy") else {}
    if run.state is RunState.WAITING and run.environment == "production":
        asked |= {"call_at": _iso(run.call_at), "call": list(next_called(s, run))}
        asked["deciders"] = list(s.holders(*asked_roles(s)))
    return told | asked | {"steps": [_step(s, run, x) for x in run.steps]}


def _said_go(s: Situation) -> list[str]:
    """Who said the go that began it, each once."""
    said = [d for d in s.decisions if d.gate == "go" and d.verdict == "approve"]
    newest = max((d.at for d in said), default=None)
    subject = next((d.subject for d in said if d.at == newest), "")
    return list(dict.fromkeys(d.person for d in said if d.subject == subject))


def told_run(run: Run) -> dict[str, Any]:
    """A run by itself: of one that is past, nothing of the release is looked at."""
    names = ("id", "environment", "kind", "target", "step", "by", "reason", "stop_asked", "end_step")
    plain = {n: getattr(run, n) for n in names}
    told: dict[str, Any] = plain | {
        "state": run.state.value, "started_at": _iso(run.started_at), "ended_at": _iso(run.ended_at),
    }  # fmt: skip
    if run.steps:  # a pipeline does it
        told |= {"changed": run.changed, "steps": [_step_json(x, x.state.value) for x in run.steps]}
    return told


def _step(s: Situation, run: Run, x: RunStep) -> dict[str, Any]:
    """A step as it stands; what the release itself does beside the run stands as the release does."""
    state = x.state.value
    if x.uses == "sign" and (item := s.signoff(x.item)) is not None:
        state = "done" if proof(s, x.item, item).state == "met" else "pending"
    elif x.uses == "announce_end":
        over = run.environment != "production" or s.release.phase in (Phase.POST_RELEASE, Phase.CLOSED)
        state = "done" if over and run.state is RunState.DONE else "pending"
    return _step_json(x, state)


def _step_json(x: RunStep, state: str) -> dict[str, Any]:
    return {
        "name": x.name, "title": x.title, "uses": x.uses, "state": state, "reason": x.reason, "item": x.item,
        "started_at": _iso(x.started_at), "ended_at": _iso(x.ended_at), "expected": x.expected, "found": dict(x.found),
        "decide": list(x.decide), "never_stop": x.never_stop,
    }  # fmt: skip


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
