"""Gates about who fills which role on a release: sets that cannot work are refused with what would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.domain.casts import LEAD, changed, wanted_cast
from core.domain.policy_faults import can_be_signed
from core.domain.situation import Act, Situation
from core.errors import Blocker


def cast_fits(s: Situation, act: Act) -> Iterator[Blocker]:
    """Who is named holds the role and is there, and the approvals can be given by the people named for them."""
    found = changed(s.release, act.input.get("cast"))
    if not found:
        yield Blocker("cast.nothing", {})
    for role, (_, person) in found.items():
        if person and person not in s.members.get(role, ()):
            yield Blocker("cast.not_holder", {"role": role, "person": person}, s.held.get(role, ()))
        gone = s.roster.away(person, s.now) if person else None
        if gone is not None and not s.roster.stand_in(person, role, s.now):
            facts = {"role": role, "person": person, "until": gone.until.isoformat()}
            yield Blocker("cast.away", facts, tuple(p for p in s.held.get(role, ()) if p != person))
    yield from _signable(s, wanted_cast(s.release, act.input.get("cast")))


def _signable(s: Situation, cast: Mapping[str, str]) -> Iterator[Blocker]:
    needs = s.policy.rules(s.release.type).approvals
    named = {n.role: cast[n.role] for n in needs if n.count == 1 and cast.get(n.role) and n.role != LEAD}
    members = {r: (named[r],) if r in named else s.may_sign(r) for r in s.members}
    by = s.release.started_by
    for role, person in named.items():
        if by in (person, s.stands_for(person, role)):
            yield Blocker("cast.starter", {"role": role, "person": person}, s.may_sign(role))
            return
    if can_be_signed(s.policy, needs, without=(by,), members=members):
        return
    twice = [(a, b) for a in named for b in named if a != b and named[a] == named[b]]
    others = {b: tuple(p for p in s.may_sign(b) if p != named[b]) for _, b in twice}
    if twice:
        first, second = max(twice, key=lambda pair: len(others[pair[1]]))
        yield Blocker("cast.twice", {"person": named[first], "roles": [first, second]}, others[second])
    else:
        yield Blocker("signable", {"roles": [n.role for n in needs]}, (f"role:{LEAD}",))
