"""Who may do what: asked before anything else, so that a stranger's click consumes nothing.

Also settles in which role somebody signs when none was named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from core.domain.environments import no_access
from core.domain.gates.overriding import open_review, reviewers
from core.domain.lifecycle import Row
from core.domain.overrides import of_asker
from core.domain.policy import Act as ActName
from core.domain.policy import Policy
from core.domain.policy_retention import AUDITOR
from core.domain.release import Decision
from core.domain.results.asking import owners
from core.domain.situation import Act, Situation
from core.errors import Blocker

SIGNING = ("approve", "reject", "withdraw")
# Their subject is the item, at which their gates look.
BY_ITEM = frozenset(
    [
        *("tick", "untick", "settle", "resolve", "concern", "carry", "report", "triage", "override", "review"),
        *("retro_say", "retro_add", "retro_move", "retro_summary"),
        *("action_add", "action_done", "action_keep", "action_drop"),
    ]
)


def resolve(s: Situation, act: Act) -> Act:
    """The act with role and item filled in where they were left out.

    `approve` of somebody who holds no approving role but owns the sign-off that is due after staging signs that
    ("approve ... as qa"); the first open seat of several roles is taken.
    """
    if act.event in SIGNING:
        return _approving(s, act)
    if act.event in ("tick", "untick") and not act.text("item"):
        due = [
            n
            for n, i in s.policy.signoffs.items()
            if s.signoff_due(i)
            and s.release.type in i.types
            and act.actor in s.members.get(i.role, ())
            and not s.signoff_done(n, i)
        ]
        return replace(act, input={**act.input, "item": due[0]}) if len(due) == 1 else act
    return act


def _approving(s: Situation, act: Act) -> Act:
    seats = [a.role for a in s.policy.rules(s.release.type).approvals]
    asked = act.text("role")
    mine = [r for r in s.roles_of(act.actor) if r in seats and asked in ("", r)]
    open_seats = [r for r in mine if not any(d.person == act.actor for d in s.approvals(r))]
    if mine:
        return replace(act, input={**act.input, "role": (open_seats or mine)[0]})
    due = [
        n
        for n, i in s.signoff_items("go").items()
        if i.after_staging and s.by_hand(i) and act.actor in s.members.get(i.role, ()) and asked in ("", i.role)
    ]
    if due and act.event == "approve":
        subject = None if act.subject is None else f"{due[0]}@{_shown(s, act.subject)}"
        return replace(act, event="tick", subject=subject, input={**act.input, "item": due[0]})
    return replace(act, input={**act.input, "role": asked or (seats[0] if seats else "")})


def _shown(s: Situation, subject: str) -> int:
    """The number of the candidate whose content a button showed; 0 for content that no candidate has."""
    found = (c.number for c in s.release.candidates if subject and c.digest[:16] == subject[:16])
    return next(found, 0)


def refusal(s: Situation, row: Row, act: Act) -> Blocker | None:
    """The reason why this person may not do this at all; None when they may."""
    if (looks := only_looks(s.members, act.actor, act.event)) is not None:
        return looks
    if act.event in SIGNING:
        role = act.text("role")
        seats = [a.role for a in s.policy.rules(s.release.type).approvals]
        if act.event == "withdraw" and _own(s, act):
            return None  # one's own signature can be taken back also after leaving the role
        if role not in seats or act.actor not in s.members.get(role, ()):
            if (over := _lent_before(s, act.actor, seats)) is not None:
                return over
            others = [p for p in s.holders(*seats) if p != s.release.started_by]
            mine = [d.role for d in s.decisions if d.gate == "approval" and d.person == act.actor]
            left = any(act.actor not in s.members.get(r, ()) for r in mine)
            return Blocker("left_role" if left else "not_holder", {"roles": seats, "event": act.event}, tuple(others))
        return None
    if act.event == "ask":
        seats = [a.role for a in s.policy.rules(s.release.type).approvals]
        if act.actor not in s.holders(*seats):
            return Blocker("not_holder", {"roles": seats, "event": act.event}, s.holders(*seats))
        return None
    if act.event in ("tick", "untick"):
        item = s.signoff(act.text("item"))
        if item and s.by_hand(item) and act.actor not in s.members.get(item.role, ()):
            return Blocker(
                "not_holder", {"roles": [item.role], "event": act.event, "title": item.title}, s.holders(item.role)
            )
        return None
    if act.event == "result":
        return _held_by(owners(s, act.text("kind")), s.members, act.actor, act.event)
    if act.event == "override" and s.policy.override.roles:
        return _held_by(s.policy.override.roles, s.members, act.actor, act.event)
    if act.event == "review" and (one := open_review(s, act)) is not None and act.actor not in reviewers(s, one):
        facts = {"by": one.first, "second": one.second, "roles": list(s.policy.override.reviewers)}
        return Blocker("review.third", facts, reviewers(s, one))
    if act.event == "go":
        return _held_by(s.policy.rules(s.release.type).go, s.members, act.actor, act.event) or no_access(s, act)
    if act.event in ("retry", "worked") and (roles := s.deciding):
        return _held_by(roles, s.members, act.actor, act.event)
    return _permitted(s, row, act) or no_access(s, act)


def only_looks(members: Mapping[str, tuple[str, ...]], actor: str, event: str) -> Blocker | None:
    """The reason against an auditor's act, who holds no other role; None for everybody else."""
    if actor and [role for role, people in members.items() if actor in people] == [AUDITOR]:
        return Blocker("auditor", {"event": event}, tuple(members.get("release_manager", ())))
    return None


