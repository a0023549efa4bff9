"""What is met by itself: named rules that read the record of a release; a policy names them under `by`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.parts import CODE
from core.domain.release import Ending, Phase, Run, RunState
from core.domain.situation import Situation


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule finds. `by` is the person who said it where one did; `why` is a code for the words of what is open
    or met, `facts` its values; `later` says that its time has not come."""

    met: bool
    at: datetime | None = None
    by: str = ""
    why: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    url: str = ""
    later: bool = False


Rule = Callable[[Situation], Found]


def milestone(s: Situation) -> Found:
    """The milestone is there: on the host that the policy names; without a host the dated release is its own."""
    r = s.release
    if s.policy.github.repository:
        found = r.milestone
        if found is None:
            return Found(False, why="no_milestone")
        return Found(True, why="milestone", facts={"title": found.title}, url=found.url)
    return Found(r.freeze_at is not None, r.started_at, why="dated" if r.freeze_at else "no_date")


def features_merged(s: Situation) -> Found:
    """The branch is cut, and each item of the scope is merged or moved out by name."""
    r = s.release
    open_ = [i.ref for i in r.items if i.state == "in"]
    if not r.on_branch:
        return Found(False, why="not_frozen", later=True)
    if open_:
        return Found(False, why="scope_open", facts={"count": len(open_), "refs": open_[:5]})
    return Found(True, r.scope_read_at, why="scope_in", facts={"count": len(r.scope)})


def branch_created(s: Situation) -> Found:
    """The release has its branch on the remote."""
    r = s.release
    first = r.candidates[0].at if r.candidates else None
    return Found(r.on_branch, first if r.on_branch else None, why="branch", facts={"branch": r.branch}, later=True)


def version_written(s: Situation) -> Found:
    """The files of the candidate that name a version name this one."""
    r, c = s.release, s.candidate
    if c is None:
        return Found(False, why="no_candidate", later=True)
    if r.files:
        return Found(False, why="files", facts={"paths": [f.path for f in r.files][:5]})
    return Found(True, c.at, why="version", facts={"version": r.version, "candidate": c.tag})


def notes_drafted(s: Situation) -> Found:
    """The notes are drafted from what is in the release."""
    notes = s.release.notes
    if notes is None:
        return Found(False, why="no_notes", later=True)
    return Found(True, notes.read_at, why="notes", facts={"count": sum(notes.counts.values())})


def announced(s: Situation) -> Found:
    """People were told of this deployment before or when it began."""
    told = {key: at for key, at in s.release.announced.items() if key.startswith(("going_out:", "coming:"))}
    if not told:
        return Found(False, why="not_told", later=s.release.phase is not Phase.DEPLOYMENT)
    return Found(True, datetime.fromisoformat(max(told.values())), why="told")


def backup(s: Situation) -> Found:
    """The run took a backup before it changed anything."""
    return _step(s, "backup")


def migrations(s: Situation) -> Found:
    """The run applied the migrations."""
    return _step(s, "migrations")


def code(s: Situation) -> Found:
    """The run brought the code to production."""
    return _step(s, CODE)


def smoke_tests(s: Situation) -> Found:
    """The run's smoke tests passed."""
    return _step(s, "smoke tests")


def deployment(s: Situation) -> Run | None:
    """The newest deployment to production, whatever became of it."""
    return next((r for r in reversed(s.release.runs) if r.environment == "production" and r.kind == "deploy"), None)


def _step(s: Situation, name: str) -> Found:
    run = deployment(s)
    done = next((step for step in run.done if step.name == name), None) if run else None
    if done is not None:
        return Found(True, done.at, done.by, why="said" if done.by else "step", facts={"step": name})
    stopped = run is not None and run.state in (RunState.FAILED, RunState.WAITING)
    return Found(False, why="step_open", facts={"step": name}, later=not stopped)


def notes_published(s: Situation) -> Found:
    """The notes are out: announced to who uses it, or on the release's page."""
    r = s.release
    told = [at for key, at in r.announced.items() if key.startswith(("live:", "hotfix_live:", "rolled_back:"))]
    if told:
        return Found(True, datetime.fromisoformat(min(told)), why="published", url=r.page)
    if r.outcome is Ending.FIXED_BY:
        return Found(True, r.live_at, why="fixed_by", facts={"version": r.fixed_by})
    return Found(bool(r.page), r.live_at, why="published" if r.page else "unpublished", url=r.page,
                 later=r.phase is not Phase.POST_RELEASE)  # fmt: skip


def bugs_triaged(s: Situation) -> Found:
    """Each incident that was reported is settled, and it is said of each report what it is."""
    r = s.release
    if r.phase not in (Phase.POST_RELEASE, Phase.CLOSED):
        return Found(False, why="not_live", later=True)
    open_ = [i for i in r.incidents if i.resolved_at is None]
    waiting = [x for x in r.reports if x.triaged_at is None]
    facts = {"open": len(open_), "all": len(r.incidents), "waiting": len(waiting), "reports": len(r.reports)}
    return Found(not (open_ or waiting), r.live_at, why="bugs_open" if open_ or waiting else "bugs", facts=facts)


def metrics_collected(s: Situation) -> Found:
    """The times of the deployment stand in the record."""
    run = s.release.run()  # also one that people recorded as a roll-back
    if run is None or run.ended_at is None:
        return Found(False, why="no_times", later=True)
    return Found(True, run.ended_at, why="times")


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        milestone, features_merged, branch_created, version_written, notes_drafted, announced, backup, migrations, code,
        smoke_tests, notes_published, bugs_triaged, metrics_collected,
    )
}  # fmt: skip
# A rule that asks what another gate of the same event asks: there the gate says it, with who can help.
SAID_BY = {
    "features_merged": "scope_settled",
    "branch_created": "has_candidate",
    "version_written": "notes_complete",
    "notes_drafted": "notes_complete",
    "bugs_triaged": "no_incident",
}
STEP_RULES = {"backup": "backup", "migrations": "migrations", "code": CODE, "smoke_tests": "smoke tests"}


def rule_words(name: str) -> str:
    """What a rule asks for, in a sentence: the first line of its function."""
    return (RULES[name].__doc__ or "").strip().splitlines()[0].strip()
