"""Gates about the environments and the runs in them."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.environments import kept_by_another
from core.domain.evidence.limits import Unreadable, address
from core.domain.gates.people import iso
from core.domain.pipeline.model import StepState
from core.domain.release import Ending, Phase, Release, ReleaseType, RunState
from core.domain.situation import Act, Situation
from core.errors import Blocker

SEVERITIES = ("customers cannot work", "something is wrong", "nobody notices")
OPS = ("role:devops", "role:release_manager")


def _holder(s: Situation) -> Release | None:
    """The other release that staging is kept for; what this one repairs does not keep it."""
    behind = _repaired(s)
    return next(
        (
            o
            for o in s.others
            if o.id != s.release.id
            and o.id not in behind
            and o.candidate is not None
            and o.candidate.tag == s.staging.candidate
            and o.phase in (Phase.PREPARATION, Phase.DEPLOYMENT)
        ),
        None,
    )


def staging_wanted(s: Situation, act: Act) -> Iterator[Blocker]:
    """Staging does not run this candidate yet, and no run for it is under way or waits for a person."""
    run = s.release.run("staging")
    if s.on_staging:
        yield Blocker("nothing_new", {}, later=True)
    elif run and s.candidate and run.sha == s.candidate.sha and run.state is RunState.RUNNING:
        yield Blocker("staging.running", {}, (), iso(run.started_at), later=True)
    elif run and s.candidate and run.sha == s.candidate.sha and run.state in (RunState.FAILED, RunState.WAITING):
        yield Blocker("staging.failed", {"reason": run.reason}, OPS, iso(run.ended_at))


def staging_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """Staging is not kept for another release, nor by a person; a hotfix goes before other releases."""
    yield from kept_by_another(s, act, "staging")
    holder = _holder(s)
    if holder and not (s.release.type is ReleaseType.HOTFIX and holder.type is not ReleaseType.HOTFIX):
        yield Blocker("staging.busy", {"version": holder.version, "release": holder.id}, (holder.lead,))
    for other in s.others:
        run = other.run("staging")
        if other.id != s.release.id and run and run.state is RunState.RUNNING:
            yield Blocker("staging.running", {"version": other.version}, (), iso(run.started_at), later=True)


def on_staging(s: Situation, act: Act) -> Iterator[Blocker]:
    """Staging runs this candidate."""
    if not s.on_staging:
        run = s.release.run("staging")
        failed = run is not None and run.state in (RunState.FAILED, RunState.WAITING)
        yield Blocker(
            "staging.failed" if failed else "staging.other",
            {"runs": s.staging.candidate, "reason": run.reason if run and failed else ""},
            OPS if failed else (),
            later=not failed,
        )


def production_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """Production's lock is free or ours, nobody else keeps it, and no other run is under way there."""
    yield from kept_by_another(s, act, "production")
    lock = s.production.lock
    if lock and lock.release_id != s.release.id:
        yield Blocker(
            "production.locked",
            {"version": lock.version, "by": lock.by, "reason": lock.reason, "until_cleared": lock.until_cleared},
            s.holders(*s.policy.permissions["unlock"]),
            iso(lock.since),
        )
    yield from no_other_run(s, act)


def no_other_run(s: Situation, act: Act) -> Iterator[Blocker]:
    """No other release is on its way to or from production; one that this hotfix repairs may stand there."""
    behind = _repaired(s)
    for other in s.others:
        run = other.run()
        stands = other.id in behind and not (run and run.state is RunState.RUNNING)
        if other.id != s.release.id and other.phase is Phase.DEPLOYMENT and not stands:
            yield Blocker("production.busy", {"version": other.version}, (other.lead,), iso(other.phase_since))


def _repaired(s: Situation) -> set[int]:
    """The releases that this one was opened to repair: its own, and the one that this one repairs in turn."""
    found: set[int] = set()
    next_one = s.release.fixes
    while next_one is not None and next_one not in found:
        found.add(next_one)
        next_one = next((o.fixes for o in s.others if o.id == next_one), None)
    return found


def production_ours(s: Situation, act: Act) -> Iterator[Blocker]:
    """Where production would be touched again, its lock was not handed to a fix and nobody else is at work there."""
    lock = s.production.lock
    if s.release.phase is not Phase.DEPLOYMENT:
        return
    if act.event == "retry":  # it deploys; to say that a step has worked touches nothing
        yield from kept_by_another(s, act, "production")
    if lock and lock.release_id != s.release.id:
        yield Blocker(
            "production.locked",
            {"version": lock.version, "by": lock.by, "reason": lock.reason, "until_cleared": lock.until_cleared},
            s.holders(*s.policy.permissions["unlock"]),
            iso(lock.since),
        )
    yield from no_other_run(s, act)


def lock_cleared(s: Situation, act: Act) -> Iterator[Blocker]:
    """A lock that this release left on production is cleared."""
    lock = s.production.lock
    if lock and lock.release_id == s.release.id:
        yield Blocker("lock", {"reason": lock.reason}, s.holders(*s.policy.permissions["unlock"]), iso(lock.since))


def not_being_fixed(s: Situation, act: Act) -> Iterator[Blocker]:
    """No hotfix for it is under way."""
    fix = next((o for o in s.others if o.fixes == s.release.id), None)
    if fix:
        yield Blocker("being_fixed", {"version": fix.version}, (fix.lead,))


def fix_live(s: Situation, act: Act) -> Iterator[Blocker]:
    """The hotfix that was opened for it runs in production, or was itself repaired by one that does."""
    fix = s.release.fixed_by
    repaired = any(o.version == fix and o.outcome is Ending.FIXED_BY for o in s.others)
    if not fix or s.release.outcome or not (s.production.version == fix or repaired):
        yield Blocker("nothing_new", {}, later=True)


