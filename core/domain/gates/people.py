"""Gates about people: who signed, who may sign, what was objected to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.domain.checklist import Proof, proof, said_elsewhere, theirs
from core.domain.lifecycle import BY_EVENT
from core.domain.overrides import of_asker
from core.domain.policy_faults import can_be_signed
from core.domain.policy_parts import SignOff
from core.domain.situation import Act, Situation
from core.errors import Blocker

REASON = (3, 1000)
TEAM = ("role:release_manager", "role:tech_lead")


def iso(when: datetime | None) -> str:
    """An instant as a blocker tells it; "" for none."""
    return when.isoformat() if when else ""


def someone_joined(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when somebody who was not asked holds a role whose approval is awaited."""
    if not set(s.awaited) - set(s.release.asked):
        yield Blocker("nothing_new", {}, later=True)


def reason(s: Situation, act: Act) -> Iterator[Blocker]:
    """A reason in words, 3 to 1,000 characters, is needed."""
    yield from reason_lacks(act.reason, act.actor)


def reason_lacks(given: str, actor: str) -> tuple[Blocker, ...]:
    """What is wrong with the words that somebody gives as a reason; nothing when they will do."""
    if REASON[0] <= len(given) <= REASON[1]:
        return ()
    return (Blocker("reason", {"least": REASON[0], "most": REASON[1], "given": len(given)}, (actor,)),)


def signable(s: Situation, act: Act) -> Iterator[Blocker]:
    """Somebody else than the starter can give every approval that the type needs."""
    rules = s.policy.rules(s.release.type)
    members = {role: s.may_sign(role) for role in s.members}
    if not can_be_signed(s.policy, rules.approvals, without=(s.release.started_by,), members=members):
        yield Blocker("signable", {"roles": [a.role for a in rules.approvals]}, ("role:release_manager",))


def approvals(s: Situation, act: Act) -> Iterator[Blocker]:
    """Every approval of the type is given for this content, by people who hold the role now; nobody rejects."""
    if s.candidate is None:
        yield Blocker("has_candidate", who=("role:release_manager", "role:tech_lead"))
        return
    for need in s.policy.rules(s.release.type).approvals:
        signed = {d.holder for d in s.approvals(need.role)}
        if not s.approved(need):
            may = [p for p in s.called(need.role) if p in s.may_sign(need.role)]
            others = [p for p in may if (s.stands_for(p, need.role) or p) not in signed]
            yield Blocker(
                f"approval.{need.role}",
                {"role": need.role, "need": need.count, "given": len(signed)} | _answer(s),
                tuple(others),
                iso(s.release.phase_since) if s.release.phase == "preparation" else "",
                later=s.release.phase != "preparation",
            )
    for d in s.rejections():
        yield Blocker("rejected", {"by": d.person, "role": d.role, "reason": d.reason}, (d.person,), iso(d.at))


def _answer(s: Situation) -> dict[str, object]:
    """Until when an answer is asked for; whether that is over is judged when the hour wakes the release."""
    by = s.release.answer_by
    return {"answer_by": iso(by), "late": s.now >= by} if by and s.release.phase == "preparation" else {}


def unexpired(s: Situation, act: Act) -> Iterator[Blocker]:
    """No approval that is needed is older than the policy allows; where enough are newer, an old one stops nothing."""
    for need in s.policy.rules(s.release.type).approvals:
        given = s.approvals(need.role)
        enough = len({d.holder for d in given if not s.expired(d)}) >= need.count
        for d in given:
            if s.expired(d) and not enough:
                yield Blocker(
                    "expired",
                    {"role": need.role, "by": d.person, "days": s.policy.approvals.expire_days},
                    (d.person,),
                    iso(d.at),
                )


