"""When it goes wrong: a step that failed, roll back, record by hand, fix forward, flag off."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from core.domain.effects import CLICK, post
from core.domain.evidence.limits import address
from core.domain.moves.forging import turned_back
from core.domain.moves.outcome import Outcome, thread, your_turn
from core.domain.moves.running import deploy_effect, new_run, said_done, taken_up, unsaid, with_run, word_effect
from core.domain.moves.shipping import finish_run, seconds
from core.domain.release import Decision, Ending, Lock, Phase, RunState
from core.domain.situation import Act, Situation


def rollback_failed(s: Situation, act: Act) -> Outcome:
    """The roll-back stands; everybody who can help is called."""
    run = s.release.run()
    assert run is not None  # the gate rollback_stopped has looked
    waiting = with_run(s.release, replace(run, state=RunState.WAITING))
    people = s.holders("devops", "tech_lead", "release_manager", "executive")
    return Outcome(
        waiting,
        (
            thread("rollback_failed", act, failure=run.reason),
            *(post(f"dm:{p}", "failure", CLICK, reason=run.reason) for p in people),
        ),
    )


def worked(s: Situation, act: Act) -> Outcome:
    """A person says the failed step did its work: a pipeline goes on with the next one."""
    run = s.release.run()
    assert run is not None  # the gate run_stopped has looked
    if run.steps:
        told = (thread("worked", act), *word_effect(run, "worked", act))
        return Outcome(with_run(s.release, taken_up(s, run, "worked", act)), told, withdraw=unsaid(s, run))
    return finish_run(s, said_done(s, run, act.actor), (thread("worked", act),))


def flag_off(s: Situation, act: Act) -> Outcome:
    """A flag that isolates the change was switched off; what was verified has to be verified again."""
    gone = s.given("deployed")
    run = s.release.run()
    stands = s.release.phase is Phase.DEPLOYMENT and run and run.state in (RunState.FAILED, RunState.WAITING)
    if stands and run and run.steps:
        told = (thread("flag_off", act, flag=act.text("flag")), *word_effect(run, "verify", act))
        anew = with_run(s.release, taken_up(s, run, "verify", act))
        return Outcome(anew, told, withdraw=(*gone, *unsaid(s, run)), record={"flag": act.text("flag")})
    if stands and run:
        again = new_run(s, "production", run.kind, act, target=run.target, sha=run.sha, changed=True)
        return Outcome(
            with_run(s.release, again),
            (thread("flag_off", act, flag=act.text("flag")), deploy_effect(s, again)),
            withdraw=gone,
            record={"flag": act.text("flag")},
        )
    live = s.release.phase is Phase.POST_RELEASE and not s.release.outcome
    asked = your_turn(s, "deployed") if live or (run and run.state is RunState.DONE) else ()
    return Outcome(
        replace(s.release, verify_again=live),
        (thread("flag_off", act, flag=act.text("flag")), *asked),
        withdraw=gone,
        record={"flag": act.text("flag")},
    )


def rollback(s: Situation, act: Act) -> Outcome:
    """A roll-back run to the version before this one."""
    live = s.production.version == s.release.version
    target, sha = (
        (s.production.previous, s.production.previous_sha) if live else (s.production.version, s.production.sha)
    )
    release = s.release
    running = release.run()
    if running and running.state in (RunState.RUNNING, RunState.WAITING):
        release = with_run(release, replace(running, state=RunState.FAILED, ended_at=s.now))
    run = new_run(s, "production", "roll back", act, target=target, sha=sha, changed=True)
    lock = Lock(release.id, release.version, act.actor, s.now, act.reason)
    release = with_run(replace(release, phase=Phase.DEPLOYMENT, closed_at=None, closed_by=""), run)
    return Outcome(
        release,
        (thread("rollback_started", act, target=target, severity=act.text("severity")), deploy_effect(s, run)),
        environments=(replace(s.production, lock=lock),),
        record={"target": target, "severity": act.text("severity")},
    )


def rolled_back(s: Situation, act: Act) -> Outcome:
    """Production runs the version before; it is locked until somebody clears it, and the number is burnt."""
    run = s.release.run()
    assert run is not None  # the gate run_done has looked
    release = replace(s.release, phase=Phase.POST_RELEASE, outcome=Ending.ROLLED_BACK, burnt=True, verify_again=False)
    effects = tuple(
        post(place, "rolled_back", CLICK, actor=run.by, reason=run.reason, target=run.target, seconds=seconds(run))
        for place in ("team", "stakeholders", "support")
    )
    # the texts are corrected and the follow-up is linked anew, so what was signed for closing counts no more
    return Outcome(release, (*effects, *turned_back(s, run.target)), withdraw=s.given("close"), anchor=True)


def record(s: Situation, act: Act) -> Outcome:
    """Two people record what production runs; the second one ends the run."""
    runs = act.text("runs")
    gate, run = "record", s.release.run()
    assert run is not None  # the gate run_stopped has looked
    subject = f"{run.id}:{runs}"
    role = s.holds(act.actor, s.policy.permissions["rollback"])
    lent = s.stands_for(act.actor, role)
    said = Decision(gate, subject, role, act.actor, "approve", s.now, act.reason, s.read_at, lent)
    people = {d.person for d in s.signed(gate, subject)} | {act.actor}
    shown = {"url": address(act.text("url"))} if act.text("url") else {}
    line = thread("recorded", act, runs=runs, people=len(people), **shown)
    if len(people) < 2:
        return Outcome(s.release, (line,), sign=(said,), notes={"pending": "second person"}, record=shown)
    kind: Literal["deploy", "roll back"] = "deploy" if runs == s.release.version else "roll back"
    live = s.production
    commits = {live.previous: live.previous_sha, live.version: live.sha, s.release.version: s.release.promotion_sha}
    ended = replace(run, kind=kind, target=runs, sha=commits.get(runs, run.sha), reason=act.reason)
    done = finish_run(s, said_done(s, ended, act.actor), (line, *word_effect(run, "end", act)))
    return replace(done, sign=(said,), record={"runs": runs, "people": sorted(people), **shown})


def fix_forward(s: Situation, act: Act) -> Outcome:
    """A hotfix is opened on this tag and gets the production lock."""
    version = act.text("hotfix")
    lock = s.production.lock
    handed = Lock(
        int(str(act.input.get("hotfix_id") or 0)), version, act.actor, s.now, f"v{s.release.version} is fixed forward"
    )
    envs = (replace(s.production, lock=handed),) if lock is None or lock.release_id == s.release.id else ()
    release = s.release
    run = release.run()
    told = [thread("fix_started", act, hotfix=version)]
    if run and run.call_at:
        release = with_run(release, replace(run, call_at=None))  # somebody has decided
    if run and release.phase is Phase.DEPLOYMENT and run.state is RunState.RUNNING:
        release = with_run(release, replace(run, stop_asked=True))
        told += word_effect(run, "stop", act)
    return Outcome(
        replace(release, fixed_by=version),
        tuple(told),
        environments=envs,
        record={"hotfix": version},
    )


def fixed(s: Situation, act: Act) -> Outcome:
    """The hotfix is out: this release is done, fixed by it."""
    return Outcome(
        replace(
            s.release,
            phase=Phase.POST_RELEASE,
            outcome=Ending.FIXED_BY,
            live_at=s.release.live_at or s.now,
            verify_again=False,
        ),
        (thread("fixed", act, by=s.release.fixed_by),),
        withdraw=s.given("close"),
    )
