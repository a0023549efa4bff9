"""The checklist of a release: for every item whether it is met, by whom or what, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from core.domain.checklist_rules import RULES, SAID_BY, STEP_RULES
from core.domain.policy_parts import ITEM_EVENTS, LISTS, ListName, SignOff
from core.domain.release import Phase
from core.domain.results.judge import Judged, judged
from core.domain.situation import Situation
from core.domain.way_back import before_fits, goes_down

State = Literal["met", "open", "failed", "later"]
How = Literal["sign-off", "approval", "evidence", "automatic"]
CURRENT: Mapping[Phase, tuple[ListName, ...]] = {  # the lists that people work on in a phase
    Phase.STABILIZATION: ("pre-release",),
    Phase.PREPARATION: ("pre-release", "pre-deployment"),
    Phase.DEPLOYMENT: ("deployment day",),
    Phase.POST_RELEASE: ("post-release",),
    Phase.CLOSED: ("post-release",),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """How an item stands.

    `how` says what meets it. `by` is the Slack id of the person who signed or stated it, `source` the name of the
    machine that reported it; both empty: the bot saw it itself. `at` is when, aware UTC. `why` with `facts` are the
    code and values of its words (an automatic rule), `numbers` what the evidence counts.
    """

    state: State
    how: How
    by: str = ""
    source: str = ""
    at: datetime | None = None
    url: str = ""
    why: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)


def proof(s: Situation, name: str, item: SignOff) -> Proof:
    """How an item of this release stands, whichever way it is met."""
    of, known = s.known.get((proof, name), (None, None))
    if of is not item or known is None:
        known = _proof(s, name, item)
        s.known[proof, name] = (item, known)
    found: Proof = known
    return found


def _proof(s: Situation, name: str, item: SignOff) -> Proof:
    if item.met == "evidence":
        return _reported(s, item)
    if item.met == "automatic":
        return _seen(s, item)
    return _signed(s, name, item)


def _reported(s: Situation, item: SignOff) -> Proof:
    j = judged(s, item.by)
    facts = {"kind": item.by, "name": j.name, "failing": list(j.failing), "state": j.state, "note": j.note}
    told = Proof("met", "evidence", j.by, j.source, j.at, j.url, j.state, facts, j.numbers)
    if j.state == "failed":
        return replace(told, state="failed")
    waits = s.candidate is None or (item.after_staging and not s.on_staging)
    return replace(told, state="later" if waits else "met" if j.state == "passed" else "open")


def _seen(s: Situation, item: SignOff) -> Proof:
    found = RULES[item.by](s)
    state: State = "met" if found.met else "later" if found.later else "open"
    return Proof(state, "automatic", found.by, "", found.at if found.met else None, found.url, found.why, found.facts)


def _signed(s: Situation, name: str, item: SignOff) -> Proof:
    if s.met_by_approval(item):
        need = next(a for a in s.policy.rules(s.release.type).approvals if a.role == item.role)
        if s.approved(need):
            last = s.approvals(item.role)[-1]
            return Proof("met", "approval", last.person, "", last.at)
        return Proof("open" if s.release.phase is Phase.PREPARATION else "later", "approval")
    done = s.signoff_done(name, item)
    if done is not None:
        return Proof("met", "sign-off", done.person, "", done.at)
    if s.met_by_summary(item):
        return _by_summary(s)
    return stood_in(s, name, item) or Proof("open" if s.signoff_due(item) else "later", "sign-off")


def _by_summary(s: Situation) -> Proof:
    """The item that the retrospective meets, before its summary is posted; how many have answered by now."""
    retro = s.release.retro
    state: State = "open" if s.release.phase is Phase.POST_RELEASE else "later"
    told = {"count": len(retro.answered), "of": len(retro.invited)} if retro else {}
    if retro is not None and retro.summary is not None:
        return Proof("met", "automatic", retro.summary.by, "", retro.summary.at, why="retro_held", facts=told)
    return Proof(state, "automatic", why="retro_open" if retro else "retro_later", facts=told)


def stood_in(s: Situation, name: str, item: SignOff) -> Proof | None:
    """What a machine proves although the policy asks for a signature: so it was before policies knew evidence, and so
    it is with what a machine can tell sometimes (`by = "schema"`)."""
    if item.by == "schema":
        verdict, told = before_fits(s)
        if verdict == "yes" or (verdict == "no" and goes_down(s)):
            return Proof("met", "automatic", why=f"schema_{told if verdict == 'yes' else 'down'}")
    if name == "milestone" and s.release.milestone is not None:
        return Proof("met", "automatic", url=s.release.milestone.url)
    checks: Judged | None = judged(s, "automated") if name == "tests.automated" and s.checks else None
    if checks is not None and checks.state == "passed":
        return Proof("met", "evidence", checks.by, checks.source, checks.at, checks.url, numbers=checks.numbers)
    return None


def met(s: Situation, name: str, item: SignOff) -> bool:
    return proof(s, name, item).state == "met"


def theirs(s: Situation, person: str, *, signed: bool) -> list[str]:
    """The names of the items that a person can sign now, or of those that are signed and can be taken back."""
    return [
        name
        for _, name, item in items_of(s)
        if s.by_hand(item)
        and person in s.members.get(item.role, ())
        and (s.signoff_done(name, item) is not None) == signed
        and (signed or s.signoff_due(item))
    ]


def said_elsewhere(item: SignOff, gates: tuple[str, ...]) -> bool:
    """Whether another gate of the same event names what is open, so that it is not said twice."""
    return item.met == "automatic" and SAID_BY.get(item.by) in gates


def items_of(s: Situation) -> Iterator[tuple[str, str, SignOff]]:
    """(gate, name, item) of all that is asked of this release, in the order of a release."""
    for gate in ITEM_EVENTS:
        for name, item in s.signoff_items(gate).items():
            yield gate, name, item


def current_lists(s: Situation) -> tuple[ListName, ...]:
    """The checklists that people work on now, those only that have items for this type."""
    there = {one for _, _, item in items_of(s) for one in item.lists}
    return tuple(one for one in LISTS if one in there and one in CURRENT.get(s.release.phase, ()))


def steps_asked(s: Situation) -> tuple[str, ...]:
    """The steps of a deployment that items of this release wait for, by the names with which a host reports them."""
    return tuple(
        STEP_RULES[item.by] for _, _, item in items_of(s) if item.met == "automatic" and item.by in STEP_RULES
    )
