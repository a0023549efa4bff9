"""The rows of one release, made of its record alone: the same record always gives the same rows.

A roll-back is a deployment too, but no row of its own: it is told with the deployment that it took back, because else
every failure would add a success.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.domain.evidence.model import Evidence
from core.domain.gates.shipping import SEVERITIES
from core.domain.marks import Marks
from core.domain.metrics.rows import Brought, Deployment, Failed, Quality, Reminded, Rows, Story, Told, Trouble
from core.domain.parts import Change, Ending, Incident, Phase, Run, RunState
from core.domain.rehearsals import channel_of
from core.domain.release import Release

BUG = "bug"


def rows_of(release: Release, marks: Marks, evidence: Sequence[Evidence] = ()) -> Rows:
    """Its rows; none of a rehearsal. `evidence` is what was reported for the commit of its candidate."""
    if channel_of(release.product):
        return Rows()
    deployments = deployments_of(release, marks)
    live = live_since(deployments)
    return Rows(deployments, changes_of(release, live), (story_of(release, marks, live, evidence),))


def live_since(deployments: Sequence[Deployment]) -> datetime | None:
    """When the release first came to run in production."""
    return min((d.finished_at for d in deployments if d.done and d.finished_at), default=None)


# --- deployments ------------------------------------------------------------------------------------------------------


def deployments_of(release: Release, marks: Marks) -> tuple[Deployment, ...]:
    """What was brought to production of it, its repetitions and its roll-back included."""
    return tuple(_deployment(release, marks, one) for one in _series(release.runs))


@dataclass
class _Series:
    """The runs of one deployment: tried until it was done or taken back."""

    runs: list[Run] = field(default_factory=list)
    back: list[Run] = field(default_factory=list)

    @property
    def done(self) -> Run | None:
        return next((r for r in self.runs if r.kind == "deploy" and r.state is RunState.DONE), None)


def _series(runs: Sequence[Run]) -> list[_Series]:
    """What was brought to production, in order. A run that changed nothing there was no deployment."""
    found: list[_Series] = []
    for run in sorted((r for r in runs if r.environment == "production"), key=lambda r: r.id):
        if run.kind == "roll back":
            if not found:  # it began as a deployment, and two people recorded that the version before runs
                found.append(_Series([run]))
            found[-1].back.append(run)
        elif run.changed:
            if not found or found[-1].done or found[-1].back:
                found.append(_Series())
            found[-1].runs.append(run)
    return found


def _deployment(release: Release, marks: Marks, one: _Series) -> Deployment:
    first, last, done = one.runs[0], one.runs[-1], one.done
    over = done is not None or bool(one.back) or release.phase is not Phase.DEPLOYMENT
    ended = (done or last).ended_at or (one.back[0].started_at if one.back else None)
    row = Deployment(
        release.id, first.id, release.version, release.type.value, release.train or "", first.started_at,
        ended if over else None, done is not None, len(one.runs),
    )  # fmt: skip
    failed = _why(release, marks, one, over)
    if not failed:
        return row
    back = next((r for r in one.back if r.state is RunState.DONE), None)
    signal, estimated = _signal(release, marks, one)
    return replace(
        row,
        failed=failed,
        signal_at=signal,
        estimated=estimated,
        recovered_at=_recovered(release, marks, failed, back),
        back_at=back.ended_at if back else None,
        back_took=_seconds(back.started_at, back.ended_at) if back else None,
    )


def _why(release: Release, marks: Marks, one: _Series, over: bool) -> Failed:
    """Why somebody had to intervene; what helped stands before what was only told."""
    if one.back:
        return "rolled back"
    if marks.fix_at or release.outcome is Ending.FIXED_BY:
        return "fixed forward"
    if marks.flags_off:
        return "flag off"
    if release.incidents:
        return "incident"
    return "not finished" if over and not one.done else ""


def _signal(release: Release, marks: Marks, one: _Series) -> tuple[datetime | None, bool]:
    """The first sign that something is wrong, and whether a person said when that was."""
    signs = [(r.ended_at, False) for r in one.runs if r.state is RunState.FAILED and r.ended_at]
    signs += [(r.started_at, False) for r in one.back if r not in one.runs]
    signs += [(at, False) for at in (*marks.flags_off, marks.fix_at) if at]
    signs += [(r.at, False) for r in release.reports if r.kind == BUG]
    signs += [(i.detected_at, i.id in marks.estimated) for i in release.incidents]
    return min(signs, default=(None, False))


def _recovered(release: Release, marks: Marks, failed: Failed, back: Run | None) -> datetime | None:
    if failed == "rolled back":
        return back.ended_at if back else None
    if failed == "fixed forward":
        return marks.fixed_at
    if failed == "flag off":
        return marks.flags_off[-1]
    resolved = [i.resolved_at for i in release.incidents]
    return max((at for at in resolved if at), default=None) if all(resolved) else None


# --- changes and the story --------------------------------------------------------------------------------------------


def changes_of(release: Release, live: datetime | None) -> tuple[Brought, ...]:
    """The changes that run in production since `live`, each once; none before that, and none that ran there before."""
    new = (change for change in release.scope if not change.shipped)
    found = {x.ident: x for x in (_brought(release, change, live) for change in new)} if live else {}
    return tuple(found.values())


def _brought(release: Release, change: Change, live: datetime) -> Brought:
    began = min((at for at in (change.first_at, change.opened_at) if at), default=None)
    return Brought(
        release.id,
        f"#{change.pull}" if change.pull else change.sha[:12],
        release.train or "",
        live,
        _seconds(change.at, live),
        _seconds(began, live),
        None if change.reviewers is None else bool(change.reviewers),
    )


def story_of(release: Release, marks: Marks, live: datetime | None, evidence: Sequence[Evidence]) -> Story:
    """What it tells beside its deployments."""
    return Story(
        release.id, release.version, release.type.value, release.train or "", release.started_at, marks.ready_at, live,
        release.posts + release.posts_beside,
        marks.waits,
        marks.missed,
        tuple(o.second_at for o in release.overrides if o.second_at),
        tuple(_trouble(i, marks) for i in release.incidents),
        tuple(Told(r.kind, r.at) for r in release.reports),
        tuple(Reminded(n.at, n.code, n.answered_at) for n in release.nudges),
        _quality(evidence, live) if live else Quality(),
    )  # fmt: skip


def _trouble(incident: Incident, marks: Marks) -> Trouble:
    severity = incident.severity if incident.severity in SEVERITIES else ""  # else it is a text of somebody
    return Trouble(severity, incident.detected_at, incident.resolved_at, incident.id in marks.estimated)


def _quality(evidence: Sequence[Evidence], live: datetime) -> Quality:
    """What was known of the commit when it went live; of several results of one sort the newest counts."""
    known = [e for e in evidence if e.at <= live]
    covered = [e.numbers["percent"] for e in known if "percent" in e.numbers and "covered" in e.numbers]
    analysed = {(e.source, e.name): e.numbers for e in known if "findings" in e.numbers}
    if not analysed:
        return Quality(_percent(covered))
    findings = sum(int(n["findings"]) for n in analysed.values())
    return Quality(_percent(covered), findings, sum(int(n.get("errors", 0)) for n in analysed.values()))


def _percent(rates: Sequence[float]) -> float | None:
    return round(rates[-1], 4) if rates else None


def _seconds(first: datetime | None, last: datetime | None) -> int | None:
    return None if first is None or last is None else round((last - first).total_seconds())