def signoffs(s: Situation, act: Act) -> Iterator[Blocker]:
    """Each checklist item that this event waits for is met; for go also those of `ready`, which may fall again.

    Closing waits also for what is verified again after a flag was switched off. What another gate of the event asks
    for too (an approval, a scope item) is said there.
    """
    items = s.signoff_items(act.event)
    if act.event == "close" and s.release.verify_again:
        items = {**s.signoff_items("deployed"), **items}
    if act.event == "go":
        items = {**s.signoff_items("ready"), **items}
    if "tests.automated" in items and items["tests.automated"].met == "sign-off":
        yield from _checks(s)
    gates = BY_EVENT[act.event].gates
    for name, item in items.items():
        found = proof(s, name, item)
        if found.state == "met" or said_elsewhere(item, gates) or ("approvals" in gates and found.how == "approval"):
            continue
        yield _unmet(s, name, item, found)


def _unmet(s: Situation, name: str, item: SignOff, found: Proof) -> Blocker:
    """An item that is open: a person is missing, a kind of evidence is missing or failed, or a rule is not met."""
    facts: dict[str, object] = {"title": item.title, "role": item.role, "item": name}
    later, since, who = found.state == "later", iso(s.release.phase_since), s.called(item.role) or s.holders(item.role)
    if found.how == "evidence":
        numbers = [[key, value] for key, value in found.numbers.items()]
        facts |= {**found.facts, "numbers": numbers, "url": found.url, "source": found.source}
        facts |= {"candidate": s.candidate.tag if s.candidate else ""}
        late = later or found.facts["state"] == "running"
        return Blocker(f"evidence.{name}", facts, who, iso(found.at) or since, later=late)
    if found.how == "automatic":
        return Blocker(f"item.{name}", facts | {"rule": item.by, "why": found.why, **found.facts}, who, since, later)
    return Blocker(f"signoff.{name}", facts, who, since, later=later)


def _checks(s: Situation) -> Iterator[Blocker]:
    """What the checks on the candidate say: a failed one blocks, whoever signed."""
    checks, c = s.checks, s.candidate
    if checks is None or c is None:
        return
    if checks.failed:
        failed = [{"name": x.name, "url": x.url} for x in checks.failed]
        yield Blocker("checks.failed", {"candidate": c.tag, "failed": failed}, s.holders("qa"), iso(checks.read_at))
    elif checks.running:
        yield Blocker("checks.running", {"candidate": c.tag, "count": len(checks.running)}, (), later=True)


def not_self(s: Situation, act: Act) -> Iterator[Blocker]:
    """Who started the release does not approve it, and lends no signature that is not theirs to give."""
    role = act.text("role")
    if s.release.started_by in _behind(s, act):
        facts = {"by": s.release.started_by, "role": role} | _lent(s, act)
        yield Blocker("not_self", facts, _others(s, act))


def not_author(s: Situation, act: Act) -> Iterator[Blocker]:
    """Patch and hotfix: the author of a commit in it does not approve it (by the e-mails of the policy)."""
    if not s.policy.rules(s.release.type).authors_may_not_approve:
        return
    mails = frozenset().union(*(s.policy.emails_of(one) for one in _behind(s, act)))
    mine = [c.sha for c in s.release.scope if c.email.casefold() in mails]
    mine += [sha for mail, sha in s.release.written_by.items() if mail in mails and sha not in mine]
    if mine:
        yield Blocker("not_author", {"commits": [sha[:7] for sha in mine]} | _lent(s, act), _others(s, act))


def one_role(s: Situation, act: Act) -> Iterator[Blocker]:
    """Nobody fills two roles of one approval, also not with the help of a delegate."""
    role = act.text("role")
    for d in s.signed("approval", s.release.digest):
        if {d.person, d.holder} & set(_behind(s, act)) and d.role != role:
            facts = {"signed": d.role, "role": role, "by": d.person} | _lent(s, act)
            yield Blocker("one_role", facts, _others(s, act), iso(d.at))
    for o in s.overridden:  # who passed another approval of it by override has stood in for that one
        family, _, passed = o.code.partition(".")
        two = {o.first, o.second} & set(_behind(s, act))
        if family in ("approval", "expired") and passed != role and two:
            facts = {"by": min(two), "title": o.title, "role": role} | _lent(s, act)
            yield Blocker("override.passed", facts, _others(s, act), iso(o.second_at))


