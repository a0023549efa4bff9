"""Signatures: make ready, approve, reject, take back, concerns, checklist items, send back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from core.domain.effects import CLICK, Effect, post
from core.domain.moves.outcome import Outcome, thread, your_turn
from core.domain.release import Concern, Decision, Phase
from core.domain.situation import Act, Situation


def ready(s: Situation, act: Act) -> Outcome:
    """Asks everybody who may approve; the release's starter is not asked.

    What waits for no train may leave within the hour, so support hears of it now and not a day before.
    """
    key = "coming:support"
    soon = not s.release.type.by_train and key not in s.release.wanted
    wanted = s.release.wanted | ({key: s.now.isoformat()} if soon else {})
    people = s.approvers
    release = replace(s.release, phase=Phase.PREPARATION, wanted=wanted, answer_by=_answer_by(s), asked=people)
    asks = tuple(Effect("slack.ask", f"dm:{p}", {"person": p}, CLICK) for p in people)
    told = (post("support", "coming", CLICK),) if soon else ()
    back = your_turn(s, "rollback")
    return Outcome(
        release,
        (thread("ready", act, asked=list(people)), *asks, *your_turn(s, "go", after_staging=False), *back, *told),
        record={"asked": list(people)},
    )


def joined(s: Situation, act: Act) -> Outcome:
    """Who came into an approving role while its answer is awaited is asked like the others."""
    new = tuple(p for p in s.awaited if p not in s.release.asked)
    asks = tuple(Effect("slack.ask", f"dm:{p}", {"person": p}, CLICK) for p in new)
    release = replace(s.release, asked=(*s.release.asked, *new))
    return Outcome(release, (thread("joined", act, asked=list(new)), *asks), record={"asked": list(new)})


def _answer_by(s: Situation) -> datetime:
    return s.now + timedelta(hours=s.policy.approvals.answer_hours)


def approve(s: Situation, act: Act) -> Outcome:
    """A signature for exactly this content; an earlier answer of the same person in the role is replaced."""
    return _sign(s, act, "approve", "approved")


def reject(s: Situation, act: Act) -> Outcome:
    """A signature against; it blocks until that person answers anew or a new candidate comes."""
    return _sign(s, act, "reject", "rejected")


def _sign(s: Situation, act: Act, verdict: Literal["approve", "reject"], moment: str) -> Outcome:
    role = act.text("role")
    old = tuple(
        d
        for d in s.decisions
        if d.gate == "approval" and d.person == act.actor and d.subject == s.release.digest and d.role == role
    )
    new = Decision("approval", s.release.digest, role, act.actor, verdict, s.now, act.reason, s.read_at)
    needs = s.policy.rules(s.release.type).approvals
    given = {
        (d.role, d.person)
        for d in s.decisions
        if d.gate == "approval" and d.verdict == "approve" and d.subject == s.release.digest
    } | ({(role, act.actor)} if verdict == "approve" else set())
    counts: dict[str, tuple[int, int]] = {n.role: (len({p for r, p in given if r == n.role}), n.count) for n in needs}
    last = verdict == "approve" and all(have >= need for have, need in counts.values())
    return Outcome(
        replace(s.release, answer_by=None) if last else s.release,
        (
            thread(
                moment, act, role=role, given=counts.get(role, (0, 0))[0], need=counts.get(role, (0, 0))[1], last=last
            ),
        ),
        sign=(new,),
        withdraw=old,
        notes={"last": last, "role": role},
        record={"role": role, "candidate": s.candidate.tag if s.candidate else "", "content": s.release.digest},
    )


def withdraw(s: Situation, act: Act) -> Outcome:
    """One's own signature is taken back."""
    mine = tuple(
        d for d in s.decisions if d.gate == "approval" and d.person == act.actor and d.subject == s.release.digest
    )
    return Outcome(
        replace(s.release, answer_by=s.release.answer_by or _answer_by(s)),
        (thread("withdrawn", act, role=mine[0].role),),
        withdraw=mine,
        record={"role": mine[0].role},
    )


def concern(s: Situation, act: Act) -> Outcome:
    """A blocking concern with its author's name."""
    number = max((c.id for c in s.release.concerns), default=0) + 1
    item = Concern(number, act.actor, s.now, act.reason)
    return Outcome(
        replace(s.release, concerns=(*s.release.concerns, item)),
        (
            thread("concern", act, concern=number),
            post(f"dm:{s.release.lead}", "concern", CLICK, actor=act.actor, reason=act.reason, concern=number),
        ),
        notes={"concern": number},
    )


def settle(s: Situation, act: Act) -> Outcome:
    """The concern is settled, with how."""
    concerns = tuple(
        replace(c, settled_by=act.actor, settled_at=s.now, how=act.reason) if c.id == act.input.get("concern") else c
        for c in s.release.concerns
    )
    text = next(c.text for c in concerns if c.id == act.input.get("concern"))
    return Outcome(replace(s.release, concerns=concerns), (thread("settled", act, text=text),))


def tick(s: Situation, act: Act) -> Outcome:
    """A checklist item is signed by the role that owns it."""
    name = act.text("item")
    item = s.signoff(name)
    assert item is not None  # the gate signoff_open has looked
    signed = Decision(
        f"signoff:{name}", s.subject_of(item), item.role, act.actor, "approve", s.now, act.reason, s.read_at
    )
    return Outcome(
        s.release,
        (thread("ticked", act, item=name, title=item.title),),
        sign=(signed,),
        record={"item": name, "subject": signed.subject},
    )


def untick(s: Situation, act: Act) -> Outcome:
    """The signature on an item is taken back, with a reason."""
    name = act.text("item")
    item = s.signoff(name)
    assert item is not None  # the gate signoff_done has looked
    done = s.signoff_done(name, item)
    return Outcome(
        s.release,
        (thread("unticked", act, item=name, title=item.title),),
        withdraw=(done,) if done else (),
        record={"item": name},
    )


def back(s: Situation, act: Act) -> Outcome:
    """Back to stabilization; approvals and the conditions for go are void."""
    gone = tuple(
        d for d in s.decisions if d.subject == s.release.digest and (d.gate in ("approval", "go") or _for_go(s, d.gate))
    )
    return Outcome(
        replace(s.release.without_promotion, phase=Phase.STABILIZATION),
        (thread("back", act, voided=[d.person for d in gone if d.gate == "approval"]),),
        withdraw=gone,
    )


def _for_go(s: Situation, gate: str) -> bool:
    item = s.signoff(gate.removeprefix("signoff:")) if gate.startswith("signoff:") else None
    return item is not None and item.gate == "go"
