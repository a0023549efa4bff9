"""What came of an effect: git, reads, runs, posts and the hour. Each function is named after its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.effects import CLICK, Effect, post
from core.domain.moves import texts
from core.domain.moves.outcome import Outcome, content_digest, order_json, order_of, scope_effect, thread
from core.domain.moves.shipping import deploy_effect, finish_run
from core.domain.release import Candidate, Change, Phase, Release, Run, RunState
from core.domain.repository import CutBranch, Promote
from core.domain.situation import Act, Situation

NOBODY = Act("", "report")
MOST_ATTEMPTS = 5


def git_planned(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The plan is made: it is stored, then published; a promotion waits for the go to be judged again."""
    work = s.release.git
    if work is None or work.attempt != body["attempt"] or work.state not in ("planning", "planned"):
        return None
    planned = replace(work, plan=body["plan"], state="planned")
    if work.purpose == "promote":
        go = replace(s.release.go, dry_run=True) if s.release.go else None
        return Outcome(replace(s.release, git=planned, go=go))
    push = Effect("git.push", "git", {"purpose": work.purpose, "order": work.order, "plan": body["plan"],
                                      "attempt": work.attempt}, CLICK)
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
        return Outcome(replace(release, branch_head=order.from_sha), (thread("branch_cut", NOBODY, branch=order.branch),))
    sha = order.from_sha if isinstance(order, CutBranch) else order.sha
    return _tagged(s, release, sha, work.asked_by, tuple(body.get("contains", ())))


def _tagged(s: Situation, release: Release, sha: str, by: str, contains: tuple[str, ...]) -> Outcome:
    number = (release.candidate.number if release.candidate else 0) + 1
    c = Candidate(number, release.number.candidate(number).tag, sha, s.now, by, content_digest(release, sha), contains)
    first = release.phase is Phase.DEVELOPMENT
    old = tuple(d for d in s.decisions if s.release.digest and d.subject == s.release.digest)
    void = sorted({d.person for d in old if d.gate == "approval" and d.verdict == "approve"})
    # what the promotion must contain was read with the tag; the branch holds it from here on
    release = replace(release, candidates=(*release.candidates, c), branch_head=sha, phase=Phase.STABILIZATION, go=None,
                      lacks=tuple(v for v in release.lacks if v not in contains))
    act = Act(by, "candidate")
    effects: list[Effect] = [thread("candidate_tagged", act, candidate=c.tag, sha=sha, voided=void, first=first)]
    if first and release.type.by_train:
        effects.insert(0, post("team", "frozen", CLICK, actor=by))
    effects += [post(f"dm:{p}", "withdrawn", CLICK, actor=by, candidate=c.tag,
                     before=s.release.candidate.tag if s.release.candidate else "") for p in void]
    people = {p for i in s.signoff_items("ready").values() for p in s.members.get(i.role, ())}
    effects += [post(f"dm:{p}", "your_turn", CLICK, gate="ready") for p in sorted(people)]
    effects.append(scope_effect(release, release.branch))
    return Outcome(release, tuple(effects), withdraw=old, record={"candidate": c.tag, "sha": sha, "content": c.digest})


def _promoted(s: Situation, release: Release, plan: Mapping[str, Any]) -> Outcome:
    effects: list[Effect] = [thread("promoted", NOBODY, sha=release.promotion_sha)]
    effects += [thread("conflict", NOBODY, branch=c["branch"], files=list(c["files"])) for c in plan.get("conflicts", ())]
    run = release.run()
    if release.phase is not Phase.DEPLOYMENT or run is None or run.state is not RunState.RUNNING or run.step != "publish":
        return Outcome(release, tuple(effects))  # aborted while it was on its way: only what is true is recorded
    if run.stop_asked:
        waiting = replace(run, state=RunState.FAILED, reason="stopped by a person", sha=release.promotion_sha,
                          ended_at=s.now, step="deploy")
        return Outcome(_put(release, waiting), tuple(effects))
    run = replace(run, step="deploy", sha=release.promotion_sha, changed=True)
    return Outcome(_put(release, run), (*effects, deploy_effect(run)), record={"sha": release.promotion_sha})


def _put(release: Release, run: Run) -> Release:
    return replace(release, runs=(*(r for r in release.runs if r.id != run.id), run))


