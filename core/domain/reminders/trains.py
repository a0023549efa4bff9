"""What is due about trains, quarters, stakeholders, release day and retrospective: when, and how long.

A reminder whose reason is gone is not found any more, so it is not sent either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import takewhile
from typing import Any, Literal

from core.domain.calendar import Timetable, ahead, departures, phase_dates, quarter, retrospective_due, wall
from core.domain.policy import Policy
from core.domain.policy_parts import Train
from core.domain.policy_people import captain
from core.domain.release import BEFORE_DEPLOYMENT, Phase, ReleaseType
from core.domain.reminders.model import Reminder

NOTICE = 10  # working days before a departure
NEAR = 2  # days between a departure and a holiday that may be too close to it
EARLY = timedelta(days=14)  # of a quarter, in which it is worth asking what is planned for it
MORNING = time(8, 30)  # of the release day, in the train's zone and whatever somebody's hours are
ON_DUTY = "devops"  # the role that hears of that morning beside the lead
LATE, GIVEN_UP = timedelta(days=1), timedelta(days=14)  # after a retrospective was due
TELLS = "product_manager"  # the role that answers for what stakeholders read
ASKED: Literal["train"] = "train"  # the permission of those who are asked, where nobody leads what it is about


@dataclass(frozen=True, slots=True)
class Leaving:
    """A release on a departure, as far as reminders look at it."""

    release: int
    version: str
    type: ReleaseType
    train: str
    departs_at: datetime
    lead: str
    phase: Phase = Phase.PLANNING
    stands: bool = False  # it is on hold, or somebody has said go already
    live_at: datetime | None = None
    retro_open: bool = False
    retro_due: datetime | None = None  # where its retrospective has a date of its own
    open: int = 0  # conditions of its next step that somebody has to meet
    back: str = ""  # the version that production runs: its way back
    told: bool = True  # stakeholders have heard of it


def due_now(
    policy: Policy, tables: Mapping[str, Timetable], leaving: Sequence[Leaving], now: datetime
) -> Iterator[Reminder]:
    """Everything that is due and not pointless. `tables` are the trains with what people changed about them."""
    return (one for one in foreseen(policy, tables, leaving, now, now) if one.due <= now < one.until)


def foreseen(
    policy: Policy, tables: Mapping[str, Timetable], leaving: Sequence[Leaving], now: datetime, horizon: datetime
) -> Iterator[Reminder]:
    """Everything that is due by `horizon` if nothing changes until then, with what is due already and some of what
    is due later still. What comes next is read from it, so that a clock may jump there."""
    for name, table in tables.items():
        train = policy.trains[name]
        for when in takewhile(lambda d: ahead(table, d, NOTICE) <= horizon, departures(table, now)):  # noqa: B023
            on_it = next((x for x in leaving if (x.train, x.departs_at) == (name, when)), None)
            asked = _about_a_train(policy, (name, train), table, when, on_it)
            if asked is not None:
                yield asked
    yield from (r for at in dict.fromkeys((now, horizon)) if (r := _about_a_quarter(policy, leaving, at)))
    yield from (r for x in leaving if x.train in tables for r in _about_a_release(x, tables[x.train]))


def _about_a_release(x: Leaving, table: Timetable) -> Iterator[Reminder]:
    """The morning of its day, and its retrospective: the working day before it is due, and a day after."""
    about = {"version": x.version, "release": x.release}
    if x.phase in BEFORE_DEPLOYMENT and not x.told and not x.stands:
        at = x.departs_at.isoformat()
        asked = ahead(table, x.departs_at, 1)
        yield Reminder("not_told", x.train, at, asked, x.departs_at, role=TELLS, about=about | {"at": at})
    if x.phase is Phase.PREPARATION and not x.stands:
        morning = wall(table.local(x.departs_at).date(), MORNING, table.zone)
        at = x.departs_at.isoformat()
        told = about | {"at": at, "open": x.open, "back": x.back}
        yield Reminder("release_day", x.train, at, morning, x.departs_at, x.lead, told)
        yield Reminder("release_day", x.train, at, morning, x.departs_at, about=told, role=ON_DUTY)
    if x.phase is Phase.POST_RELEASE and x.live_at is not None and x.retro_open:
        due = x.retro_due or retrospective_due(x.live_at, table)
        at = due.isoformat()
        asked = max(ahead(table, due, 1), x.live_at)
        yield Reminder("retro_due", x.train, at, asked, due, x.lead, about | {"at": at})
        yield Reminder("retro_overdue", x.train, at, due + LATE, due + GIVEN_UP, x.lead, about | {"at": at})


def _about_a_train(
    policy: Policy, named: tuple[str, Train], table: Timetable, when: datetime, on_it: Leaving | None
) -> Reminder | None:
    """A departure close to a holiday, or one that nobody has taken; both are one question."""
    name, train = named
    dates = phase_dates(
        when, table, freeze_days=train.freeze_days, prepare_days=train.prepare_days, window=train.window
    )
    day = table.local(when).date()
    close = None if when in table.extra else table.off.near(day, NEAR)  # who added one knew the day
    if close is None and on_it is not None:
        return None
    about: dict[str, Any] = {"train": name, "at": when.isoformat()}
    about |= {"version": on_it.version, "release": on_it.release} if on_it else {"version": "", "release": 0}
    if close is not None:
        about |= {"holiday": close[1], "days": (close[0] - day).days}
    turn = captain(train, when)
    return Reminder(
        "train_near" if close else "train_free",
        name,
        when.isoformat(),
        ahead(table, when, NOTICE),
        when if on_it else dates.freeze,
        on_it.lead if on_it else policy.people[turn].slack if turn else "",
        about,
    )


def _about_a_quarter(policy: Policy, leaving: Sequence[Leaving], now: datetime) -> Reminder | None:
    """The quarter of `now`, when no major leaves in it; asked on its first working day."""
    named = policy.train_of(ReleaseType.MAJOR)
    if named is None:
        return None
    train = named[1]
    table = train.timetable()
    first, after = quarter(table.local(now).date())
    begins, ends = wall(first, train.at, train.zone), wall(after, train.at, train.zone)
    if any(x.type is ReleaseType.MAJOR and begins <= x.departs_at < ends for x in leaving):
        return None
    day = first
    while not table.off.works(day):
        day += timedelta(days=1)
    due = wall(day, train.at, train.zone)
    notice = policy.rules(ReleaseType.MAJOR).notice_days
    about = {"first": first.isoformat(), "last": (after - timedelta(days=1)).isoformat(), "notice": notice}
    return Reminder("quarter_major", named[0], first.isoformat(), due, due + EARLY, about=about)
