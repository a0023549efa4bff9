"""What came of git's work: planned, published, moved under us, refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.effects import CLICK, Effect, post
from core.domain.moves.contents import fallen, marks
from core.domain.moves.cutting import frozen
from core.domain.moves.forging import conflict_pull, forge_read
from core.domain.moves.outcome import (
    NOBODY,
    Outcome,
    content_digest,
    order_json,
    order_of,
    scope_effect,
    thread,
    your_turn,
)
from core.domain.moves.running import deploy_effect, with_run
from core.domain.moves.scoping import find_effect, looked_for
from core.domain.moves.shipping import lock_given_back
from core.domain.moves.solving import could_not, solve_pushed, solved
from core.domain.moves.staging import in_stages_of, push_effect
from core.domain.plans.steps import in_stages
from core.domain.release import BEFORE_DEPLOYMENT, Candidate, GitWork, Phase, Release, RunState
from core.domain.repository import CutBranch, MergeBranch, Pick, Promote, Revert, Solve, TagCandidate
from core.domain.signing import manifest_of, notes_aside
from core.domain.situation import Act, Situation

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
    push = push_effect(s, work, body["plan"])
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
    if isinstance(order, Solve):
        return solve_pushed(s, release, order)
    if isinstance(order, (Pick, Revert, MergeBranch)):
        return _changed(release, work, order)
    if isinstance(order, CutBranch) and order.tag is None:
        return _branch_cut(s, replace(release, branch_head=order.from_sha), work.asked_by)
    assert isinstance(order, (CutBranch, TagCandidate))
    if isinstance(order, CutBranch):
        release = replace(release, frozen_sha=order.from_sha)
    base = order.from_sha if isinstance(order, CutBranch) else order.sha
    sha = str((work.plan or {}).get("commit") or base)  # with what was prepared on top
    return _tagged(s, release, work, sha, tuple(body.get("contains", ())))


def _branch_cut(s: Situation, release: Release, by: str) -> Outcome:
    """A patch's or hotfix's branch is there: what it was started for is picked onto it."""
    line = thread("branch_cut", NOBODY, branch=release.branch)
    wanted = tuple(i.ref for i in release.items if i.state == "in")
    if not wanted:
        return Outcome(release, (line, scope_effect(release, release.branch)))
    release, effect = looked_for(s, release, "pick", wanted, by)
    return Outcome(release, (line, effect))


def _changed(release: Release, work: GitWork, order: Pick | Revert | MergeBranch) -> Outcome:
    """Commits were put on a branch: on the release's own, or the fixes of an ended one on develop."""
    commit = str((work.plan or {}).get("commit", ""))
    if isinstance(order, MergeBranch):
        return Outcome(release, (thread("carried", NOBODY, branch=order.branch, sha=commit),), record={"sha": commit})
    if isinstance(order, Revert):
        out = tuple(replace(i, state="moved") if i.ref in work.about else i for i in release.items)
        release = replace(release, items=out)
    release = solved(release, order.commits)
    moment = "picked" if isinstance(order, Pick) else "reverted"
    line = thread(moment, Act(work.asked_by, moment), refs=list(work.about), sha=commit, branch=order.branch)
    release = replace(release, branch_head=commit or release.branch_head)
    return Outcome(release, (line, scope_effect(release, release.branch)), record={"sha": commit})


def _tagged(s: Situation, release: Release, work: GitWork, sha: str, contains: tuple[str, ...]) -> Outcome:
    by = work.asked_by
    if release.phase not in BEFORE_DEPLOYMENT:
        return Outcome(release)  # it has ended in the meantime: a tag does not bring it back
    number = (release.candidate.number if release.candidate else 0) + 1
    tag, prepared = release.number.candidate(number).tag, bool((work.plan or {}).get("prepared"))
    made = manifest_of(sha, release.version, work.section or notes_aside(s), s.draft, release.flags)
    digest = content_digest(release, made)
    c = Candidate(number, tag, sha, s.now, by, digest, contains, work.section, prepared, made, lines=marks(s))
    first = release.phase is Phase.DEVELOPMENT
    about = {s.release.digest, s.release.tagged_as} - {""}
    old = tuple(d for d in s.decisions if d.subject in about)
    void = sorted({d.person for d in old if d.gate == "approval" and d.verdict == "approve"})
    # what the promotion must contain was read with the tag; the branch holds it from here on
    release = replace(
        release,
        candidates=(*(replace(old, lines=()) for old in release.candidates), c),
        branch_head=sha,
        phase=Phase.STABILIZATION,
        go=None,
        lacks=tuple(v for v in release.lacks if v not in contains),
        checks=None,
        last_signed=fallen(s, void, "candidate"),
    )
    act = Act(by, "candidate")
    effects: list[Effect] = [thread("candidate_tagged", act, candidate=c.tag, sha=sha, voided=void, first=first)]
    if first and release.type.by_train:
        effects[:0] = frozen(s, release, by)
    effects += _differences(release, c, void)
    effects += your_turn(s, "ready")
    effects += [scope_effect(release, release.branch), *forge_read(s, release)]
    return Outcome(release, tuple(effects), withdraw=old, record={"candidate": c.tag, "sha": sha, "content": c.digest})