def git_moved(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Another ref was there: nothing was published, it is planned anew on what is there now."""
    work = s.release.git
    if work is None or work.purpose != body["purpose"]:
        return None
    if work.attempt >= MOST_ATTEMPTS:
        return git_refused(s, {**body, "blockers": [{"code": "git.moved", "facts": {"detail": body.get("detail", "")}}]})
    order = order_of(work.order)
    again = replace(work, state="planning", plan=None, attempt=work.attempt + 1, order=order_json(replace(order, made_at=s.now)))
    return Outcome(replace(s.release, git=again), (
        Effect("git.plan", "git", {"purpose": work.purpose, "order": again.order, "attempt": again.attempt}, CLICK),))


def git_refused(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """It cannot be made, or the remote said no: no ref has moved; a deployment that only published is taken back."""
    work = s.release.git
    if work is None or work.purpose != body["purpose"]:
        return None
    release = replace(s.release, git=replace(work, state="failed", problem=tuple(body["blockers"])), go=None)
    line = thread("git_failed", NOBODY, purpose=work.purpose, problem=list(body["blockers"]))
    told = post(f"dm:{work.asked_by or release.lead}", "git_failed", CLICK, purpose=work.purpose,
                problem=list(body["blockers"]))
    run = release.run()
    if work.purpose != "promote" or release.phase is not Phase.DEPLOYMENT or run is None or run.changed:
        return Outcome(release, (line, told))
    failed = replace(run, state=RunState.FAILED, ended_at=s.now, reason="the remote refused it")
    lock = s.production.lock
    env = replace(s.production, lock=None) if lock and lock.release_id == release.id else s.production
    release = replace(_put(release, failed), phase=Phase.PREPARATION, promoted_digest="")
    return Outcome(release, (line, told), environments=(env,))


def scope_read(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What is in the range, confirmed with the remote; human edits of the texts survive."""
    changes = tuple(Change(c["sha"], c["subject"], c["author"], c["email"], c.get("pull"), c.get("body", ""))
                    for c in body["changes"])
    release = replace(s.release, scope=changes, scope_read_at=s.now)
    if body["branch"] == release.branch:
        release = replace(release, branch_head=body["head"])
    else:
        release = replace(release, scope_head=body["head"])
    if not release.texts.edited_by:
        release = replace(release, texts=texts.draft(changes, s.policy))
    before = {c.sha for c in s.release.scope}
    new = [c for c in changes if c.sha not in before]
    if not s.release.scope_read_at or not new:
        return Outcome(release)
    return Outcome(release, (thread("scope_changed", NOBODY, added=len(new), subjects=[c.subject for c in new[:5]]),))


def heads_seen(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The remote's branches as they are: the release's own, and develop until it is frozen."""
    heads: Mapping[str, str] = body["heads"]
    r = s.release
    develop = s.policy.product.develop or s.policy.product.main
    release = replace(r, lacks=tuple(body.get("lacks", r.lacks)))
    own, base = heads.get(r.branch), heads.get(develop)
    effects: list[Effect] = []
    if own and own != r.branch_head and r.git is None and r.phase is not Phase.PLANNING:
        release = replace(release, branch_head=own)
        if not r.candidate:
            effects.append(scope_effect(release, r.branch))
    if base and base != r.scope_head and r.type.by_train and r.phase in (Phase.PLANNING, Phase.DEVELOPMENT):
        effects.append(scope_effect(release, develop))
        release = replace(release, scope_head=base)
    return Outcome(release, tuple(effects)) if release != r else None


def members_read(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Slack was read afresh (the rows are in the store already)."""
    if s.release.go is None:
        return None
    return Outcome(replace(s.release, go=replace(s.release.go, members_read=True)))


def run_done(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The host has done it."""
    run = next((r for r in s.release.runs if r.id == body["run"] and r.state is RunState.RUNNING), None)
    if run is None:
        return None
    if run.stop_asked and run.kind == "deploy":
        return Outcome(_put(s.release, replace(run, state=RunState.FAILED, reason="stopped by a person", ended_at=s.now)))
    return finish_run(s, run)


def run_failed(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """A step failed, or nobody can tell."""
    run = next((r for r in s.release.runs if r.id == body["run"] and r.state is RunState.RUNNING), None)
    if run is None:
        return None
    failed = replace(run, state=RunState.FAILED, reason=str(body.get("reason", ""))[:500], ended_at=s.now,
                     step=str(body.get("step", run.step)))
    line = (thread("staging_failed", NOBODY, failure=failed.reason),) if run.environment == "staging" else ()
    return Outcome(_put(s.release, failed), line)


def posted(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """An announcement is out; the gates that wait for it look at this."""
    audience = str(body.get("place", ""))
    if audience not in ("team", "stakeholders", "support"):
        return None
    key = f"{body['moment']}:{audience}"
    if key in s.release.announced:
        return None
    return Outcome(replace(s.release, announced=s.release.announced | {key: s.now.isoformat()}))


def tick(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What is due by the hour: the coming update, the go / no-go question, a hold that asks."""
    r, now = s.release, s.now
    wanted: dict[str, str] = {}
    effects: list[Effect] = []

    def once(key: str, *found: Effect) -> None:
        if key not in r.wanted:
            wanted[key] = now.isoformat()
            effects.extend(found)

    if r.phase is Phase.PREPARATION and r.hold is None and (not r.type.by_train or (r.coming_at and now >= r.coming_at)):
        once("coming:support", post("support", "coming"))
    if r.phase is Phase.PREPARATION and r.departs_at and now >= r.departs_at and r.hold is None:
        people = s.holders(*s.policy.rules(r.type).go)
        once(f"hour:{r.departs_at.isoformat()}", *(post(f"dm:{p}", "go_hour", CLICK, expires_at=r.window_ends_at)
                                                   for p in people))
    if r.hold and r.hold.until and now >= r.hold.until:
        once(f"hold:{r.hold.at.isoformat()}", post(f"dm:{r.hold.by}", "hold_over", CLICK))
    if not wanted:
        return None
    return Outcome(replace(r, wanted=r.wanted | wanted), tuple(effects))


def next_wake(release: Release, now: datetime) -> datetime | None:
    """The next instant at which `tick` or an event that fires by itself may have something to do."""
    r = release
    if not r.is_open:
        return None
    moments = [r.hold.until if r.hold else None]
    if r.phase is Phase.DEVELOPMENT:
        moments.append(r.freeze_at)
    if r.phase is Phase.PREPARATION:
        moments += [r.coming_at, r.departs_at]
    if r.phase in (Phase.PLANNING, Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION) and not r.missed_departure:
        moments.append(r.window_ends_at)
    return min((m for m in moments if m is not None and m > now), default=None)


REPORTS = {"git.planned": git_planned, "git.pushed": git_pushed, "git.moved": git_moved, "git.refused": git_refused,
           "scope.read": scope_read, "members.read": members_read, "heads.seen": heads_seen, "run.done": run_done,
           "run.failed": run_failed, "posted": posted, "tick": tick}
