"""Gates about people: who signed, who may sign, what was objected to."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.policy_faults import can_be_signed
from core.domain.situation import Act, Situation
from core.errors import Blocker

REASON = (3, 1000)
TEAM = ("role:release_manager", "role:tech_lead")


def iso(when: object) -> str:
    return when.isoformat() if hasattr(when, "isoformat") else ""


def someone_joined(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when somebody who was not asked holds a role whose approval is awaited."""
    if not set(s.awaited) - set(s.release.asked):
        yield Blocker("nothing_new", {}, later=True)


def reason(s: Situation, act: Act) -> Iterator[Blocker]:
    """A reason in words, 3 to 1,000 characters, is needed."""
    if not REASON[0] <= len(act.reason) <= REASON[1]:
        yield Blocker("reason", {"least": REASON[0], "most": REASON[1], "given": len(act.reason)}, (act.actor,))


def signable(s: Situation, act: Act) -> Iterator[Blocker]:
    """Somebody else than the starter can give every approval that the type needs."""
    rules = s.policy.rules(s.release.type)
    members = {role: tuple(people) for role, people in s.members.items()}
    if not can_be_signed(s.policy, rules.approvals, without=(s.release.started_by,), members=members):
        yield Blocker("signable", {"roles": [a.role for a in rules.approvals]}, ("role:release_manager",))


def approvals(s: Situation, act: Act) -> Iterator[Blocker]:
    """Every approval of the type is given for this content, by people who hold the role now; nobody rejects."""
    if s.candidate is None:
        yield Blocker("has_candidate", who=("role:release_manager", "role:tech_lead"))
        return
    for need in s.policy.rules(s.release.type).approvals:
        given = s.approvals(need.role)
        if len({d.person for d in given}) < need.count:
            others = [
                p for p in s.holders(need.role) if p != s.release.started_by and p not in {d.person for d in given}
            ]
            yield Blocker(
                f"approval.{need.role}",
                {"role": need.role, "need": need.count, "given": len(given)} | _answer(s),
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
    """No counted approval is older than the policy allows."""
    for need in s.policy.rules(s.release.type).approvals:
        for d in s.approvals(need.role):
            if s.expired(d):
                yield Blocker(
                    "expired",
                    {"role": need.role, "by": d.person, "days": s.policy.approvals.expire_days},
                    (d.person,),
                    iso(d.at),
                )


def signoffs(s: Situation, act: Act) -> Iterator[Blocker]:
    """Each sign-off that this event waits for is given; for go also those of `ready`, which may be taken back.

    Closing waits also for what is verified again after a flag was switched off.
    """
    items = s.signoff_items(act.event)
    if act.event == "close" and s.release.verify_again:
        items = {**s.signoff_items("deployed"), **items}
    if act.event == "go":
        items = {**s.signoff_items("ready"), **items}
    if "tests.automated" in items:
        yield from _checks(s)
    for name, item in items.items():
        if s.signoff_done(name, item) is None and not s.evidence(name):
            yield Blocker(
                f"signoff.{name}",
                {"title": item.title, "role": item.role, "item": name},
                s.holders(item.role),
                iso(s.release.phase_since),
                later=not s.signoff_due(item),
            )


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
    """Who started the release does not approve it."""
    if act.actor == s.release.started_by:
        role = act.text("role")
        yield Blocker("not_self", {"by": act.actor, "role": role}, _others(s, act))


def not_author(s: Situation, act: Act) -> Iterator[Blocker]:
    """Patch and hotfix: the author of a commit in it does not approve it (by the e-mails of the policy)."""
    if not s.policy.rules(s.release.type).authors_may_not_approve:
        return
    mails = s.policy.emails_of(act.actor)
    mine = [c.sha for c in s.release.scope if c.email.casefold() in mails]
    mine += [sha for mail, sha in s.release.written_by.items() if mail in mails and sha not in mine]
    if mine:
        yield Blocker("not_author", {"commits": [sha[:7] for sha in mine]}, _others(s, act))


def one_role(s: Situation, act: Act) -> Iterator[Blocker]:
    """Nobody fills two roles of one approval."""
    for d in s.signed("approval", s.release.digest):
        if d.person == act.actor and d.role != act.text("role"):
            yield Blocker("one_role", {"signed": d.role, "role": act.text("role")}, _others(s, act), iso(d.at))


def _others(s: Situation, act: Act) -> tuple[str, ...]:
    return tuple(p for p in s.holders(act.text("role")) if p not in (act.actor, s.release.started_by))


def signed_before(s: Situation, act: Act) -> Iterator[Blocker]:
    """Only a signature that was given can be taken back."""
    mine = [d for d in s.decisions if d.gate == "approval" and d.person == act.actor and d.subject == s.release.digest]
    if not mine:
        yield Blocker("signed_before", {}, ())


def no_concern(s: Situation, act: Act) -> Iterator[Blocker]:
    """No concern is open."""
    for c in s.release.concerns:
        if c.settled_at is None:
            yield Blocker(
                "concern", {"id": c.id, "by": c.by, "text": c.text}, (c.by, "role:release_manager"), iso(c.at)
            )


def concern_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The concern is open, and its author or a release manager settles it."""
    wanted = act.input.get("concern")
    found = next((c for c in s.release.concerns if c.settled_at is None and c.id == wanted), None)
    if found is None:
        yield Blocker("concern.gone", {"id": wanted})
    elif act.actor != found.by and "release_manager" not in s.roles_of(act.actor):
        yield Blocker("permission", {"event": "settle"}, (found.by, *s.holders("release_manager")))


def signoff_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The item exists for this release and its time has come."""
    name = act.text("item")
    item = s.signoff(name)
    if item is None:
        yield Blocker("signoff.unknown", {"item": name})
    elif not s.signoff_due(item):
        yield Blocker(
            "signoff.later", {"item": name, "title": item.title, "gate": item.gate}, s.holders(item.role), later=True
        )


def signoff_done(s: Situation, act: Act) -> Iterator[Blocker]:
    """The item is signed; only that can be taken back."""
    name = act.text("item")
    item = s.signoff(name)
    if item is None:
        yield Blocker("signoff.unknown", {"item": name})
    elif s.signoff_done(name, item) is None:
        yield Blocker("signoff.open", {"item": name, "title": item.title}, s.holders(item.role))


def not_held(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is not on hold already."""
    if s.release.hold:
        yield from held_now(s)


def held(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is on hold; else there is nothing to resume."""
    if not s.release.hold:
        yield Blocker("not_held", {})


def held_now(s: Situation) -> Iterator[Blocker]:
    """The hold itself, as a reason against everything that does not pass a hold."""
    if s.release.hold:
        h = s.release.hold
        yield Blocker(
            "held",
            {"by": h.by, "reason": h.reason, "until": iso(h.until)},
            s.holders(*s.policy.permissions["hold"]),
            iso(h.at),
        )


def incident_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The incident is still open."""
    wanted = act.input.get("incident")
    if not any(i.id == wanted and i.resolved_at is None for i in s.release.incidents):
        yield Blocker("incident.gone", {"id": wanted})


def no_incident(s: Situation, act: Act) -> Iterator[Blocker]:
    """No incident of this release is open."""
    for i in s.release.incidents:
        if i.resolved_at is None:
            yield Blocker(
                "incident", {"id": i.id, "text": i.text}, s.holders("devops", "release_manager"), iso(i.detected_at)
            )
