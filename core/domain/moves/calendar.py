"""Dates and ends: move, merge, missed, hold, resume, cancel, close, incidents, and what others changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.digests import of_release
from core.domain.effects import CLICK, Effect, post
from core.domain.gates.hours import when_of
from core.domain.gates.people import iso
from core.domain.moves.forging import milestone_wanted
from core.domain.moves.opening import dated
from core.domain.moves.outcome import Outcome, scope_effect, thread
from core.domain.moves.shipping import lock_given_back
from core.domain.moves.voicing import passed_on
from core.domain.release import BEFORE_DEPLOYMENT, Decision, Ending, Hold, Incident, Phase, Release
from core.domain.situation import Act, Situation


def move(s: Situation, act: Act) -> Outcome:
    """A new departure; support is told of the coming update again, stakeholders of the new date."""
    release, told = _leaves(s, act, when_of(act))
    record = {"before": str(s.release.departs_at), "after": str(release.departs_at)}
    line = thread("moved", act, before=iso(s.release.departs_at))
    return Outcome(release, (line, *told, *milestone_wanted(s, release)), record=record)


def _leaves(s: Situation, act: Act, when: datetime | None) -> tuple[Release, tuple[Effect, ...]]:
    """With another departure, or with none for now: dates follow, and who was told the old one hears of it."""
    r = s.release
    before = iso(r.departs_at)
    kept = {k: v for k, v in r.announced.items() if k != "coming:support"}
    wanted = {k: v for k, v in r.wanted.items() if not k.startswith(("coming:", "hour:"))}
    release = dated(replace(r, departs_at=when, announced=kept, wanted=wanted, missed_departure=False), s.policy)
    return release, _told(s, act, "moved", before=before)


def merge(s: Situation, act: Act) -> Outcome:
    """Ended in favour of another release, which ships the same changes."""
    into = act.text("into")
    release = replace(passed_on(_ended(s, act), act, s.now), outcome=Ending.SUPERSEDED, fixed_by=into)
    other = next((o for o in s.others if o.version == into), None)
    leaves = iso(other.departs_at) if other else ""
    effects = (thread("merged", act, into=into), *_told(s, act, "merged", into=into, leaves=leaves), *_left_behind(s))
    return Outcome(release, effects, withdraw=_asked_for(s), record={"into": into})


def missed(s: Situation, act: Act) -> Outcome:
    """The window is over: the lead is asked how to go on, and who has a change in it is told, each once."""
    r = s.release
    mails = {person.slack: s.policy.emails_of(person.slack) for person in s.policy.people.values()}
    theirs = {who: [c.subject for c in r.scope if c.email.casefold() in own] for who, own in mails.items()}
    wrote = [who for who, own in mails.items() if who != r.lead and (theirs[who] or own & set(r.written_by))]
    told = (post(f"dm:{who}", "missed_author", count=len(theirs[who]), subjects=theirs[who][:3]) for who in wrote)
    return Outcome(
        replace(r, missed_departure=True),
        (thread("missed", act), post(f"dm:{r.lead}", "missed", CLICK), *told),
        record={"told": wrote},
    )


def hold(s: Situation, act: Act) -> Outcome:
    """Nothing moves until somebody resumes it; its place on the train is kept, or free for others from now on."""
    r = s.release
    gives_up = act.input.get("keep_place") is False and r.departs_at is not None and r.phase in BEFORE_DEPLOYMENT
    held = Hold(act.actor, s.now, act.reason, when_of(act, "until"), not gives_up, r.departs_at if gives_up else None)
    line = thread("held", act, until=act.text("until"), gave_up=iso(held.gave_up))
    loud = post("team", "held", CLICK, actor=act.actor, reason=act.reason, until=act.text("until"))
    if not gives_up:
        return Outcome(replace(r, hold=held), (line, loud))
    release, told = _leaves(s, act, None)
    return Outcome(replace(release, hold=held), (line, loud, *told), record={"gave_up": iso(held.gave_up)})


def resume(s: Situation, act: Act) -> Outcome:
    """It goes on; on a new departure when it had given up its place."""
    if not s.release.has_no_place:
        return Outcome(replace(s.release, hold=None), (thread("resumed", act),))
    release, told = _leaves(s, act, when_of(act))
    line = thread("resumed", act, leaves=iso(release.departs_at))
    return Outcome(replace(release, hold=None), (line, *told), record={"after": iso(release.departs_at)})


def cancel(s: Situation, act: Act) -> Outcome:
    """Ended for good; branch and tags stay, requests are withdrawn, its changes are in the next scope."""
    told = post("team", "cancelled", actor=act.actor, reason=act.reason)
    back = lock_given_back(s, for_good=True)
    freed = (back,) if back != s.production else ()
    effects = (thread("cancelled", act), told, *_told(s, act, "cancelled"), *_left_behind(s))
    return Outcome(_ended(s, act), effects, withdraw=_asked_for(s), environments=freed)


def _ended(s: Situation, act: Act) -> Release:
    """Cancelled by this person now; nothing of it goes on."""
    return replace(
        s.release,
        phase=Phase.CANCELLED,
        cancel_reason=act.reason,
        closed_at=s.now,
        closed_by=act.actor,
        hold=None,
        go=None,
        git=None,
    )


def _told(s: Situation, act: Act, moment: str, **data: Any) -> tuple[Effect, ...]:
    """Who read that it comes reads that it does not."""
    heard = (("stakeholders", "planned:stakeholders"), ("support", "coming:support"))
    places = [place for place, key in heard if key in s.release.wanted]
    return tuple(post(place, moment, actor=act.actor, reason=act.reason, **data) for place in places)


def _left_behind(s: Situation) -> tuple[Effect, ...]:
    """The commits of the release's branch that develop does not have are read, so that they can be named."""
    if not s.release.branch_head:
        return ()
    develop = s.policy.product.trunk
    return (Effect("fixes.read", "git", {"base": develop, "branch": s.release.branch}),)


