"""When messages reach people: in their working hours, and at whose day's end somebody else is asked too.

What cannot wait is told at once: a failure, an incident, a concern, the hour of go. A hotfix wakes people, and so does
the verification of what went to production. What waits for an hour lies on the release (`later`, `day_ends`), so that
it survives a kill, and is judged again when the hour has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from core.domain.effects import CLICK, Effect, Kind, post
from core.domain.moves.outcome import NOBODY, thread
from core.domain.parts import Later
from core.domain.people import Roster
from core.domain.release import Phase, Release, ReleaseType
from core.domain.situation import Situation

BEFORE_END = timedelta(hours=1)  # how long before somebody's day ends the delegate is asked too
SOON = timedelta(seconds=1)
REQUESTS = ("slack.ask", "slack.turn")
POSTS = (  # moments of messages to one person that can wait: nobody has to do anything about them tonight
    *("handover", "live_duties", "reminder", "carried", "concern_came", "reported", "triaged"),
    *("review_asked", "reviewed", "missed_author", "left_behind"),
)
AT_ONCE = "deployed"  # the gate whose sign-offs are asked for while production changes


def landed(s: Situation, release: Release, effects: tuple[Effect, ...]) -> tuple[Release, tuple[Effect, ...]]:
    """The effects that happen now; what people who do not work now can read later is kept on the release until they do.

    The same is kept once; of a release that has ended nothing is, because nothing looks at its hours any more. Whom a
    hotfix wakes is noted, because the message says why.
    """
    now: list[Effect] = []
    later, woken = list(release.later), list(release.woken)
    for effect in effects:
        person = _waits(effect)
        at = s.roster.next_hour(person, s.now) if person else s.now
        if at <= s.now or release.type is ReleaseType.HOTFIX or not release.is_open:
            now.append(effect)
            if at > s.now and effect.kind == "slack.ask":
                woken.append(person)
            continue
        kept = Later(at, person, effect.kind, dict(effect.body))
        later = [x for x in later if (x.person, x.kind, x.body) != (person, kept.kind, kept.body)] + [kept]
    if len(now) == len(effects) and len(woken) == len(release.woken):
        return release, effects
    return replace(release, later=tuple(later), woken=tuple(dict.fromkeys(woken))), tuple(now)


def _waits(effect: Effect) -> str:
    """Whose working hours an effect waits for; "" when it goes out at once."""
    if effect.kind in REQUESTS and effect.body.get("gate") != AT_ONCE:
        return str(effect.body["person"])
    place = str(effect.body.get("place") or "")
    if effect.kind == "slack.post" and place.startswith("dm:") and effect.body.get("moment") in POSTS:
        return place.removeprefix("dm:")
    return ""


def delivered(release: Release, now: datetime) -> tuple[Release, tuple[Effect, ...]]:
    """The release without the requests whose hour has come, and they as effects: judged again by `landed`."""
    due = [x for x in release.later if x.at <= now]
    if not due or release.hold is not None:
        return release, ()
    rest = tuple(x for x in release.later if x.at > now)
    return replace(release, later=rest), tuple(Effect(cast(Kind, x.kind), f"dm:{x.person}", x.body, CLICK) for x in due)


# --- who has not answered when their day ends ------------------------------------------------------------------------


def deadline(release: Release) -> datetime | None:
    """Until when an answer helps: the time that the policy gives, or the departure when that comes first."""
    return min((at for at in (release.answer_by, release.departs_at) if at), default=None)


def answer_from(s: Situation, people: Iterable[str]) -> datetime:
    """From when the time for an answer runs: the first of the people is at work then."""
    if s.release.type is ReleaseType.HOTFIX:
        return s.now
    return min((s.roster.next_hour(p, s.now) for p in people), default=s.now)


def timed(s: Situation) -> Situation:
    """The same with the hours at which people have to be looked at again, and with those who stand in now."""
    s = s.reseated()
    ends = _day_ends(s) if s.release.phase is Phase.PREPARATION and s.release.hold is None else {}
    later = tuple(replace(x, at=max(x.at, s.now + SOON)) for x in s.release.later)  # a hold kept them
    found = replace(s.release, day_ends=ends, seats_at=s.roster.changes_at(s.now), later=later)
    return s if found == s.release else replace(s, release=found)


def _day_ends(s: Situation) -> dict[str, datetime]:
    """When each approver's last day before the deadline ends; one that is over stays until it is looked at."""
    by = deadline(s.release)
    if by is None:
        return {}
    found: dict[str, datetime] = {}
    for person in s.awaited:
        known = s.release.day_ends.get(person)
        if person in s.release.unanswered or person not in s.release.asked or _stands_in(s, person):
            continue
        at = known if known and known <= s.now else _ends(s, person, by)
        if at is not None:
            found[person] = at
    return found


def _ends(s: Situation, person: str, by: datetime) -> datetime | None:
    if s.release.type is ReleaseType.HOTFIX:  # the request has woken them
        return asks_before(s.roster, person, s.now, by)
    return escalates_at(s.roster, person, s.now, by)


def _stands_in(s: Situation, person: str) -> bool:
    return any(person in stands for stands in s.stand_ins.values())


def escalated(s: Situation, release: Release) -> tuple[Release, tuple[Effect, ...]]:
    """Whose day ends without an answer: the delegate joins by it; where there is none, the lead is told."""
    over = {p: at for p, at in release.day_ends.items() if at <= s.now}
    if not over or release.hold is not None:
        return release, ()
    left = {p: at for p, at in release.day_ends.items() if p not in over}
    silent = {p: _end_of(s, p) for p in over if p in s.awaited}
    told: list[Effect] = []
    for person, at in silent.items():
        role = next((r for r in s.roles_of(person) if person in s.may_sign(r) and _open(s, r)), "")
        one = s.roster.stand_in(person, role, s.now, at)
        names: dict[str, Any] = {"person": person, "role": role, "ends": at.isoformat()}
        if one is None or one[0] in s.members.get(role, ()):
            names |= {"back": s.roster.next_hour(person, s.now).isoformat()}
            told.append(post(f"dm:{release.lead}", "no_stand_in", CLICK, **names))
        told.append(thread("day_ended", NOBODY, to=one[0] if one else "", **names))
    return replace(release, day_ends=left, unanswered=release.unanswered | silent), tuple(told)


def _end_of(s: Situation, person: str) -> datetime:
    """When the person's day ends; the beginning of the next one when they are not at work."""
    ends = s.roster.day_ends(person, s.now - SOON, s.now + BEFORE_END + SOON)
    return ends or s.roster.next_hour(person, s.now)


def _open(s: Situation, role: str) -> bool:
    needs = s.policy.rules(s.release.type).approvals
    return any(n.role == role and not s.approved(n) for n in needs)


def escalates_at(roster: Roster, person: str, asked: datetime, deadline: datetime) -> datetime | None:
    """When somebody else has to be asked too: shortly before the person's last working day before the deadline ends,
    so that a colleague with the same hours still is at work.

    At once when the person's next working hour comes too late; None when no day ends before the deadline.
    """
    if roster.next_hour(person, asked) >= deadline:
        return asked + SOON
    return asks_before(roster, person, asked, deadline)


def asks_before(roster: Roster, person: str, asked: datetime, deadline: datetime) -> datetime | None:
    """The same without a look at whether the person is at work at all."""
    ends = roster.day_ends(person, asked, deadline)
    return max(ends - BEFORE_END, asked + SOON) if ends else None
