"""Gates of break-glass: which gate may be passed, by which two people, and who reviews it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.domain.gates.people import iso, reason_lacks
from core.domain.overrides import Override, passable
from core.domain.results.judge import failed_checks, failures
from core.domain.situation import Act, Situation
from core.errors import Blocker


def wanted(s: Situation, act: Act) -> str:
    """The code that an act names: as typed, or that of the override whose number a button carries."""
    item = act.text("item")
    if item.isdecimal():
        return next((o.code for o in s.release.overrides if o.id == int(item)), "")
    return item


def passes(s: Situation, stop: Blocker) -> bool:
    """Whether an override stands for this; a result that has failed since it was asked for is another thing."""
    return any(o.code == stop.code and covers(s, o) for o in s.overridden)


def covers(s: Situation, one: Override) -> bool:
    """Whether nothing else has failed behind its gate than what the two people knew of."""
    return failed_now(s, one.code) <= frozenset(one.results)


def failed_now(s: Situation, code: str) -> frozenset[str]:
    """The marks of the failed results behind a gate; none where it waits for something else than a result."""
    family, _, name = code.partition(".")
    if family == "checks":
        return failed_checks(s)
    item = s.signoff(name) if family == "evidence" else None
    return failures(s, item.by) if item is not None else frozenset()


def waiting(s: Situation, code: str) -> Override | None:
    """What one person asked for and a second one can confirm, as long as the first still may."""
    found = (o for o in s.release.overrides if o.waits and o.code == code and o.digest == s.release.digest)
    return next((o for o in found if s.holds(o.first, s.policy.override.roles) and covers(s, o)), None)


def behind(s: Situation, person: str, roles: Iterable[str] | None = None) -> frozenset[str]:
    """The person, and everybody in whose place the person stands in some roles (those of override): they are one."""
    asked = s.policy.override.roles if roles is None else roles
    return frozenset(filter(None, (person, *(s.stands_for(person, role) for role in asked))))


def seconds(s: Situation, first: str) -> tuple[str, ...]:
    """Who can confirm what `first` asked for."""
    return tuple(p for p in s.holders(*s.policy.override.roles) if not behind(s, p) & behind(s, first))


def reviewers(s: Situation, one: Override) -> tuple[str, ...]:
    """Who reviews it: the policy's reviewers without the two; where that leaves nobody, others who may override."""
    two = behind(s, one.first) | behind(s, one.second)
    rules = s.policy.override
    for roles in (rules.reviewers, rules.roles):
        found = tuple(p for p in s.holders(*roles) if not behind(s, p) & two)
        if found:
            return found
    return ()


def open_review(s: Situation, act: Act) -> Override | None:
    """The review that an act is about: the one it names, else the only one."""
    found = [o for o in s.release.overrides if o.unreviewed]
    number = str(act.input.get("override") or "")
    return next((o for o in found if str(o.id) == number or (not number and len(found) == 1)), None)


def fits(s: Situation, act: Act, stops: Iterable[Blocker]) -> Iterator[Blocker]:
    """The named gate blocks the release now, and may be passed; `stops` are the blockers of its next step."""
    never, code = s.policy.override.never, wanted(s, act)
    open_ = {b.code: passable(b.code, never, str(b.facts.get("rule") or "")) for b in stops}
    may = [name for name, yes in open_.items() if yes]
    if not s.policy.override.roles:
        yield Blocker("override.off", {})
    elif code in {o.code for o in s.overridden}:
        return  # said by `override_pair`
    elif code in open_ and not open_[code]:
        yield Blocker("override.never", {"gate": code})
    elif not may:
        yield Blocker("override.nothing", {})
    elif code not in may:
        yield Blocker("override.which" if code else "override.code", {"gate": code, "open": may}, (act.actor,))


def override_pair(s: Situation, act: Act) -> Iterator[Blocker]:
    """The first person says why it cannot wait; another one confirms; for an approval neither could be its giver."""
    code = wanted(s, act)
    pending = waiting(s, code)
    standing = next((o for o in s.overridden if o.code == code), None)
    if standing is not None:
        yield Blocker("override.stands", {"by": standing.first, "second": standing.second}, (), iso(standing.second_at))
    elif pending is None and (lacks := reason_lacks(act.reason, act.actor)):
        yield from lacks
    elif pending is not None and behind(s, act.actor) & behind(s, pending.first):
        yield Blocker("override.second", {"by": pending.first}, seconds(s, pending.first), iso(pending.at))
    if code.partition(".")[0] in ("approval", "expired") and act.actor:
        yield from _no_own_signature(s, act)


def _no_own_signature(s: Situation, act: Act) -> Iterator[Blocker]:
    """An approval is not passed by who could not give it: who started it, wrote in it, or signed another role."""
    people, r = behind(s, act.actor), s.release
    others = tuple(p for p in seconds(s, act.actor) if p != r.started_by)
    if r.started_by in people:
        yield Blocker("not_self", {"by": r.started_by}, others)
    if s.policy.rules(r.type).authors_may_not_approve:
        mails = frozenset().union(*(s.policy.emails_of(one) for one in people))
        mine = [c.sha for c in r.scope if c.email.casefold() in mails]
        mine += [sha for mail, sha in r.written_by.items() if mail in mails and sha not in mine]
        if mine:
            yield Blocker("not_author", {"commits": [sha[:7] for sha in mine]}, others)
    for d in s.signed("approval", r.digest):
        if {d.person, d.holder} & people:
            yield Blocker("override.signed", {"by": d.person, "signed": d.role}, others, iso(d.at))


def review_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """An override waits for its review, and it is said whether it was right."""
    found = open_review(s, act)
    if found is None:
        yield Blocker("review.gone", {})
    elif act.text("right") not in ("yes", "no"):
        yield Blocker("review.right", {}, (act.actor,))


def overrides_reviewed(s: Situation, act: Act) -> Iterator[Blocker]:
    """Every gate that was passed by override has its review."""
    for o in s.release.overrides:
        if o.unreviewed:
            facts = {"id": o.id, "code": o.code, "title": o.title, "first": o.first, "second": o.second}
            facts |= {"due": iso(o.review_by), "late": o.review_by is not None and s.now > o.review_by}
            yield Blocker("review", facts, reviewers(s, o), iso(o.second_at))
