"""The runs of a release: planned, begun, told step by step, and taken up again after a person's decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Literal

from core.domain.checklist import steps_asked
from core.domain.effects import CLICK, Effect
from core.domain.moves.outcome import NOBODY, Outcome
from core.domain.parts import CODE
from core.domain.pipeline.model import OVER, RunStep, Step, StepState
from core.domain.pipeline.progress import PROOFS
from core.domain.plans.steps import HARMLESS, PUSH_MAIN, past, remembered, shown, steps_json, steps_of
from core.domain.rehearsals import channel_of
from core.domain.release import Decision, Environment, Phase, Release, Run, RunState, StepDone
from core.domain.situation import Act, Situation
from core.domain.way_back import TOUCHED, before_fits, deployment_of, point_before, repaired

Word = Literal["retry", "worked", "verify", "stop", "end"]
MOST_FOUND = 200  # entries of one list or table
STANDS = frozenset({StepState.FAILED, StepState.UNKNOWN, StepState.STOPPED})
_TOLD = {"backup": "backup", "migrate": "migrations", "smoke": "smoke tests"}  # uses -> the checklist's name of it


def new_run(s: Situation, environment: str, kind: Literal["deploy", "roll back"], act: Act, **more: object) -> Run:
    """A run that begins now. With a pipeline nothing has changed before one of its steps changes something."""
    number = max((r.id for r in s.release.runs), default=0) + 1
    values = {"target": s.release.version, "sha": s.candidate.sha if s.candidate else "", "step": "deploy"} | more
    run = Run(number, environment, kind, RunState.RUNNING, by=act.actor, started_at=s.now, reason=act.reason, **values)  # type: ignore[arg-type]
    steps = plan_of(s, environment, kind, database_back=database_back(s, act) if kind == "roll back" else False)
    return replace(run, steps=shown(steps), changed=run.changed and not (steps and kind == "deploy"))


def plan_of(
    s: Situation, environment: str, kind: Literal["deploy", "roll back"], *, database_back: bool
) -> tuple[Step, ...]:
    """The steps that a run of this release has there, with how long each takes by what is remembered; a rehearsal
    has none, because it touches nothing real."""
    if channel_of(s.release.product):
        return ()
    return steps_of(s.policy, environment, kind, database_back=database_back, history=s.product.durations)


def database_back(s: Situation, act: Act) -> bool:
    """Whether a roll-back takes the database back: by a person's word, else when its migrations were applied and the
    version before does not run on what they left, as they told or, where they told nothing, as their files say."""
    said = act.text("database")
    if said in ("back", "keep"):
        return said == "back"
    runs = (deployment_of(s), *(o.run() for o in repaired(s)))
    begun = any(x.uses == "migrate" and x.state in TOUCHED for run in runs if run for x in run.steps)
    return begun and before_fits(s)[0] == "no"


def with_run(release: Release, run: Run) -> Release:
    kept = tuple(r for r in release.runs if r.id != run.id)
    return replace(release, runs=(*kept, run))


def steps_missing(s: Situation, run: Run) -> list[str]:
    """The steps that items of the checklist wait for and that nobody has reported of a deployment to production."""
    if run.environment != "production" or run.kind != "deploy":
        return []
    known = {step.name for step in run.done}
    return [name for name in steps_asked(s) if name not in known]


def said_done(s: Situation, run: Run, by: str) -> Run:
    """The run with every step that is missing, because a person says that it did its work."""
    steps = tuple(x if x.state in OVER else replace(x, state=StepState.DONE, ended_at=s.now) for x in run.steps)
    return replace(run, steps=steps, done=(*run.done, *(StepDone(name, s.now, by) for name in steps_missing(s, run))))


def deploy_effect(s: Situation, run: Run) -> Effect:
    """The run is begun, or the host is asked; what came of it returns as run.step, run.done or run.failed.

    `previous` is what runs there until then: for a roll-back what is taken back.
    """
    body: dict[str, object] = {"environment": run.environment, "kind": run.kind, "run": run.id}
    body |= {"version": run.target, "sha": run.sha}
    builds = [{"name": b.name, "digest": b.digest, "address": b.address} for b in run.builds]
    if builds:
        body["builds"] = builds
    if run.steps:
        back = any(x.uses == "migrate_back" for x in run.steps)
        before = s.environments.get(run.environment, Environment(run.environment))
        was = (before.version, before.sha)
        if run.kind == "roll back":
            was = (s.release.version, s.release.promotion_sha)
            body |= {"point": point} if back and (point := point_before(s)) else {}
        body["steps"] = steps_json(plan_of(s, run.environment, run.kind, database_back=back))
        body |= {"previous": was[0], "previous_sha": was[1], "by": run.by, "reason": run.reason}
        if run.environment == "production" and run.kind == "deploy":
            body["git"] = {"tag": s.release.tag, "main": s.policy.product.main} | (run.pushed or {})
    return Effect("deploy", f"host:{run.environment}", body, CLICK)


def word_effect(run: Run, word: Word, act: Act) -> tuple[Effect, ...]:
    """What a person decided reaches the run of the pipeline; nothing where there is none."""
    if not run.steps:
        return ()
    body = {"environment": run.environment, "run": run.id, "word": word, "by": act.actor, "reason": act.reason}
    if word == "stop" and run.end_step:
        body["end_step"] = run.end_step
    return (Effect("run.word", f"host:{run.environment}", body, CLICK),)


def left_behind(before: Release, after: Release) -> tuple[Effect, ...]:
    """Of a release that goes back or ends: nobody waits any more for its run on staging."""
    run = after.run("staging")
    gone = before.phase is Phase.PREPARATION and after.phase not in (Phase.PREPARATION, Phase.DEPLOYMENT)
    if run is None or not gone or run.state not in (RunState.RUNNING, RunState.FAILED):
        return ()
    return word_effect(run, "end", NOBODY)


# --- what the pipeline tells ------------------------------------------------------------------------------------------


def run_step(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """A step began or ended: {run, step, state, reason, found}, and more of the same under `also`."""
    run = next((r for r in s.release.runs if r.id == body["run"] and r.state is RunState.RUNNING), None)
    if run is None or not run.steps:
        return None
    after = stepped(s, run, body)
    return Outcome(with_run(s.release, after), record={"run": run.id, "steps": told_steps(body)})


def stepped(s: Situation, run: Run, body: Mapping[str, Any]) -> Run:
    """The run with what a report says of its steps; what the checklist waits for follows."""
    for told in (body, *body.get("also", ())):
        if told.get("step") and told.get("state"):
            run = _moved(s, run, told)
    return run


def told_steps(body: Mapping[str, Any]) -> list[list[str]]:
    """Name and state of the steps that a report tells of, for the record."""
    told = [t for t in (body, *body.get("also", ())) if t.get("step") and t.get("state")]
    return [[str(t["step"]), str(t["state"])] for t in told]


def _moved(s: Situation, run: Run, told: Mapping[str, Any], by: str = "") -> Run:
    state = StepState(str(told["state"]))
    steps = tuple(_with(s, x, state, told) if x.name == told["step"] else x for x in run.steps)
    moved = next((x for x in steps if x.name == told["step"]), None)
    if moved is None:
        return run
    touches = moved.name == PUSH_MAIN or moved.uses not in HARMLESS
    changed = run.changed or (state in TOUCHED and touches)
    run = replace(run, steps=steps, step=moved.name if state is not StepState.PENDING else run.step, changed=changed)
    return replace(run, done=_done(s, run, by))


def _with(s: Situation, step: RunStep, state: StepState, told: Mapping[str, Any]) -> RunStep:
    running = state is StepState.RUNNING
    began = step.started_at if step.state is StepState.RUNNING or not running else s.now
    return replace(
        step,
        state=state,
        started_at=None if state in (StepState.PENDING, StepState.STOPPED) else began or s.now,
        ended_at=None if running or state is StepState.PENDING else s.now,
        reason=str(told.get("reason") or "")[:500],
        found=_within_bounds(dict(told.get("found") or ({} if running else step.found))),
    )


def _within_bounds(value: Any, depth: int = 3) -> Any:
    """What a step found, as a release keeps it: the attempt has all of it, and a record is read often."""
    if isinstance(value, Mapping) and depth:
        return {str(k)[:100]: _within_bounds(v, depth - 1) for k, v in islice(value.items(), MOST_FOUND)}
    if isinstance(value, list | tuple) and depth:
        return [_within_bounds(v, depth - 1) for v in value[:MOST_FOUND]]
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:500]


def _done(s: Situation, run: Run, by: str = "") -> tuple[StepDone, ...]:
    """What the checklist's rules read: a step counts when all of the pipeline's of that kind are over."""
    known = {step.name: step for step in run.done}
    parts: dict[str, list[RunStep]] = {}
    for step in run.steps:
        if name := _TOLD.get(step.uses, CODE if step.uses in ("deploy", "live") else ""):
            parts.setdefault(name, []).append(step)
    over = [name for name, steps in parts.items() if all(x.state in OVER for x in steps)]
    return tuple(known.get(name) or StepDone(name, s.now, by) for name in over)


# --- after a person's decision ----------------------------------------------------------------------------------------


def taken_up(s: Situation, run: Run, word: Literal["retry", "worked", "verify"], act: Act) -> Run:
    """The run goes on: with the step that stands once more, without it, or with all proofs anew."""
    for step in run.steps:
        if step.state in STANDS:
            said = word == "worked" and step.state is not StepState.STOPPED
            run = _moved(s, run, {"step": step.name, "state": "done" if said else "pending"}, act.actor)
        elif word == "verify" and step.uses in PROOFS and step.state is not StepState.PENDING:
            run = _moved(s, run, {"step": step.name, "state": "pending"})
    return replace(run, state=RunState.RUNNING, stop_asked=False, end_step="", ended_at=None, reason="", call_at=None,
                   calls=0)


def unsaid(s: Situation, run: Run) -> tuple[Decision, ...]:
    """What one person has recorded of a run that goes on: it told what production ran then."""
    return tuple(d for d in s.decisions if d.gate == "record" and d.subject.startswith(f"{run.id}:"))


def go_on_effect(s: Situation, run: Run, word: Literal["retry", "worked", "verify"], act: Act) -> tuple[Effect, ...]:
    """The word for a run that goes on; one that was stopped before its first step is begun."""
    begun = any(x.started_at for x in run.steps)
    return word_effect(run, word, act) if begun else (deploy_effect(s, run),)


def timed_steps(seen: dict[str, tuple[int, ...]], before: Release, after: Release) -> dict[str, tuple[int, ...]]:
    """How long the steps took that have done their work since `before`; what they are expected to take follows."""
    known = {r.id: {x.name: x.state for x in r.steps} for r in before.runs}
    for run in after.runs:
        for x in run.steps:
            fresh = x.state is StepState.DONE and known.get(run.id, {}).get(x.name) is StepState.RUNNING
            if fresh and x.started_at and x.ended_at:
                seconds = round((x.ended_at - x.started_at).total_seconds())
                seen = remembered(seen, past(run.environment, run.kind, x.name), seconds)
    return seen
