"""Staging, go and no-go, and the run in production until it is live, stopped or aborted."""

from __future__ import annotations

from dataclasses import replace

from core.domain.effects import CLICK, Effect, post
from core.domain.moves.calling import asked_roles, stands
from core.domain.moves.forging import published
from core.domain.moves.outcome import Outcome, ask_git, thread, your_turn
from core.domain.moves.running import (
    deploy_effect,
    go_on_effect,
    new_run,
    taken_up,
    unsaid,
    with_run,
    word_effect,
)
from core.domain.moves.staging import push_effect, still_to_push
from core.domain.release import (
    Decision,
    Environment,
    GoAsked,
    Lock,
    Phase,
    Release,
    ReleaseType,
    Run,
    RunState,
)
from core.domain.repository import CutBranch, Promote
from core.domain.results.builds import builds_for
from core.domain.situation import Act, Situation


def stage(s: Situation, act: Act) -> Outcome:
    """The approved candidate goes to staging."""
    run = new_run(s, "staging", "deploy", act, builds=builds_for(s, "staging"))
    return Outcome(with_run(s.release, run), (thread("staging", act), deploy_effect(s, run)))


def retry(s: Situation, act: Act) -> Outcome:
    """The failed step runs again: of a pipeline in the same run, else the host is asked in a new one; a branch that
    could not be cut is cut again."""
    if s.release.phase is Phase.DEVELOPMENT:
        order = CutBranch(s.release.branch, s.release.base_sha, s.now)
        cutting, effect = ask_git(s, s.release, "cut", order, act.actor)
        return Outcome(cutting, (thread("retried", act, environment=s.release.branch), effect))
    where = "staging" if s.release.phase is Phase.PREPARATION else "production"
    old = s.release.run(where)
    assert old is not None  # the gate run_stopped has looked
    if old.steps:
        told = (thread("retried", act, environment=where), *go_on_effect(s, old, "retry", act))
        return Outcome(with_run(s.release, taken_up(s, old, "retry", act)), told, withdraw=unsaid(s, old))
    again = {"target": old.target, "sha": old.sha, "changed": True}  # now the host is asked
    builds = builds_for(s, "staging") if where == "staging" else old.builds
    run = new_run(s, where, old.kind, act, builds=builds, **again)
    ended = replace(old, state=RunState.FAILED, ended_at=old.ended_at or s.now)
    return Outcome(
        with_run(with_run(s.release, ended), run), (thread("retried", act, environment=where), deploy_effect(s, run))
    )


def go(s: Situation, act: Act) -> Outcome:
    """Records the go; when every role of the type has said it, Slack and the remote are read afresh.

    Production moves only when both have answered and nothing blocks it then (`fire_go`).
    """
    role = s.holds(act.actor, s.policy.rules(s.release.type).go)
    subject = str(s.release.epoch)
    lent = s.stands_for(act.actor, role)
    said = Decision("go", subject, role, act.actor, "approve", s.now, act.reason, s.read_at, lent)
    roles = {d.role for d in s.signed("go", subject)} | {role}
    missing = [r for r in s.policy.rules(s.release.type).go if r not in roles]
    if missing:
        waits = [f"role:{r}" for r in missing]
        return Outcome(
            s.release,
            (thread("go_asked", act, missing=waits),),
            sign=(said,),
            notes={"pending": "others", "missing": waits},
        )
    tagged = bool(s.release.promotion_sha)  # after an abort the same content goes again with the same tag
    asked = replace(s.release, go=GoAsked(act.actor, s.now, dry_run=tagged))
    effects: list[Effect] = [thread("go_asked", act, missing=[]), Effect("members.read", "members", {}, CLICK)]
    if not tagged:
        assert s.candidate is not None  # the gate approvals has looked
        asked, effect = ask_git(s, asked, "promote", promotion(s, s.candidate.sha), act.actor)
        effects.append(effect)
    return Outcome(asked, tuple(effects), sign=(said,), notes={"pending": "members"})