def _differences(release: Release, c: Candidate, void: list[str]) -> list[Effect]:
    """What is different for those whose approvals fell, now or with an earlier candidate: read once for each base."""
    found = {}
    for signed in release.last_signed.values():
        between = {"base": signed.sha, "head": c.sha, "before": signed.candidate, "candidate": c.tag}
        told = [p for p in void if release.last_signed[p].sha == signed.sha]
        found[signed.sha] = Effect("range.read", "git", {**between, "people": told, "by": c.by}, CLICK)
    return list(found.values())


def _promoted(s: Situation, release: Release, plan: Mapping[str, Any]) -> Outcome:
    staged = bool(s.release.runs and s.release.runs[-1].steps) and in_stages(s.policy)
    effects: list[Effect] = [thread("tag_out" if staged else "promoted", NOBODY, sha=release.promotion_sha)]
    effects += [
        thread(
            "conflict", NOBODY, branch=c["branch"], files=list(c["files"]), people=dict(c.get("people") or {}),
            opened=bool(s.policy.github.repository),
        )
        for c in plan.get("conflicts", ())
    ]  # fmt: skip
    for c in plan.get("conflicts", ()):
        effects += conflict_pull(s, release, s.policy.product.main, c["branch"], list(c["files"]))
    run = release.run()
    if (
        release.phase is not Phase.DEPLOYMENT
        or run is None
        or run.state is not RunState.RUNNING
        or run.step != "publish"
    ):
        return Outcome(release, tuple(effects))  # aborted while it was on its way: only what is true is recorded
    assert s.release.git is not None  # it was pushed just now
    run = in_stages_of(s, replace(run, sha=release.promotion_sha), s.release.git)
    if run.stop_asked or release.hold:
        waiting = replace(
            run,
            state=RunState.FAILED,
            reason="stopped by a person" if run.stop_asked else "the release is on hold",
            ended_at=s.now,
            step="deploy",
        )
        return Outcome(with_run(release, waiting), tuple(effects))
    run = replace(run, step="deploy", changed=not run.steps)
    return Outcome(with_run(release, run), (*effects, deploy_effect(s, run)), record={"sha": release.promotion_sha})


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
    number = s.release.git_asked + 1
    if work.about or work.purpose == "carry":  # another head: it is looked for anew
        anew = replace(work, state="planning", plan=None, order={}, attempt=number, tries=work.tries + 1)
        return Outcome(replace(s.release, git=anew, git_asked=number), (find_effect(s, s.release, anew),))
    order = order_of(work.order)
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
    release = could_not(s.release, work, body["blockers"])
    release = replace(release, git=replace(work, state="failed", problem=tuple(body["blockers"])), go=None)
    if promote:
        release = replace(_unpublished(release), git=release.git)
    said = s.signed("go", str(s.release.epoch)) if promote and s.release.go else ()
    met = work.purpose in ("pick", "revert") and any(b["code"] == "git.conflict" for b in body["blockers"])
    why: dict[str, Any] = {"purpose": work.purpose, "problem": list(body["blockers"])}
    why["host"] = met and bool(s.policy.github.repository)
    line = thread("git_failed", NOBODY, **why)
    told = post(f"dm:{work.asked_by or release.lead}", "git_failed", CLICK, **why)
    pull = _carried_by_people(s, body) if work.purpose == "carry" else ()
    run = release.run()
    if not promote or release.phase is not Phase.DEPLOYMENT or run is None or run.changed:
        return Outcome(release, (line, told, *pull), withdraw=said)
    failed = replace(run, state=RunState.FAILED, ended_at=s.now, reason="the remote refused it")
    release = replace(with_run(release, failed), phase=Phase.PREPARATION)
    return Outcome(release, (line, told), environments=(lock_given_back(s),))


def _carried_by_people(s: Situation, body: Mapping[str, Any]) -> tuple[Effect, ...]:
    """The fixes of an ended release conflict with develop: they are named, and a pull request is there for them."""
    files = [f for b in body["blockers"] if b["code"] == "git.conflict" for f in b["facts"].get("files", ())]
    develop = s.policy.product.trunk
    named = Effect("fixes.read", "git", {"base": develop, "branch": s.release.branch, "named": True})
    return (named, *conflict_pull(s, s.release, s.release.branch, develop, files))
