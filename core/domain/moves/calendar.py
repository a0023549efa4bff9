"""Dates and ends: move, merge, missed, hold, resume, cancel, close, incidents, and what others changed."""

from __future__ import annotations

from dataclasses import replace

from core.domain.effects import CLICK, post
from core.domain.gates.hours import when_of
from core.domain.moves.opening import dated
from core.domain.moves.outcome import Outcome, scope_effect, thread
from core.domain.moves.shipping import lock_given_back
from core.domain.release import Decision, Hold, Incident, Phase
from core.domain.release import Outcome as End
from core.domain.situation import Act, Situation


def move(s: Situation, act: Act) -> Outcome:
    """A new departure; support is told of the coming update again, stakeholders of the new date."""
    before = s.release.departs_at
    kept = {k: v for k, v in s.release.announced.items() if k != "coming:support"}
    wanted = {k: v for k, v in s.release.wanted.items() if not k.startswith(("coming:", "hour:"))}
    release = dated(
        replace(s.release, departs_at=when_of(act), announced=kept, wanted=wanted, missed_departure=False), s.policy
    )
    effects = [thread("moved", act, before=before.isoformat() if before else "")]
    if "planned:stakeholders" in s.release.wanted:
        effects.append(
            post(
                "stakeholders", "moved", actor=act.actor, reason=act.reason, before=before.isoformat() if before else ""
            )
        )
    if "coming:support" in s.release.wanted:
        effects.append(
            post("support", "moved", actor=act.actor, reason=act.reason, before=before.isoformat() if before else "")
        )
    return Outcome(release, tuple(effects), record={"before": str(before), "after": str(release.departs_at)})


def merge(s: Situation, act: Act) -> Outcome:
    """Ended in favour of another release, which ships the same changes."""
    into = act.text("into")
    release = replace(
        s.release,
        phase=Phase.CANCELLED,
        outcome=End.SUPERSEDED,
        fixed_by=into,
        cancel_reason=act.reason,
        closed_at=s.now,
        closed_by=act.actor,
        hold=None,
        go=None,
        git=None,
    )
    return Outcome(release, (thread("merged", act, into=into),), withdraw=_asked_for(s), record={"into": into})


def missed(s: Situation, act: Act) -> Outcome:
    """The window is over: the lead is asked how to go on."""
    return Outcome(
        replace(s.release, missed_departure=True),
        (thread("missed", act), post(f"dm:{s.release.lead}", "missed", CLICK)),
    )


def hold(s: Situation, act: Act) -> Outcome:
    """Nothing moves until somebody resumes it."""
    held = Hold(act.actor, s.now, act.reason, when_of(act, "until"), act.input.get("keep_place") is not False)
    return Outcome(replace(s.release, hold=held), (thread("held", act, until=act.text("until")),))


def resume(s: Situation, act: Act) -> Outcome:
    """It goes on."""
    return Outcome(replace(s.release, hold=None), (thread("resumed", act),))


def cancel(s: Situation, act: Act) -> Outcome:
    """Ended for good; branch and tags stay, requests are withdrawn, its changes are in the next scope."""
    told = post("team", "cancelled", actor=act.actor, reason=act.reason)
    release = replace(
        s.release,
        phase=Phase.CANCELLED,
        cancel_reason=act.reason,
        closed_at=s.now,
        closed_by=act.actor,
        hold=None,
        go=None,
        git=None,
    )
    back = lock_given_back(s, for_good=True)
    freed = (back,) if back != s.production else ()
    return Outcome(release, (thread("cancelled", act), told), withdraw=_asked_for(s), environments=freed)


def _asked_for(s: Situation) -> tuple[Decision, ...]:
    """The approvals, given or refused, that an end makes void."""
    return tuple(d for d in s.decisions if d.gate == "approval")


def close(s: Situation, act: Act) -> Outcome:
    """The record is complete."""
    return Outcome(
        replace(s.release, phase=Phase.CLOSED, closed_at=s.now, closed_by=act.actor or s.release.lead),
        (thread("closed", act),),
        anchor=True,
    )


def incident(s: Situation, act: Act) -> Outcome:
    """Something is wrong with what is live."""
    number = max((i.id for i in s.release.incidents), default=0) + 1
    item = Incident(number, act.actor, act.reason, when_of(act, "detected_at") or s.now, act.text("severity"))
    return Outcome(
        replace(s.release, incidents=(*s.release.incidents, item)),
        (
            thread("incident", act, incident=number, severity=item.severity),
            *(
                post(f"dm:{p}", "failure", CLICK, actor=act.actor, reason=act.reason, incident=number)
                for p in s.holders("release_manager", "devops")
            ),
        ),
        notes={"incident": number},
    )


def resolve(s: Situation, act: Act) -> Outcome:
    """The incident is over."""
    items = tuple(
        replace(i, resolved_at=when_of(act, "resolved_at") or s.now, resolved_by=act.actor)
        if i.id == act.input.get("incident")
        else i
        for i in s.release.incidents
    )
    return Outcome(replace(s.release, incidents=items), (thread("resolved", act, incident=act.input.get("incident")),))


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
    develop = s.policy.product.develop or s.policy.product.main
    head = release.branch if release.branch_head else develop
    return Outcome(
        release,
        (thread("production_changed", act, production=live), scope_effect(release, head)),
        record={"production": live},
    )
