"""What came of git's work: planned, published, moved under us, refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.effects import CLICK, Effect, post
from core.domain.moves.outcome import Outcome, content_digest, order_json, order_of, scope_effect, thread, your_turn
from core.domain.moves.shipping import deploy_effect, lock_given_back, with_run
from core.domain.release import BEFORE_DEPLOYMENT, Candidate, Phase, Release, RunState
from core.domain.repository import CutBranch, Promote
from core.domain.situation import Act, Situation

NOBODY = Act("", "report")
MOST_ATTEMPTS = 5


def git_planned(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The plan is made: it is stored, then published; a promotion waits for the go to be judged again.

    A promotion that is planned anew while it is going out has been judged already; one that nobody asks for any more
    (its deployment was aborted) is dropped.
    """
    work = s.release.git
    if work is None or work.attempt != body["attempt"] or work.state not in ("planning", "planned"):
        return None
    planned = replace(work, plan=body["plan"], state="planned")
    if work.purpose == "promote" and s.release.phase is not Phase.DEPLOYMENT:
        if s.release.go is None:
            return Outcome(_unpublished(s.release))
        return Outcome(replace(s.release, git=planned, go=replace(s.release.go, dry_run=True)))
    push = Effect(
        "git.push",
        "git",
        {"purpose": work.purpose, "order": work.order, "plan": body["plan"], "attempt": work.attempt},
        CLICK,
    )
    return Outcome(replace(s.release, git=replace(planned, state="pushing")), (push,))


def git_pushed(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The remote has it."""
    work = s.release.git
    if work is None or work.purpose != body["purpose"]:
        return None
    order = order_of(work.order)
    release = replace(s.release, git=None)
    if isinstance(order, Promote):
        return _promoted(s, replace(release, promotion_sha=str((work.plan or {})["commit"])), work.plan or {})
    if isinstance(order, CutBranch) and order.tag is None:
        return Outcome(
            replace(release, branch_head=order.from_sha), (thread("branch_cut", NOBODY, branch=order.branch),)
        )
    sha = order.from_sha if isinstance(order, CutBranch) else order.sha
    return _tagged(s, release, sha, work.asked_by, tuple(body.get("contains", ())))


def _tagged(s: Situation, release: Release, sha: str, by: str, contains: tuple[str, ...]) -> Outcome:
    if release.phase not in BEFORE_DEPLOYMENT:
        return Outcome(release)  # it has ended in the meantime: a tag does not bring it back
    number = (release.candidate.number if release.candidate else 0) + 1
    c = Candidate(number, release.number.candidate(number).tag, sha, s.now, by, content_digest(release, sha), contains)
    first = release.phase is Phase.DEVELOPMENT
    old = tuple(d for d in s.decisions if s.release.digest and d.subject == s.release.digest)
    void = sorted({d.person for d in old if d.gate == "approval" and d.verdict == "approve"})
    # what the promotion must contain was read with the tag; the branch holds it from here on
    release = replace(
        release,
        candidates=(*release.candidates, c),
        branch_head=sha,
        phase=Phase.STABILIZATION,
        go=None,
        lacks=tuple(v for v in release.lacks if v not in contains),
    )
    act = Act(by, "candidate")
    effects: list[Effect] = [thread("candidate_tagged", act, candidate=c.tag, sha=sha, voided=void, first=first)]
    if first and release.type.by_train:
        effects.insert(0, post("team", "frozen", CLICK, actor=by))
    effects += [
        post(
            f"dm:{p}",
            "withdrawn",
            CLICK,
            actor=by,
            candidate=c.tag,
            before=s.release.candidate.tag if s.release.candidate else "",
        )
        for p in void
    ]
    effects += your_turn(s, "ready")
    effects.append(scope_effect(release, release.branch))
    return Outcome(release, tuple(effects), withdraw=old, record={"candidate": c.tag, "sha": sha, "content": c.digest})


def _promoted(s: Situation, release: Release, plan: Mapping[str, Any]) -> Outcome:
    effects: list[Effect] = [thread("promoted", NOBODY, sha=release.promotion_sha)]
    effects += [
        thread("conflict", NOBODY, branch=c["branch"], files=list(c["files"])) for c in plan.get("conflicts", ())
    ]
    run = release.run()
    if (
        release.phase is not Phase.DEPLOYMENT
        or run is None
        or run.state is not RunState.RUNNING
        or run.step != "publish"
    ):
        return Outcome(release, tuple(effects))  # aborted while it was on its way: only what is true is recorded
    if run.stop_asked or release.hold:
        waiting = replace(
            run,
            state=RunState.FAILED,
            reason="stopped by a person" if run.stop_asked else "the release is on hold",
            sha=release.promotion_sha,
            ended_at=s.now,
            step="deploy",
        )
        return Outcome(with_run(release, waiting), tuple(effects))
    run = replace(run, step="deploy", sha=release.promotion_sha, changed=True)
    return Outcome(with_run(release, run), (*effects, deploy_effect(run)), record={"sha": release.promotion_sha})


def git_moved(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Another ref was there: nothing was published, it is planned anew on what is there now."""
    work = s.release.git
    if work is None or work.purpose != body["purpose"]:
        return None
    if work.purpose == "promote" and s.release.phase is not Phase.DEPLOYMENT and s.release.go is None:
        return Outcome(_unpublished(s.release))
    if work.tries >= MOST_ATTEMPTS:
        return git_refused(
            s, {**body, "blockers": [{"code": "git.moved", "facts": {"detail": body.get("detail", "")}}]}
        )
    order = order_of(work.order)
    number = s.release.git_asked + 1
    again = replace(
        work,
        state="planning",
        plan=None,
        attempt=number,
        tries=work.tries + 1,
        order=order_json(replace(order, made_at=s.now)),
    )
    return Outcome(
        replace(s.release, git=again, git_asked=number),
        (Effect("git.plan", "git", {"purpose": work.purpose, "order": again.order, "attempt": again.attempt}, CLICK),),
    )


def _unpublished(release: Release) -> Release:
    """Without the promotion that was on its way; when no final tag is out, its number is not used up either."""
    digest = release.promoted_digest if release.promotion_sha else ""
    return replace(release, git=None, promoted_digest=digest)


def git_refused(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """It cannot be made, or the remote said no: no ref has moved; a deployment that only published is taken back."""
    work = s.release.git
    if work is None or work.purpose != body["purpose"]:
        return None
    promote = work.purpose == "promote"
    release = replace(s.release, git=replace(work, state="failed", problem=tuple(body["blockers"])), go=None)
    if promote:
        release = replace(_unpublished(release), git=release.git)
    said = s.signed("go", str(s.release.epoch)) if promote and s.release.go else ()
    line = thread("git_failed", NOBODY, purpose=work.purpose, problem=list(body["blockers"]))
    told = post(
        f"dm:{work.asked_by or release.lead}", "git_failed", CLICK, purpose=work.purpose, problem=list(body["blockers"])
    )
    run = release.run()
    if not promote or release.phase is not Phase.DEPLOYMENT or run is None or run.changed:
        return Outcome(release, (line, told), withdraw=said)
    failed = replace(run, state=RunState.FAILED, ended_at=s.now, reason="the remote refused it")
    release = replace(with_run(release, failed), phase=Phase.PREPARATION)
    return Outcome(release, (line, told), environments=(lock_given_back(s),))