def _asked_for(s: Situation) -> tuple[Decision, ...]:
    """The approvals, given or refused, that an end makes void."""
    return tuple(d for d in s.decisions if d.gate == "approval")


def _in_numbers(s: Situation) -> tuple[Effect, ...]:
    told = of_release(s.release, s.policy, s.now)
    return (post("thread", "digest_release", numbers=told),) if told else ()


def close(s: Situation, act: Act) -> Outcome:
    """The record is complete."""
    return Outcome(
        replace(s.release, phase=Phase.CLOSED, closed_at=s.now, closed_by=act.actor),
        (thread("closed", act), *_in_numbers(s)),
        anchor=True,
    )


def incident(s: Situation, act: Act) -> Outcome:
    """Something is wrong with what is live."""
    number = max((i.id for i in s.release.incidents), default=0) + 1
    item = Incident(number, act.actor, act.reason, when_of(act, "detected_at") or s.now, act.text("severity"))
    live = s.release.live_at
    after = {"after_live": _seconds(live, item.detected_at)} if live and live <= item.detected_at else {}
    return Outcome(
        replace(s.release, incidents=(*s.release.incidents, item)),
        (
            thread("incident", act, incident=number, severity=item.severity),
            post("team", "incident", CLICK, actor=act.actor, reason=act.reason, severity=item.severity),
            *(
                post(f"dm:{p}", "failure", CLICK, actor=act.actor, reason=act.reason, incident=number)
                for p in s.holders("release_manager", "devops")
            ),
        ),
        notes={"incident": number},
        record={"incident": number, "detected_at": iso(item.detected_at)} | after,
    )


def _seconds(first: datetime, last: datetime) -> int:
    return max(0, int((last - first).total_seconds()))


def resolve(s: Situation, act: Act) -> Outcome:
    """The incident is over."""
    number, at = act.input.get("incident"), when_of(act, "resolved_at") or s.now
    burning = next(i for i in s.release.incidents if i.id == number)  # the gate incident_open has looked
    over = replace(burning, resolved_at=at, resolved_by=act.actor)
    items = tuple(over if i.id == number else i for i in s.release.incidents)
    took = _seconds(burning.detected_at, at)
    told = thread("resolved", act, incident=number, took=took)
    record = {"incident": number, "resolved_at": iso(at), "took": took}
    return Outcome(replace(s.release, incidents=items), (told,), record=record)


def branch_moved(s: Situation, act: Act) -> Outcome:
    """Names the commits that are in no candidate; what was signed stays."""
    r = s.release
    assert r.candidate is not None  # the gate branch_ahead has looked
    return Outcome(
        replace(r, wanted=r.wanted | {f"ahead:{r.branch_head}": s.now.isoformat()}),
        (thread("branch_ahead", act, head=r.branch_head, candidate=r.candidate.tag),),
        record={"head": r.branch_head, "candidate": r.candidate.tag},
    )


def production_changed(s: Situation, act: Act) -> Outcome:
    """Another release went live (or back): says what this one lacks now, and reads its scope again."""
    live = s.production.version
    release = replace(s.release, wanted=s.release.wanted | {f"production:{live}": s.now.isoformat()})
    develop = s.policy.product.trunk
    head = release.branch if release.branch_head else develop
    return Outcome(
        release,
        (thread("production_changed", act, production=live), scope_effect(release, head)),
        record={"production": live},
    )
