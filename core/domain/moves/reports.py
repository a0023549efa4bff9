"""What came of an effect: git, reads, runs, posts and the hour. Each function is named after its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.domain.contents import Absent
from core.domain.due import AFTER_LIVE
from core.domain.duties import after_live
from core.domain.effects import CLICK, Effect, post
from core.domain.moves.calling import called
from core.domain.moves.contents import notes_json, parts_between, with_range
from core.domain.moves.flags import flags_read, with_flags
from core.domain.moves.forging import forge_found, forge_latest, forge_milestone, forge_pull, forge_release, heard
from core.domain.moves.git_reports import git_moved, git_planned, git_pushed, git_refused
from core.domain.moves.landing import delivered, escalated
from core.domain.moves.noting import with_notes
from core.domain.moves.outcome import NOBODY, Outcome, scope_effect, thread
from core.domain.moves.overriding import followed_up
from core.domain.moves.progressing import progress_seen
from core.domain.moves.proving import evidence_taken
from core.domain.moves.rehearsing import git_tried, rehearsal_wanted
from core.domain.moves.running import run_step, stepped, steps_missing, told_steps, with_run
from core.domain.moves.scoping import git_found, looked_for, settled_by
from core.domain.moves.shipping import finish_run
from core.domain.release import Change, Phase, Release, RunState, StepDone
from core.domain.repository import FileFault
from core.domain.scope import as_drafted, fold, writers
from core.domain.situation import Situation

MOST_NAMED = 10
ANNOUNCED = ("team", "stakeholders", "support")  # places; what stands there is remembered as announced


def scope_read(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What is in the range, confirmed with the remote; human edits of texts and notes survive.

    What is ahead of the candidate is drafted and named, but who wrote what is signed stays that of the candidate.
    """
    r, head = s.release, str(body["head"])
    own = body["branch"] == r.branch
    if r.on_branch and not own:
        return None  # develop was read for a release that has its own branch by now
    release = replace(r, branch_head=head) if own else replace(r, scope_head=head)
    release = heard(replace(release, files=tuple(FileFault(**fault) for fault in body.get("files", ()))), body, s.now)
    if s.draft is not None and s.draft.head == head:
        release = settled_by(with_notes(s, release, body.get("late", ()), bool(body.get("alone"))), s.draft)
    if r.candidate is not None and head != r.candidate.sha:
        return Outcome(release)
    changes = _brought(r, body["changes"])
    if s.draft is not None and s.draft.head == head:
        changes = as_drafted(changes, s.draft, body.get("host") == "")
    wrote = writers(body["changes"])
    release = replace(release, scope=changes, scope_read_at=s.now, scope_of=head, written_by=wrote)
    release = with_flags(release, body)
    before = {c.sha for c in s.release.scope}
    new = [c for c in changes if c.sha not in before]
    tried = rehearsal_wanted(s, release, head)
    if not s.release.scope_read_at or not new:
        return Outcome(release, tried)
    shown = [c.subject for c in new if not s.hidden.hides(c.sha, c.pull)]
    line = thread("scope_changed", NOBODY, added=len(new), subjects=shown[:5], hidden=len(new) - len(shown))
    return Outcome(release, (*tried, line))