def _permitted(s: Situation, row: Row, act: Act) -> Blocker | None:
    return permission(s.policy, s.members, cast(ActName, row.act), act.actor, act.event) if row.act else None


def _lent_before(s: Situation, actor: str, roles: Iterable[str]) -> Blocker | None:
    """Why a delegate may not sign any more, or not now: the time is over, the holder is back, the delegate is away."""
    for role in roles:
        for holder in s.held.get(role, ()):
            for d in s.roster.of(holder).delegations:
                if d.to == actor and d.role in ("", role) and d.since <= s.now:
                    gone = s.roster.away(actor, s.now)
                    facts = {"holder": holder, "role": role, "away": gone.until.isoformat() if gone else ""}
                    facts["until"] = d.until.isoformat() if d.until else ""
                    return Blocker("delegation_over", facts, s.may_sign(role))
    return None


def permission(
    policy: Policy, members: Mapping[str, tuple[str, ...]], act: ActName, actor: str, event: str
) -> Blocker | None:
    """The reason why the policy's permission `act` is not this person's, with who has it; None when it is."""
    return _held_by(policy.permissions[act], members, actor, event)


def _held_by(
    roles: tuple[str, ...], members: Mapping[str, tuple[str, ...]], actor: str, event: str
) -> Blocker | None:
    holders = tuple(dict.fromkeys(p for role in roles for p in members.get(role, ())))
    return None if actor in holders else Blocker("permission", {"event": event, "roles": list(roles)}, holders)


def _own(s: Situation, act: Act) -> bool:
    return bool(s.answers_of(act.actor)) or of_asker(s.release.overrides, act.actor) is not None


def said_before(s: Situation, act: Act) -> Decision | None:
    """The same answer of the same person about the same thing, when it still counts."""
    if act.event in ("approve", "reject"):
        return next(
            (
                d
                for d in s.signed("approval", s.release.digest, act.event)
                if d.person == act.actor and d.role == act.text("role") and not s.expired(d) and s.counts(d)
            ),
            None,
        )
    if act.event == "tick":
        item = s.signoff(act.text("item"))
        return s.signoff_done(act.text("item"), item) if item else None
    run = s.release.run()
    if act.event == "record" and run is not None:
        return next((d for d in s.signed("record", f"{run.id}:{act.text('runs')}") if d.person == act.actor), None)
    if act.event == "go":
        return next(
            (
                d
                for d in s.signed("go", str(s.release.epoch))
                if d.person == act.actor and (s.release.go is not None or len(s.policy.rules(s.release.type).go) > 1)
            ),
            None,
        )
    return None


def current(s: Situation, act: Act) -> bool:
    """Whether what the button was about is still what there is: content for signatures, the epoch for moves."""
    if act.subject is None:
        return True
    if act.event in SIGNING:
        return bool(s.release.digest) and s.release.digest[:16] == act.subject[:16]
    if act.event == "tick":
        return _same_content(s, act.text("item"), act.subject)
    if act.event in BY_ITEM:
        return True
    if act.event == "ask":
        return True  # a question about what has moved on is a question still
    epoch, _, stood = act.subject.partition("@")
    return epoch == str(s.release.epoch) and stood in ("", _stands(s))


def _stands(s: Situation) -> str:
    """At what the run in production stands and since when: what is said of one failure is not said of the next."""
    run = s.release.run()
    return f"{run.id}:{run.step}:{run.ended_at.isoformat() if run.ended_at else ''}" if run else ""


def _same_content(s: Situation, name: str, subject: str) -> bool:
    """Whether an item is signed for the candidate that was shown: `<item>@<number>`; it matters where the item is
    about the content and not about the release as a whole."""
    _, _, shown = subject.rpartition("@")
    item = s.signoff(name)
    if not shown.isdigit() or "@" not in subject or item is None or item.subject != "content":
        return True
    return s.candidate is not None and shown == str(s.candidate.number)
