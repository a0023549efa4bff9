"""A release is moved to the active policy: what no longer suffices falls and is named, the rest stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.domain.effects import CLICK, Effect
from core.domain.moves.landing import answer_from
from core.domain.moves.opening import dated
from core.domain.moves.outcome import Outcome, thread
from core.domain.overrides import voided
from core.domain.policy_rules import differing
from core.domain.release import Decision, Phase, Release
from core.domain.situation import Act, Situation

_DATES = ("freeze_at", "prepare_at", "coming_at", "window_ends_at")


@dataclass(frozen=True, slots=True)
class Adoption:
    """What follows for one release. `dates` are those that a changed train derives anew: name -> before and after."""

    release: Release
    approvals: tuple[Decision, ...]  # that no longer suffice
    signoffs: tuple[tuple[str, Decision], ...]  # whose item is gone, or is another role's: its title as it was
    items: tuple[str, ...]  # titles that are asked for now and were not
    dates: dict[str, tuple[str, str]]


def under(s: Situation) -> Situation:
    """The same release as the active policy sees it."""
    assert s.adopted is not None  # the gate policy_newer has looked
    policy, members = s.adopted
    return replace(s, policy=policy, members=members, stand_ins={}, adopted=None).reseated()


def adoption(s: Situation) -> Adoption:
    """What moving to the active policy changes; nothing is changed yet."""
    new = under(s)
    release = replace(s.release.without_promotion, policy_hash=new.policy.hash)
    old_train, train = s.policy.train_of(s.release.type), new.policy.train_of(s.release.type)
    if old_train != train:
        release = dated(release, new.policy)
    dates = {n: (_iso(getattr(s.release, n)), _iso(getattr(release, n))) for n in _DATES}
    given = s.signed("approval", s.release.digest) if s.release.digest else ()
    return Adoption(
        replace(release, overrides=voided(release.overrides, "policy", s.now)),
        tuple(d for d in given if not _suffices(new, d)),
        tuple(_fallen(s, new)),
        _new_items(s, new),
        {n: pair for n, pair in dates.items() if pair[0] != pair[1]},
    )


def _iso(when: Any) -> str:
    return when.isoformat() if when else ""


def _suffices(new: Situation, d: Decision) -> bool:
    """Whether the new policy would have taken this approval, from this person, now."""
    rules = new.policy.rules(new.release.type)
    if d.role not in {need.role for need in rules.approvals} or not new.counts(d) or new.expired(d):
        return False
    if not rules.authors_may_not_approve:
        return True
    mails = new.policy.emails_of(d.person) | new.policy.emails_of(d.holder)
    wrote = {c.email.casefold() for c in new.release.scope} | set(new.release.written_by)
    return not mails & wrote


def _fallen(s: Situation, new: Situation) -> list[tuple[str, Decision]]:
    """Signatures on items that the new policy does not ask of this release, or asks of another role."""
    found = []
    for d in s.decisions:
        name = d.gate.removeprefix("signoff:")
        item = s.signoff(name) if d.gate.startswith("signoff:") else None
        if item is None or name not in s.policy.signoffs:
            continue
        now = new.signoff(name)
        if now is None or not new.by_hand(now) or now.role != item.role:
            found.append((item.title, d))
    return found


def _new_items(s: Situation, new: Situation) -> tuple[str, ...]:
    gates = ("begin", "ready", "go", "deployed", "rollback", "close")
    before = {name for gate in gates for name in s.signoff_items(gate)}
    return tuple(i.title for gate in gates for name, i in new.signoff_items(gate).items() if name not in before)


def adopt_policy(s: Situation, act: Act) -> Outcome:
    """From now on it is judged by the active policy. What does not suffice there is void; who can give it is asked."""
    found, new = adoption(s), under(s)
    gone = (*found.approvals, *(d for _, d in found.signoffs), *s.signed("go", str(s.release.epoch)))
    judged = replace(new, release=found.release, decisions=tuple(d for d in s.decisions if d not in gone))
    release, asks = found.release, tuple[Effect, ...]()
    if release.phase is Phase.PREPARATION and judged.awaited:
        people = tuple(p for p in judged.awaited if p not in release.asked or p in {d.person for d in found.approvals})
        hours = timedelta(hours=new.policy.approvals.answer_hours)
        release = replace(
            release,
            answer_by=release.answer_by or answer_from(judged, judged.awaited) + hours,
            asked=tuple(dict.fromkeys((*release.asked, *people))),
        )
        asks = tuple(Effect("slack.ask", f"dm:{p}", {"person": p}, CLICK) for p in people)
    told = told_of(s, found)
    return Outcome(
        release,
        (thread("policy_adopted", act, **told), *asks),
        withdraw=gone,
        notes=told,
        record={"before": s.policy.hash, "after": new.policy.hash, "dates": found.dates,
                "voided": [f"{d.role}:{d.person}" for d in found.approvals],
                "fallen": [d.gate for _, d in found.signoffs]},
    )  # fmt: skip


def told_of(s: Situation, found: Adoption) -> dict[str, Any]:
    """The same as plain values for what people read before and after it."""
    assert s.adopted is not None
    new = s.adopted[0]
    return {
        "from_serial": s.policy.serial,
        "serial": new.serial,
        "hash": new.hash,
        "rules": [{"rule": c.rule, "before": c.before, "after": c.after} for c in differing(s.policy, new)],
        "lost": [{"person": d.person, "role": s.policy.title(d.role)} for d in found.approvals],
        "fallen": [{"person": d.person, "title": title} for title, d in found.signoffs],
        "passed": [o.title for o in s.overridden],
        "new_items": list(found.items),
        "new_dates": {name: list(pair) for name, pair in found.dates.items()},
    }