def _brought(release: Release, commits: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """The changes of a range that people made: what the candidates prepared came from us."""
    return tuple(c for c in fold(commits) if c.sha not in release.prepared)


def fixes_read(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What an ended release leaves on its branch only: it is carried to develop.

    Where that cannot be done it is `named` to who ended it and who led it.
    """
    left = _brought(s.release, body["changes"])
    if not left:
        return None
    if s.policy.product.develop and not body.get("named"):
        release, effect = looked_for(s, s.release, "carry", (), s.release.closed_by or s.release.lead)
        return Outcome(release, (effect,), record={"branch": body["branch"]})
    hidden = s.hidden
    fixes = [_named(replace(c, subject="") if hidden.hides(c.sha, c.pull) else c) for c in left[:MOST_NAMED]]
    told = {"fixes": fixes, "count": len(left), "branch": body["branch"], "base": body["base"]}
    people = dict.fromkeys((s.release.closed_by, s.release.lead))
    return Outcome(
        s.release,
        (thread("left_behind", NOBODY, **told), *(post(f"dm:{p}", "left_behind", CLICK, **told) for p in people if p)),
        record={"branch": body["branch"], "commits": [c.sha for c in left]},
    )


def range_read(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What is different since the candidate that was signed: told to those whose signatures fell with it."""
    came, went = _brought(s.release, body["came"]), _brought(s.release, body["went"])
    told: dict[str, Any] = {"candidate": body["candidate"], "before": body["before"]}
    told |= {"came": [_named(c) for c in came[:MOST_NAMED]], "more": max(0, len(came) - MOST_NAMED)}
    told |= {"went": [_named(c) for c in went[:MOST_NAMED]], "gone": max(0, len(went) - MOST_NAMED)}
    release = with_range(s.release, str(body["before"]), str(body["candidate"]), told)
    signed = next((x for x in release.last_signed.values() if x.candidate == body["before"]), None)
    told |= {"notes": notes_json(signed.notes), "changes": signed.changes} if signed else {}
    told["parts"] = parts_between(s.release, str(body["before"]), str(body["candidate"]))
    return Outcome(
        release,
        tuple(post(f"dm:{p}", "withdrawn", CLICK, actor=body["by"], **told) for p in body["people"]),
        record={"before": body["before"], "candidate": body["candidate"], "told": list(body["people"])},
    )


def _named(c: Change) -> dict[str, object]:
    return {"subject": c.subject, "author": c.author, "sha": c.sha, "pull": c.pull}


def heads_seen(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The remote's branches as they are: the release's own, and develop until it is frozen."""
    heads: Mapping[str, str] = body["heads"]
    r = s.release
    develop = s.policy.product.trunk
    release = replace(r, lacks=tuple(body.get("lacks", r.lacks)))
    if "absent" in body:
        absent = tuple(Absent(a["version"], tuple(a["changes"])) for a in body["absent"])
        release = replace(release, absent=absent, absent_of=str(body["absent_of"]))
    own, base = heads.get(r.branch), heads.get(develop)
    effects: list[Effect] = []
    if own and own != r.branch_head and not r.git_at_work and r.phase is not Phase.PLANNING:
        release = replace(release, branch_head=own)
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
    """The host has done it. A deployment that did not report a step which the checklist asks for has failed there."""
    run = next((r for r in s.release.runs if r.id == body["run"] and r.state is RunState.RUNNING), None)
    if run is None:
        return None
    if run.steps:
        run = stepped(s, run, body)
    else:
        told = [str(step) for step in body.get("steps", ())][:MOST_NAMED]
        run = replace(run, done=tuple(StepDone(name, s.now) for name in told))
    missing = [] if run.stop_asked else steps_missing(s, run)
    if missing:
        why = f"the host did not report: {', '.join(missing)}"
        stopped = replace(run, state=RunState.FAILED, reason=why, ended_at=s.now, step=missing[0])
        return Outcome(with_run(s.release, stopped))
    if run.stop_asked and run.kind == "deploy":
        return Outcome(
            with_run(s.release, replace(run, state=RunState.FAILED, reason="stopped by a person", ended_at=s.now))
        )
    return finish_run(s, run)


def run_failed(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """A step failed, or nobody can tell."""
    run = next((r for r in s.release.runs if r.id == body["run"] and r.state is RunState.RUNNING), None)
    if run is None:
        return None
    failed = replace(
        stepped(s, run, body),
        state=RunState.FAILED,
        reason=str(body.get("reason", ""))[:500],
        ended_at=s.now,
        step=str(body.get("step", run.step)),
    )
    line = (thread("staging_failed", NOBODY, failure=failed.reason),) if run.environment == "staging" else ()
    record = {"run": run.id, "steps": told_steps(body)} if run.steps else {}
    return Outcome(with_run(s.release, failed), line, record=record)


def posted(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """An announcement is out; the gates that wait for it look at this."""
    audience = str(body.get("place", ""))
    if audience not in ANNOUNCED:
        return None
    key = f"{body['moment']}:{audience}"
    if key in s.release.announced:
        return None
    return Outcome(replace(s.release, announced=s.release.announced | {key: s.now.isoformat()}))


def hour(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What is due by the hour: the coming update, the go / no-go question, an answer, a hold that asks."""
    r, now = s.release, s.now
    wanted: dict[str, str] = {}
    effects: list[Effect] = []

    def once(key: str, *found: Effect) -> None:
        if key not in r.wanted:
            wanted[key] = now.isoformat()
            effects.extend(found)

    if (
        r.phase is Phase.PREPARATION
        and r.hold is None
        and (not r.type.by_train or (r.coming_at and now >= r.coming_at))
        and not (r.window_ends_at and now > r.window_ends_at)  # it comes no more: told late, it would be wrong
    ):
        once("coming:support", post("support", "coming"))
    if r.phase is Phase.PREPARATION and r.departs_at and now >= r.departs_at and r.hold is None:
        people = s.called(*s.policy.rules(r.type).go)
        once(
            f"hour:{r.departs_at.isoformat()}",
            *(post(f"dm:{p}", "go_hour", CLICK, expires_at=r.window_ends_at, at=now.isoformat()) for p in people),
        )
    if r.phase is Phase.PREPARATION and r.answer_by and now >= r.answer_by and r.hold is None and s.awaited:
        once(f"answer:{r.answer_by.isoformat()}", thread("answer_due", NOBODY, waiting=list(s.awaited)))
    if r.hold and r.hold.until and now >= r.hold.until:
        once(f"hold:{r.hold.at.isoformat()}", post(f"dm:{r.hold.by}", "hold_over", CLICK))
    if r.phase is Phase.POST_RELEASE and r.live_at and now >= r.live_at + AFTER_LIVE:
        once("live", *after_live(s))
    after, found = delivered(r, now)
    after, more = escalated(s, after)
    after, asked = followed_up(s, after)
    after, more_called = called(s, after)
    if not wanted and after == r:
        return None
    return Outcome(replace(after, wanted=r.wanted | wanted), (*effects, *found, *more, *asked, *more_called))


REPORTS = {
    "git.found": git_found,
    "git.planned": git_planned,
    "git.pushed": git_pushed,
    "git.moved": git_moved,
    "git.refused": git_refused,
    "git.tried": git_tried,
    "scope.read": scope_read,
    "evidence.taken": evidence_taken,
    "forge.milestone": forge_milestone,
    "forge.pull": forge_pull,
    "forge.release": forge_release,
    "forge.latest": forge_latest,
    "forge.read": forge_found,
    "members.read": members_read,
    "fixes.read": fixes_read,
    "flags.read": flags_read,
    "range.read": range_read,
    "heads.seen": heads_seen,
    "run.step": run_step,
    "run.done": run_done,
    "run.failed": run_failed,
    "posted": posted,
    "progress": progress_seen,
    "hour": hour,
}
