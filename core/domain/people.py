"""Who is at work when, and who stands in for whom at an instant: rules over the roster.

The roster holds what people said about themselves (hours, absences, delegates) and the zone that Slack knows.
Instants are aware UTC; hours are local wall time in the person's zone, the policy's where nobody knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.domain.calendar import wall
from core.domain.days_off import DaysOff

LONGEST = 400  # days that are looked through for a working hour; nobody may be away for longer
# What a person may turn off: messages about which nothing is theirs to decide, by their moment.
MUTABLE = {
    "missed_author": "A change of mine missed its train",
    "left_behind": "Commits that stay on the branch of an ended release",
    "live_duties": "How a release is doing after it went live",
    "freeze_near": "The freeze comes while a pull request of mine is open",
    "release_day": "A release leaves today",
    "retro_open": "A retrospective waits for my answers",
}
Held = Mapping[str, tuple[str, ...]]
Stands = Mapping[str, Mapping[str, "StandIn"]]  # role -> who stands in -> for whom


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours: minutes since local midnight, and the days of the week (0 is Monday)."""

    begins: int = 9 * 60
    ends: int = 17 * 60
    days: tuple[int, ...] = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Away:
    """An absence; at `until` the person is back."""

    first: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """`to` stands in, in one role or ("") in all of them.

    With `until` it holds up to then. Without, it is a standing one: `to` stands in while the person is away, and
    where an answer is due and the person's working day ends without it.
    """

    to: str
    since: datetime
    until: datetime | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A reminder that the person put off: its token, and when it comes again."""

    thing: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """A reminder that is somebody else's, as the person said: its token, and who gets it instead; nobody where others
    were asked too."""

    thing: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    """One row of the roster. `zone` is Slack's, "" when it is not known; `hours` are the person's own."""

    id: str
    zone: str = ""
    hours: Hours | None = None
    delegations: tuple[Delegation, ...] = ()
    away: tuple[Away, ...] = ()
    mutes: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()  # versions of releases whose milestones come by message; "" is every release
    snoozed: tuple[Snooze, ...] = ()
    passed: tuple[Passed, ...] = ()

    def put_off(self, thing: str) -> datetime | None:
        """Until when the person put a reminder off last; None: they did not."""
        return max((x.until for x in self.snoozed if x.thing == thing), default=None)

    @property
    def standing(self) -> str:
        """Who stands in whenever the person is not there; "" for nobody."""
        return next((d.to for d in self.delegations if d.until is None), "")


@dataclass(frozen=True, slots=True)
class StandIn:
    """For whom somebody stands in and why.

    `at` is when it ends (delegated, away); for an answer that is due (day) when the working day of `principal` ends,
    or when the next one begins, where that is later than the answer is due.
    """

    principal: str
    why: Literal["delegated", "away", "day"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody whose row is known; `zone` and `hours` are the policy's and count for all others.

    On the holidays `off` of the policy nobody works who lives by its zone; elsewhere there are others.
    """

    people: Mapping[str, Colleague] = field(default_factory=dict)
    zone: str = "UTC"
    hours: Hours = Hours()
    off: DaysOff = field(default_factory=DaysOff)

    @property
    def lends(self) -> bool:
        """Whether anybody has delegated anything: without it nobody ever stands in."""
        return any(one.delegations for one in self.people.values())

    def followers(self, version: str) -> tuple[str, ...]:
        """Who follows a release or all of them, each once."""
        return tuple(sorted(one.id for one in self.people.values() if {"", version} & set(one.follows)))

    def of(self, person: str) -> Colleague:
        return self.people.get(person) or Colleague(person)

    def zone_of(self, person: str) -> str:
        return self.of(person).zone or self.zone

    def hours_of(self, person: str) -> Hours:
        return self.of(person).hours or self.hours

    def away(self, person: str, at: datetime) -> Away | None:
        """The absence that holds at an instant; of several the one that ends last."""
        now = [a for a in self.of(person).away if a.first <= at < a.until]
        return max(now, key=lambda a: a.until, default=None)

    def works(self, person: str, at: datetime) -> bool:
        """Whether this is an hour at which a request may reach the person."""
        return self.next_hour(person, at) == at

    def next_hour(self, person: str, at: datetime) -> datetime:
        """The first working moment from `at` on; `at` itself when the person works then, or never does."""
        for begins, ends in self._days(person, at):
            moment = max(begins, at)
            while (gone := self.away(person, moment)) is not None:
                moment = gone.until
            if moment < ends:
                return moment
        return at

    def worked(self, person: str, since: datetime, long: timedelta) -> datetime:
        """When the person has been at work for so long since an instant."""
        for begins, ends in self._days(person, since):
            moment = max(begins, since)
            while moment < ends:
                if (gone := self.away(person, moment)) is not None:
                    moment = gone.until
                    continue
                stops = min([ends, *(a.first for a in self.of(person).away if moment < a.first < ends)])
                if moment + long <= stops:
                    return moment + long
                long, moment = long - (stops - moment), stops
        return since + long

    def day_ends(self, person: str, after: datetime, before: datetime) -> datetime | None:
        """When the last working day of the person that ends between the two ends; None when none does."""
        found = None
        for begins, ends in self._days(person, after):
            if begins >= before:
                break
            if after < ends < before and self.away(person, ends - timedelta(minutes=1)) is None:
                found = ends
        return found

    def _days(self, person: str, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working days from that of `at` on, as (begin, end)."""
        zone, hours = self.zone_of(person), self.hours_of(person)
        first = at.astimezone(ZoneInfo(zone)).date()
        off = self.off if zone == self.zone else DaysOff()
        for n in range(LONGEST):
            day = first + timedelta(days=n)
            if day.weekday() in hours.days and not off.name(day):
                yield (wall(day, _clock(hours.begins), zone), wall(day, _clock(hours.ends), zone))

    def stand_in(
        self, person: str, role: str, at: datetime, day_ends: datetime | None = None
    ) -> tuple[str, StandIn] | None:
        """Who stands in for the person in a role at an instant. One step only: nobody passes on what was lent.

        A delegation of this role goes before a general one, one for a time before a standing one. Who is away stands
        in for nobody. `day_ends`: an answer is due and this is when the person's day ends without it.
        """
        for d in sorted(self.of(person).delegations, key=lambda d: (not d.role, d.until is None)):
            if d.role not in ("", role) or d.to == person or d.since > at or self.away(d.to, at):
                continue
            gone = self.away(person, at)
            if d.until is not None and at < d.until:
                return d.to, StandIn(person, "delegated", d.until)
            if d.until is None and gone is not None:
                return d.to, StandIn(person, "away", gone.until)
            if d.until is None and day_ends is not None:
                return d.to, StandIn(person, "day", day_ends)
        return None

    def covered(self, person: str, roles: Iterable[str], first: datetime, until: datetime) -> tuple[str, datetime]:
        """Who stands in for the person from `first` on in one of the roles ("" for nobody), and from when on nobody
        does; `until` when somebody does all the time up to then."""
        asked, who, at = tuple(roles), "", first
        while at < until:
            found = next((one for role in asked if (one := self.stand_in(person, role, at))), None)
            if found is None:
                return who, at
            who, at = who or found[0], self.changes_at(at) or until
        return who, until

    def changing(self, at: datetime) -> tuple[str, str]:
        """Who begins or ends to stand in at an instant, and for whom; the first of several, "" for nobody."""
        for one in self.people.values():
            for d in one.delegations:
                hours = [d.since, d.until, *(h for a in (*one.away, *self.of(d.to).away) for h in (a.first, a.until))]
                if at in hours:
                    return d.to, one.id
        return "", ""

    def changes_at(self, now: datetime) -> datetime | None:
        """The next instant at which somebody begins or ends to stand in by the hour alone."""
        hours: list[datetime] = []
        for one in self.people.values():
            for d in one.delegations:
                hours += [d.since, *([d.until] if d.until else [])]
                hours += [h for a in (*one.away, *self.of(d.to).away) for h in (a.first, a.until)]
        return min((h for h in hours if h > now), default=None)


def known_zone(name: str) -> str:
    """The zone when the machine knows it, "" for any other name: the policy's counts then."""
    try:
        return str(ZoneInfo(name)) if name else ""
    except (ZoneInfoNotFoundError, ValueError):
        return ""


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def seated(
    held: Held, roster: Roster, at: datetime, unanswered: Mapping[str, datetime] | None = None
) -> tuple[dict[str, tuple[str, ...]], dict[str, dict[str, StandIn]]]:
    """The holders of each role with those who stand in for one of them, and for whom.

    `held` are the holders by policy and groups. Who holds a role stands in for nobody in it, and who stands in for
    two stands there once. `unanswered`: whose day ends without an answer, and when.
    """
    members: dict[str, tuple[str, ...]] = {}
    stands: dict[str, dict[str, StandIn]] = {}
    ended = unanswered or {}
    for role, people in held.items():
        found: dict[str, StandIn] = {}
        for person in people:
            one = roster.stand_in(person, role, at, ended.get(person))
            if one is not None and one[0] not in people:
                found.setdefault(*one)
        members[role] = (*people, *found)
        if found:
            stands[role] = found
    return members, stands
