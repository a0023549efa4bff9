"""What a person says about themselves: who stands in, when they are away, their hours; judged before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from core.domain.calendar import wall
from core.domain.people import LONGEST, MUTABLE, Away, Colleague, Delegation, Held, Hours, Roster
from core.domain.policy import Policy
from core.domain.policy_retention import AUDITOR
from core.domain.release import Release
from core.errors import Blocker

KEPT = timedelta(days=90)  # how long what is over stays known, so that a late click is told why


@dataclass(frozen=True, slots=True)
class Desk:
    """What is looked at: the policy, the holders of the roles in their own right, the roster, the open releases."""

    policy: Policy
    held: Held
    roster: Roster
    open: tuple[Release, ...]
    now: datetime

    def roles_of(self, person: str) -> tuple[str, ...]:
        return tuple(role for role, people in self.held.items() if person in people)

    @property
    def known(self) -> frozenset[str]:
        """Who may be named: the people of the policy and the holders of its roles, and no stranger."""
        return frozenset(self.policy.names) | {p for people in self.held.values() for p in people}


def day_of(text: object) -> date | None:
    """A day as the handlers write it; None for no day."""
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def ends_of(day: date, zone: str) -> datetime:
    """The end of a local day."""
    return wall(day + timedelta(days=1), time(), zone)


def lent(desk: Desk, before: Colleague, given: Delegation) -> tuple[Colleague, tuple[Blocker, ...]]:
    """The row with the delegation in it, in place of an older one for the same; and every reason against it."""
    kept = tuple(d for d in _past(before.delegations, desk.now) if _other(d, given, desk.now))
    return replace(before, delegations=(*kept, given)), tuple(_faults(desk, before.id, given))


def _other(old: Delegation, new: Delegation, now: datetime) -> bool:
    """Whether an older one stays beside a new one: it is over, of another role, or of the other sort."""
    over = old.until is not None and old.until <= now
    return over or old.role != new.role or (old.until is None) != (new.until is None)


def _past(found: Iterable[Delegation], now: datetime) -> tuple[Delegation, ...]:
    return tuple(d for d in found if d.until is None or d.until > now - KEPT)


def taken_back(desk: Desk, before: Colleague) -> Colleague:
    """Nobody stands in any more; what ends now stays known for a while."""
    ended = tuple(
        replace(d, until=desk.now) if d.until is None or d.until > desk.now else d
        for d in _past(before.delegations, desk.now)
    )
    return replace(before, delegations=ended)


def _faults(desk: Desk, actor: str, given: Delegation) -> Iterator[Blocker]:
    to, roles = given.to, desk.roles_of(actor)
    if to == actor:
        yield Blocker("delegate.self", {}, (actor,))
        return
    if to not in desk.known:
        yield Blocker("delegate.unknown", {"person": to}, (actor,))
    if to in desk.held.get(AUDITOR, ()):
        yield Blocker("delegate.auditor", {"person": to}, (actor,))
    if not roles or (given.role and given.role not in roles):
        yield Blocker("delegate.no_role", {"role": given.role, "mine": list(roles)}, (actor,))
    if given.until is not None and given.until <= desk.now:
        yield Blocker("delegate.past", {"until": given.until.isoformat()}, (actor,))
    if given.until is not None and given.until > desk.now + timedelta(days=LONGEST):
        yield Blocker("delegate.long", {"days": LONGEST}, (actor,))
    ends = given.until or desk.now + timedelta(seconds=1)
    gone = next((a for a in desk.roster.of(to).away if a.first < ends and a.until > desk.now), None)
    if gone is not None:
        facts = {"person": to, "first": gone.first.isoformat(), "until": gone.until.isoformat()}
        yield Blocker("delegate.away", facts, (actor,))
    if any(d.to == actor and (d.until is None or d.until > desk.now) for d in desk.roster.of(to).delegations):
        yield Blocker("delegate.circle", {"person": to}, (actor,))
    mine = [given.role] if given.role else list(roles)
    yield from _on_releases(desk, to, mine)


def _on_releases(desk: Desk, to: str, roles: list[str]) -> Iterator[Blocker]:
    """On an open release a delegate must not come to sign twice, or for what they started."""
    for release in desk.open:
        seats = [a.role for a in desk.policy.rules(release.type).approvals]
        lent = [r for r in seats if r in roles and to not in desk.held.get(r, ())]
        own = [r for r in seats if r not in roles and to in desk.held.get(r, ())]
        if lent and own:
            yield Blocker("delegate.twice", {"person": to, "role": own[0], "version": release.version})
        elif len(lent) > 1:
            yield Blocker("delegate.both", {"person": to, "roles": lent, "version": release.version})
        if lent and release.started_by == to:
            yield Blocker("delegate.started", {"person": to, "role": lent[0], "version": release.version})


# --- absences, hours, mutes ------------------------------------------------------------------------------------------


def gone(desk: Desk, before: Colleague, first: date | None, last: date) -> tuple[Colleague, tuple[Blocker, ...]]:
    """The row with an absence in it, both days included in the person's zone; without a first day it begins now."""
    zone = desk.roster.zone_of(before.id)
    begins = wall(first, time(), zone) if first else desk.now
    span = Away(begins, ends_of(last, zone))
    faults: list[Blocker] = []
    if span.until <= desk.now:
        faults.append(Blocker("away.past", {"until": span.until.isoformat()}))
    elif span.until <= span.first:
        faults.append(Blocker("away.ends", {"first": span.first.isoformat(), "until": span.until.isoformat()}))
    elif span.until > desk.now + timedelta(days=LONGEST):
        faults.append(Blocker("away.long", {"days": LONGEST}))
    kept = tuple(a for a in before.away if a.until > desk.now and not (a.first < span.until and span.first < a.until))
    return replace(before, away=tuple(sorted((*kept, span), key=lambda a: a.first))), tuple(faults)


def back_again(desk: Desk, before: Colleague) -> Colleague:
    """There again, and away at no later time."""
    return replace(before, away=())


def hours_of(given: Mapping[str, object]) -> Hours | None:
    """Hours out of `begins`, `ends` ("9:30") and `days` (numbers); None when they are no working day."""
    clock = [_minutes(str(given.get(name) or "")) for name in ("begins", "ends")]
    days = given.get("days")
    found = tuple(sorted({int(str(d)) for d in days if str(d) in "0123456"})) if isinstance(days, list | tuple) else ()
    if None in clock or not found or clock[0] >= clock[1]:  # type: ignore[operator]
        return None
    return Hours(clock[0], clock[1], found)  # type: ignore[arg-type]


def _minutes(text: str) -> int | None:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        return None
    return int(hour) * 60 + int(minute)


def muted(given: object) -> tuple[str, ...]:
    """The kinds of messages that somebody turns off; what is theirs to decide cannot be among them."""
    return tuple(k for k in MUTABLE if k in given) if isinstance(given, list | tuple) else ()