def first_counts(s: Situation, act: Act) -> Iterator[Blocker]:
    """Of a holder and who stands in for them one signs: the first that answers counts."""
    holder = s.stands_for(act.actor, act.text("role")) or act.actor
    for d in s.approvals(act.text("role")):
        if d.holder == holder and d.person != act.actor:
            yield Blocker("first_counts", {"by": d.person, "holder": holder, "role": d.role}, (), iso(d.at))


def _behind(s: Situation, act: Act) -> tuple[str, ...]:
    """Whose signature this would be: the person's own, and that of the one they stand in for."""
    return tuple(filter(None, (act.actor, s.stands_for(act.actor, act.text("role")))))


def _lent(s: Situation, act: Act) -> dict[str, object]:
    holder = s.stands_for(act.actor, act.text("role"))
    return {"stands_for": holder} if holder else {}


def _others(s: Situation, act: Act) -> tuple[str, ...]:
    return tuple(p for p in s.may_sign(act.text("role")) if p not in _behind(s, act))


def signed_before(s: Situation, act: Act) -> Iterator[Blocker]:
    """Only a signature that was given can be taken back, or an override that nobody has confirmed."""
    asked = of_asker(s.release.overrides, act.actor, act.text("item"))
    if asked is None and (act.text("item") or not s.answers_of(act.actor)):
        yield Blocker("signed_before", {}, ())


def no_concern(s: Situation, act: Act) -> Iterator[Blocker]:
    """No concern is open."""
    for c in s.release.concerns:
        if c.settled_at is None:
            facts: dict[str, object] = {x: getattr(c, x) for x in ("id", "by", "text", "wants", "origin", "report")}
            if c.carry:
                facts |= {"first": c.carry.by, "second": c.carry.second, "why": c.carry.reason}
            yield Blocker("concern", facts, (c.by, "role:release_manager"), iso(c.at))


def concern_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The concern is open, and its author or a release manager settles it."""
    wanted = act.input.get("concern")
    found = next((c for c in s.release.concerns if c.settled_at is None and c.id == wanted), None)
    if found is None:
        yield Blocker("concern.gone", {"id": wanted})
    elif act.actor != found.by and "release_manager" not in s.roles_of(act.actor):
        yield Blocker("permission", {"event": "settle"}, (found.by, *s.holders("release_manager")))


def signoff_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The item exists for this release, is signed by hand, and its time has come."""
    name = act.text("item")
    item = s.signoff(name)
    if item is None:
        yield _unknown(s, act)
    elif not s.by_hand(item):
        yield _by_itself(s, name, item)
    elif not s.signoff_due(item):
        yield Blocker(
            "signoff.later", {"item": name, "title": item.title, "gate": item.gate}, s.holders(item.role), later=True
        )


def signoff_done(s: Situation, act: Act) -> Iterator[Blocker]:
    """The item is signed; only that can be taken back."""
    name = act.text("item")
    item = s.signoff(name)
    if item is None:
        yield _unknown(s, act)
    elif not s.by_hand(item):
        yield _by_itself(s, name, item)
    elif s.signoff_done(name, item) is None:
        yield Blocker("signoff.open", {"item": name, "title": item.title}, s.holders(item.role))


def _unknown(s: Situation, act: Act) -> Blocker:
    """No item of this release has that name; `yours` are those that the person may sign or take back."""
    yours = theirs(s, act.actor, signed=act.event == "untick")
    return Blocker("signoff.unknown", {"item": act.text("item"), "yours": yours})


def _by_itself(s: Situation, name: str, item: SignOff) -> Blocker:
    """Nobody ticks it: said with what does, and how that stands."""
    found = proof(s, name, item)
    facts = {"item": name, "title": item.title, "role": item.role, "how": found.how, "rule": item.by}
    return Blocker("signoff.by_itself", facts | {"candidate": s.candidate.tag if s.candidate else ""})
