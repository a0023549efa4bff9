"""When the retrospective meets, and who is invited; who has not answered yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from core.domain.calendar import Timetable, retrospective_due, wall
from core.domain.policy import Policy
from core.domain.policy_retro import RetroRules
from core.domain.release import Release
from core.domain.retrospective import Retro
from core.domain.situation import Situation

_ANY_DAY = date(2000, 1, 3)  # to reckon with wall times
MOST_INVITED = 60  # a user group may be a whole company


def timetable_of(policy: Policy, release: Release) -> Timetable:
    """The zone and the days off that count for a release: those of its train, else of the first one."""
    train = policy.trains.get(release.train or "") or next(iter(policy.trains.values()))
    return train.timetable()


def rules_of(policy: Policy) -> RetroRules:
    """The policy's rules, with an hour that lies in its working day: where it names none that does (the policy is
    refused for one that it names outside), the meeting ends with the day."""
    rules, day = policy.retrospective, policy.working_hours
    if day.hold(rules.at, rules.minutes):
        return rules
    last = (datetime.combine(_ANY_DAY, day.ends) - timedelta(minutes=rules.minutes)).time()
    return rules.model_copy(update={"at": max(last, day.begins) if last < day.ends else day.begins})


def due(rules: RetroRules, table: Timetable, opened: datetime) -> datetime:
    """Until when it is open: some hours after it went live, or the last working day before that, and never less than
    until the end of its meeting."""
    ends = proposed(rules, table, opened) + timedelta(minutes=rules.minutes)
    return max(_last(rules, table, opened), ends)


def _last(rules: RetroRules, table: Timetable, opened: datetime) -> datetime:
    return retrospective_due(opened, table, timedelta(hours=rules.after_hours))


def proposed(rules: RetroRules, table: Timetable, opened: datetime) -> datetime:
    """When it meets: at the policy's wall time on the last working day on which it is over within those hours.

    Where there is none, it meets on the last working day at the hour at which it was opened: better than not at all.
    """
    last = opened + timedelta(hours=rules.after_hours)
    day, length = table.local(last).date(), timedelta(minutes=rules.minutes)
    while day >= table.local(opened).date():
        starts = wall(day, rules.at, table.zone)
        if table.off.works(day) and opened < starts and starts + length <= last:
            return starts
        day -= timedelta(days=1)
    return _last(rules, table, opened)


def invited(s: Situation) -> tuple[str, ...]:
    """Who leads it, who fills a role on it, who holds a role, and who wrote what is in it and is known by mail."""
    r = s.release
    wrote = frozenset(c.email.casefold() for c in r.scope) | frozenset(r.written_by)
    authors = (p.slack for p in s.policy.people.values() if wrote & s.policy.emails_of(p.slack))
    people = (r.lead, *r.cast.values(), *(p for held in s.held.values() for p in held), *authors)
    return tuple(dict.fromkeys(p for p in people if p))[:MOST_INVITED]


def silent(invited_: Iterable[str], answered: Mapping[str, object] | Iterable[str]) -> tuple[str, ...]:
    """Who was invited and has not answered, in the order of the invitation."""
    known = set(answered)
    return tuple(p for p in invited_ if p not in known)


def not_answered(retro: Retro | None) -> tuple[str, ...]:
    """Who still can be reminded to answer: nobody when there is none or its summary is posted."""
    return () if retro is None or retro.held else silent(retro.invited, retro.answered)