def _state(s: Situation, *states: RunState, kind: str = "", environment: str = "production") -> bool:
    run = s.release.run(environment)
    return run is not None and run.state in states and (not kind or run.kind == kind)


def run_stopped(s: Situation, act: Act) -> Iterator[Blocker]:
    """A run of this release stands and waits for a decision, or the cut of its branch has failed."""
    if s.release.phase is Phase.DEVELOPMENT:
        if not s.release.git or (s.release.git.purpose, s.release.git.state) != ("cut", "failed"):
            yield Blocker("run.none", {"environment": s.release.branch})
        return
    where = "staging" if s.release.phase is Phase.PREPARATION else "production"
    if where == "staging" and act.event == "retry":  # it deploys there again, and another release may have come first
        yield from staging_free(s, act)
    run = s.release.run(where)
    if run is None or run.state not in (RunState.FAILED, RunState.WAITING):
        yield Blocker("run.none", {"environment": where})
    elif act.event == "worked" and run.steps and run.stands_at is None:
        yield Blocker("run.only_stopped", {"environment": where}, (act.actor,))


def run_running(s: Situation, act: Act) -> Iterator[Blocker]:
    """A run is under way: on staging before the release goes out, else in production. `now` ends only what may end."""
    where = "staging" if s.release.phase is Phase.PREPARATION else "production"
    if not _state(s, RunState.RUNNING, environment=where):
        yield Blocker("run.over", {"environment": where})
        return
    run = s.release.run(where)
    step = run.at_work if run else None
    if act.text("item") == "now" and step is not None and step.never_stop:
        yield Blocker("run.never_stop", {"step": step.title})


def run_done(s: Situation, act: Act) -> Iterator[Blocker]:
    """The run has done all its steps."""
    if not _state(s, RunState.DONE):
        yield Blocker("run.not_done", {}, later=True)


def deploy_run(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is a deployment."""
    run = s.release.run()
    if run is None or run.kind != "deploy":
        yield Blocker("nothing_new", {}, later=True)


def rollback_run(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is a roll-back."""
    run = s.release.run()
    if run is None or run.kind != "roll back":
        yield Blocker("nothing_new", {}, later=True)


def checks_red(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a check has failed in a deployment that has changed nothing yet."""
    run = s.release.run()
    step = run.stands_at if run and run.state is RunState.FAILED and run.kind == "deploy" and not run.changed else None
    if step is None or step.uses != "checks" or step.state is not StepState.FAILED:
        yield Blocker("nothing_new", {}, later=True)


def run_failed(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a deployment step has failed and nobody was asked yet."""
    if not _state(s, RunState.FAILED, kind="deploy"):
        yield Blocker("nothing_new", {}, later=True)


def rollback_stopped(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a roll-back has failed and nobody was asked yet."""
    if not _state(s, RunState.FAILED, kind="roll back"):
        yield Blocker("nothing_new", {}, later=True)


def production_untouched(s: Situation, act: Act) -> Iterator[Blocker]:
    """Nothing in production has changed yet; afterwards the way is roll back or fix forward."""
    run = s.release.run()
    if run is None or run.changed or run.kind != "deploy":
        yield Blocker("run.changed", {"version": s.release.version}, OPS)


def severity(s: Situation, act: Act) -> Iterator[Blocker]:
    """How bad it is, in one of three degrees."""
    if act.text("severity") not in SEVERITIES:
        yield Blocker("severity", {"one_of": list(SEVERITIES)}, (act.actor,))


def in_production(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is what production runs, or is being brought there."""
    if s.release.phase is Phase.DEPLOYMENT:
        run = s.release.run()
        if run is None or run.kind != "deploy" or not run.changed:
            yield Blocker("not_live", {"version": s.release.version, "production": s.production.version})
    elif s.production.version != s.release.version:
        yield Blocker("not_live", {"version": s.release.version, "production": s.production.version})


def fixable(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is what production runs, or is being brought there; a roll-back that failed can be fixed forward too."""
    run = s.release.run()
    failed = run is not None and run.kind == "roll back" and run.state in (RunState.FAILED, RunState.WAITING)
    if not (failed and s.release.phase is Phase.DEPLOYMENT):
        yield from in_production(s, act)


def way_back(s: Situation, act: Act) -> Iterator[Blocker]:
    """The version before is known."""
    live = s.production.version == s.release.version
    if not (s.production.previous if live else s.production.version):
        yield Blocker("way_back", {"version": s.release.version}, OPS)


def second_pair(s: Situation, act: Act) -> Iterator[Blocker]:
    """Who signed that the version before runs on this database is somebody else than who rolls back."""
    for name, item in s.signoff_items("rollback").items():
        done = s.signoff_done(name, item)
        if done is not None and done.person == act.actor:
            others = tuple(p for p in s.holders(*s.policy.permissions["rollback"]) if p != act.actor)
            yield Blocker("second_person", {"title": item.title}, others, iso(done.at))


def recordable(s: Situation, act: Act) -> Iterator[Blocker]:
    """The version that is said to run is this one, its run's target, what production ran last, or the one before."""
    run = s.release.run()
    known = {s.release.version, s.production.version, s.production.previous, run.target if run else ""} - {""}
    if act.text("runs") not in known:
        yield Blocker("record.unknown", {"one_of": sorted(known), "given": act.text("runs")}, (act.actor,))
    try:
        address(act.text("url") or "https://none.example")
    except Unreadable:
        yield Blocker("result.link", {}, (act.actor,))


def flag_named(s: Situation, act: Act) -> Iterator[Blocker]:
    """The flag is named."""
    if not act.text("flag"):
        yield Blocker("flag_named", {}, (act.actor,))