def promotion(s: Situation, sha: str) -> Promote:
    """The order that makes the commit `sha` the release: onto main, tagged, and back to where work goes on."""
    product = s.policy.product
    lagging = [
        o.branch
        for o in s.others
        if o.id != s.release.id
        and o.branch_head
        and o.phase in (Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION)
    ]
    into = tuple(dict.fromkeys([*([product.develop] if product.develop else []), *lagging]))
    return Promote(
        sha,
        s.release.tag,
        s.now,
        main=product.main,
        merge_into=into,
        production=s.production.sha,
        message=f"Release {s.release.tag}" + (f"\n\nRecord {s.anchor}" if s.anchor else ""),
        title=f"Release {s.release.tag}",
        may_be_gone=tuple(lagging),
        version_files=s.policy.notes.files,
        changelog=s.policy.notes.changelog,
    )


def fire_go(s: Situation, act: Act) -> Outcome:
    """Everything was read afresh and nothing blocks: production is locked, then the remote and the host follow."""
    r = s.release
    published = bool(r.promotion_sha)
    run = new_run(
        s,
        "production",
        "deploy",
        act,
        sha=r.promotion_sha or (r.candidate.sha if r.candidate else ""),
        step="deploy" if published else "publish",
        changed=published,
        builds=builds_for(s, "production"),
        pushed=still_to_push(r) if published else None,
    )
    lock = Lock(r.id, r.version, act.actor, s.now, f"v{r.version} is going out")
    release = with_run(replace(r, phase=Phase.DEPLOYMENT, go=None, promoted_digest=r.tagged_as), run)
    effects = [post("team", "going_out", CLICK, actor=act.actor)]
    if published:
        effects.append(deploy_effect(s, run))
    else:
        assert r.git is not None and r.git.plan is not None  # the dry run has stored its plan
        release = replace(release, git=replace(r.git, state="pushing"))
        effects.append(push_effect(s, r.git, r.git.plan))
    return Outcome(
        release,
        tuple(effects),
        environments=(replace(s.production, lock=lock),),
        record={"candidate": r.candidate.tag if r.candidate else "", "content": r.digest},
        anchor=True,
    )


def nogo(s: Situation, act: Act) -> Outcome:
    """It stays; a go that was on its way is taken back."""
    gone = s.signed("go", str(s.release.epoch))
    return Outcome(s.release.without_promotion, (thread("nogo", act),), withdraw=gone)


def abort(s: Situation, act: Act) -> Outcome:
    """Ends the deployment before anything in production changed; the lock is freed."""
    run = s.release.run()
    assert run is not None  # the gate production_untouched has looked
    ended = replace(run, state=RunState.FAILED, ended_at=s.now, reason=act.reason)
    git = s.release.git if s.release.git and s.release.git.state == "pushing" else None
    release = replace(with_run(s.release, ended), phase=Phase.PREPARATION, git=git)
    return Outcome(
        release, (thread("aborted", act), *word_effect(run, "end", act)), environments=(lock_given_back(s),)
    )


def checks_failed(s: Situation, act: Act) -> Outcome:
    """What was proven is not any more, and nothing has changed: it is in preparation again, to be mended."""
    run = s.release.run()
    assert run is not None  # the gate checks_red has looked
    people = dict.fromkeys(p for p in (run.by, s.release.lead) if p)
    told = (thread("unproven", act, failure=run.reason),
            *(post(f"dm:{p}", "unproven", CLICK, reason=run.reason) for p in people))  # fmt: skip
    release = replace(s.release, phase=Phase.PREPARATION)
    return Outcome(release, told, environments=(lock_given_back(s),))


def unlocked(env: Environment, release: Release) -> Environment:
    return replace(env, lock=None) if env.lock and env.lock.release_id == release.id else env


