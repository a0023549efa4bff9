"""Signatures: make ready, approve, reject, take back, checklist items, send back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from core.domain.effects import CLICK, Effect, post
from core.domain.moves.landing import answer_from
from core.domain.moves.outcome import Outcome, thread, your_turn
from core.domain.moves.overriding import taken_back
from core.domain.overrides import of_asker
from core.domain.release import Decision, Phase, Question
from core.domain.risk import points
from core.domain.situation import Act, Situation

_PULL = re.compile(r"(?<![\w&])#(\d{1,9})\b")
_COMMIT = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")


def ready(s: Situation, act: Act) -> Outcome:
    """Asks everybody who may approve; the release's starter is not asked.

    What waits for no train may leave within the hour, so support hears of it now and not a day before.
    """
    key = "coming:support"
    soon = not s.release.type.by_train and key not in s.release.wanted
    wanted = s.release.wanted | ({key: s.now.isoformat()} if soon else {})
    people = s.approvers
    release = replace(s.release, phase=Phase.PREPARATION, wanted=wanted, answer_by=_answer_by(s), asked=people)
    release = replace(release, unanswered={}, woken=())
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
    lent = {p: one.principal for stands in s.stand_ins.values() for p, one in stands.items() if p in new}
    return Outcome(release, (thread("joined", act, asked=list(new), lent=lent), *asks), record={"asked": list(new)})


def _answer_by(s: Situation) -> datetime:
    """The time that the policy gives runs from when somebody who is asked is at work."""
    return answer_from(s, s.approvers) + timedelta(hours=s.policy.approvals.answer_hours)


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
    lent = s.stands_for(act.actor, role)
    new = Decision("approval", s.release.digest, role, act.actor, verdict, s.now, act.reason, s.read_at, lent)
    needs = s.policy.rules(s.release.type).approvals
    given = {
        (d.role, d.holder)
        for d in s.decisions
        if d.gate == "approval" and d.verdict == "approve" and d.subject == s.release.digest
    } | ({(role, new.holder)} if verdict == "approve" else set())
    counts: dict[str, tuple[int, int]] = {n.role: (len({p for r, p in given if r == n.role}), n.count) for n in needs}
    last = verdict == "approve" and all(have >= need for have, need in counts.values())
    given_, need = counts.get(role, (0, 0))
    answered = {p: signed for p, signed in s.release.last_signed.items() if p != act.actor}
    release = replace(s.release, last_signed=answered)
    return Outcome(
        replace(release, answer_by=None) if last else release,
        (thread(moment, act, role=role, given=given_, need=need, last=last, **_lent(lent)),),
        sign=(new,),
        withdraw=old,
        notes={"last": last, "role": role},
        record={"role": role, "candidate": s.candidate.tag if s.candidate else "", "content": s.release.digest,
                "shown": [p.code for p in points(s)]},
    )


def _lent(principal: str) -> dict[str, str]:
    """For whom a signature is given, where it is not in one's own right."""
    return {"stands_for": principal} if principal else {}


def ask(s: Situation, act: Act) -> Outcome:
    """A question of an approver: to the lead, and to who wrote what it names; the thread holds question and answer."""
    number = max((q.id for q in s.release.questions), default=0) + 1
    people = tuple(p for p in dict.fromkeys((*authors_named(s, act.reason), s.release.lead)) if p != act.actor)
    tag = s.candidate.tag if s.candidate else ""
    item = Question(number, act.actor, s.now, act.reason, people or (s.release.lead,), tag)
    return Outcome(
        replace(s.release, questions=(*s.release.questions, item)),
        (thread("asked", act, to=list(item.to)),),
        notes={"to": list(item.to)},
        record={"to": list(item.to), "candidate": tag},
    )


def authors_named(s: Situation, text: str) -> tuple[str, ...]:
    """Who of the policy's people wrote the pull requests and commits that a text names, by mail or login."""
    pulls = {int(n) for n in _PULL.findall(text)}
    starts = tuple(_COMMIT.findall(text.casefold()))
    items = [i for i in s.draft.items if i.pull in pulls] if s.draft and pulls else []
    shas = {sha for item in items for sha in item.commits}
    mails = {
        c.email.casefold()
        for c in s.release.scope
        if c.pull in pulls or c.sha in shas or (starts and c.sha.startswith(starts))
    }
    mails |= {mail for mail, sha in s.release.written_by.items() if sha in shas or (starts and sha.startswith(starts))}
    logins = {item.login.casefold() for item in items} - {""}
    return tuple(
        p.slack
        for p in s.policy.people.values()
        if mails & s.policy.emails_of(p.slack) or (p.github or "").casefold() in logins
    )


def withdraw(s: Situation, act: Act) -> Outcome:
    """One's own signature is taken back, or what one asked to pass and nobody has confirmed."""
    mine = s.answers_of(act.actor)
    asked = of_asker(s.release.overrides, act.actor, act.text("item"))
    if asked is not None and (act.text("item") or not mine):
        return taken_back(s, act, asked)
    return Outcome(
        replace(s.release, answer_by=s.release.answer_by or _answer_by(s)),
        (thread("withdrawn", act, role=mine[0].role),),
        withdraw=mine,
        record={"role": mine[0].role},
    )


def tick(s: Situation, act: Act) -> Outcome:
    """A checklist item is signed by the role that owns it."""
    name = act.text("item")
    item = s.signoff(name)
    assert item is not None  # the gate signoff_open has looked
    subject, lent = s.subject_of(item), s.stands_for(act.actor, item.role)
    signed = Decision(
        f"signoff:{name}", subject, item.role, act.actor, "approve", s.now, act.reason, s.read_at, lent
    )
    return Outcome(
        s.release,
        (thread("ticked", act, item=name, title=item.title, **_lent(lent)),),
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
    about = {s.release.digest, s.release.tagged_as}
    gone = tuple(
        d for d in s.decisions if d.subject in about and (d.gate in ("approval", "go") or _for_go(s, d.gate))
    )
    return Outcome(
        replace(s.release.without_promotion, phase=Phase.STABILIZATION),
        (thread("back", act, voided=[d.person for d in gone if d.gate == "approval"]),),
        withdraw=gone,
    )


def _for_go(s: Situation, gate: str) -> bool:
    item = s.signoff(gate.removeprefix("signoff:")) if gate.startswith("signoff:") else None
    return item is not None and item.gate == "go"