def lock_given_back(s: Situation, for_good: bool = False) -> Environment:
    """Production when this release steps back from it. A lock that was handed to it for a repair stays with it,
    so that nobody else slips in; when the repair ends for good, it goes back to what is broken there."""
    lock = s.production.lock
    if lock is None or lock.release_id != s.release.id:
        return s.production
    broken = next((o for o in s.others if o.id == s.release.fixes and o.fixed_by == s.release.version), None)
    if broken is None or (for_good and broken.phase is not Phase.DEPLOYMENT):
        return replace(s.production, lock=None)
    reason = f"v{broken.version} is fixed forward"
    if for_good:
        return replace(s.production, lock=Lock(broken.id, broken.version, lock.by, s.now, reason))
    return replace(s.production, lock=replace(lock, reason=reason))


def stop(s: Situation, act: Act) -> Outcome:
    """Nothing more starts after the running step; with the item `now` that one is ended too."""
    run = s.release.run("staging" if s.release.phase is Phase.PREPARATION else "production")
    assert run is not None  # the gate run_running has looked
    step = run.at_work if act.text("item") == "now" else None
    after = replace(run, stop_asked=True, end_step=step.name if step else run.end_step)
    line = thread("ended_now", act, step=step.title) if step else thread("stopped", act)
    return Outcome(with_run(s.release, after), (line, *word_effect(after, "stop", act)))


def step_failed(s: Situation, act: Act) -> Outcome:
    """The run waits; those who decide are asked, in the channel and by message."""
    run = s.release.run()
    assert run is not None  # the gate run_failed has looked
    waiting = with_run(s.release, stands(s, run))
    deciders = s.holders(*asked_roles(s))
    return Outcome(
        waiting,
        (
            post("team", "decision", CLICK, reason=run.reason, deciders=list(deciders)),
            *(post(f"dm:{p}", "failure", CLICK, reason=run.reason) for p in deciders),
            *your_turn(s, "rollback"),
        ),
    )


def finish_run(s: Situation, run: Run, effects: tuple[Effect, ...] = ()) -> Outcome:
    """A run has done all its steps: the environment's record follows."""
    done = replace(run, state=RunState.DONE, ended_at=s.now)
    release = with_run(s.release, done)
    if run.environment == "staging":
        candidate = next((c.tag for c in s.release.candidates if c.sha == run.sha), "")  # a newer one may be cut by now
        env = replace(s.staging, version=run.target, sha=run.sha, candidate=candidate, since=s.now)
        asks = your_turn(s, "go", after_staging=True)
        return Outcome(release, (*effects, thread("staged", Act("", "staged")), *asks), environments=(env,))
    if run.kind == "roll back":
        lock = Lock(release.id, release.version, run.by, s.now, run.reason, until_cleared=True)
        env = replace(
            s.production,
            version=run.target,
            sha=run.sha or s.production.previous_sha,
            since=s.now,
            lock=lock,
            previous=s.production.previous if s.production.version == run.target else "",
            previous_sha=s.production.previous_sha if s.production.version == run.target else "",
        )
        return Outcome(release, effects, environments=(env,))
    env = replace(
        s.production,
        version=run.target,
        sha=run.sha,
        since=s.now,
        candidate="",
        previous=s.production.version if s.production.version != run.target else s.production.previous,
        previous_sha=s.production.sha if s.production.version != run.target else s.production.previous_sha,
    )
    asks = your_turn(s, "deployed")
    return Outcome(release, (*effects, thread("verify", Act("", "verify")), *asks), environments=(env,))


def deployed(s: Situation, act: Act) -> Outcome:
    """It is live: three audiences are told, each in its own words."""
    release = replace(s.release, phase=Phase.POST_RELEASE, live_at=s.now)
    moment = "hotfix_live" if release.type is ReleaseType.HOTFIX else "live"
    run = s.release.run()
    effects = tuple(
        post(place, moment, CLICK, record="", seconds=seconds(run)) for place in ("team", "stakeholders", "support")
    )
    return Outcome(
        release,
        (*effects, *your_turn(s, "close"), *published(s, release)),
        environments=(unlocked(s.production, release),),
        anchor=True,
    )


def seconds(run: Run | None) -> int:
    return int((run.ended_at - run.started_at).total_seconds()) if run and run.ended_at else 0
