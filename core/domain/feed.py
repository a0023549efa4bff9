"""The calendar as events that other calendars subscribe to: trains, what leaves by them and its dates, freezes.

An event keeps its `uid` for good and tells by `sequence` that it has changed; what is called off stays as cancelled,
because a calendar that already has it would keep it otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from core.domain.calendar import Timetable, departures, retrospective_due, wall
from core.domain.course import What, of_release
from core.domain.freezes import all_spans
from core.domain.policy import Policy
from core.domain.release import Phase, ProductRecord, Release, TrainChanges

BEHIND, AHEAD = timedelta(days=60), timedelta(days=200)  # what the feed tells, around now
SHORT = timedelta(minutes=30)  # of an event that is an hour and no time
DAY = timedelta(days=1)
# Of each part of a release: the name that its event keeps, its title and its text.
_TITLES: dict[What, tuple[str, str, str]] = {
    "planning": ("planning", ": planning begins", "Scope, dates and dependencies are settled."),
    "development": ("development", ": development begins", "What is planned is built and merged."),
    "stabilization": ("freeze", " is frozen", "The first candidate is cut; from now on only fixes come in."),
    "preparation": ("prepare", ": candidate and notes are final", "Approvals are asked for."),
    "departure": ("departure", ": go or no-go, then it leaves", ""),
    "post-release": ("after", ": what comes after it is due", "Notes, knowledge base, metrics, the bugs that came in."),
}
# The events after which a release, or a train, may have other dates.
DATED = ("start", "start_fix", "edit", "move", "hold", "resume", "cancel", "merge")
CHANGED = ("skip", "shift", "extra")


@dataclass(frozen=True, slots=True)
class History:
    """How often something got other dates, and when it did last."""

    changes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `starts` and `ends` are aware UTC, to be written in `zone`; for whole days they are dates, `ends` is
    the day after. `changed` is when it was made or changed last."""

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    zone: str
    sequence: int
    changed: datetime
    text: str = ""
    cancelled: bool = False
    free: bool = False  # a train that nobody has taken: it keeps nobody busy


def events(
    policy: Policy,
    record: ProductRecord,
    found: Sequence[tuple[Release, History]],
    history: History,
    now: datetime,
) -> list[Event]:
    """Everything around now, by its hour. `history` is that of the product's trains."""
    told: list[Event] = []
    for name, train in policy.trains.items():
        changes = record.trains.get(name, TrainChanges())
        table = train.timetable(map(date.fromisoformat, changes.skipped), changes.extra)
        own = [(r, h) for r, h in found if r.train == name]
        taken = {r.departs_at for r, _ in own if r.phase is not Phase.CANCELLED}
        base = _base(table.zone, history, free=True)
        told += _free(policy, name, table, base, [d for d in _leaving(table, now) if d not in taken])
        told += _skipped(policy, name, table, base, {d: why for d, why in changes.skipped.items() if _near(d, now)})
    first = next(iter(policy.trains.values())).timetable()
    for release, dated in found:
        named = policy.trains.get(release.train or "")
        told += _of_release(policy, release, named.timetable() if named else first, dated)
    told += _freezes(policy, history.at, now)
    return sorted(told, key=lambda e: (_moment(e.starts), e.uid))


def _moment(when: datetime | date) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, datetime.min.time(), tzinfo=UTC)


def _base(zone: str, history: History, *, free: bool = False) -> Event:
    """An event with nothing of its own yet."""
    return Event("", "", history.at, history.at, zone, history.changes, history.at, free=free)


def _leaving(table: Timetable, now: datetime) -> Iterator[datetime]:
    return takewhile(lambda d: d < now + AHEAD, departures(table, now))


def _near(day: str, now: datetime) -> bool:
    return (now - BEHIND).date() < date.fromisoformat(day) < (now + AHEAD).date()


def _free(policy: Policy, name: str, table: Timetable, base: Event, found: Iterable[datetime]) -> Iterator[Event]:
    """Departures without a release; who takes one has events of their own in place of it."""
    title, window = f"{policy.product.name}: a free release train", policy.trains[name].window
    for when in found:
        uid = _of_train(policy, name, table.local(when))
        yield replace(base, uid=uid, title=title, starts=when, ends=when + window, text="No release is on it yet.")


def _skipped(
    policy: Policy, name: str, table: Timetable, base: Event, found: Mapping[str, str]
) -> Iterator[Event]:
    """Departures that do not happen, under the names that they had."""
    title, window = f"{policy.product.name}: a release train that does not run", policy.trains[name].window
    for day, why in found.items():
        when = wall(date.fromisoformat(day), table.at, table.zone)
        uid = _of_train(policy, name, table.local(when))
        yield replace(base, uid=uid, title=title, starts=when, ends=when + window, text=why, cancelled=True)


def _of_release(policy: Policy, r: Release, table: Timetable, history: History) -> Iterator[Event]:
    """The dates of a release; all of them are called off with it, or while it has no place on a train."""
    tag = f"{policy.product.name} {r.tag}"
    off = r.phase is Phase.CANCELLED or r.departs_at is None
    departs = r.departs_at or (r.hold.gave_up if r.hold else None)
    train = policy.trains.get(r.train or "")
    last = r.window_ends_at or (departs + train.window if departs and train else None)
    legs = {leg.what: leg for leg in of_release(policy, replace(r, departs_at=departs))} if train and departs else {}
    base = replace(_base(table.zone, replace(history, changes=max(0, history.changes - 1))), cancelled=off)
    for what, (name, title, text) in _TITLES.items():
        if what in legs:
            starts = legs[what].ends if what == "post-release" else legs[what].begins
            ends = last if what == "departure" and last else starts + SHORT
            uid, told = _of(policy, r, name), r.title if what == "departure" else text
            yield replace(base, uid=uid, title=f"{tag}{title}", starts=starts, ends=ends, text=told)
    planned = legs["retrospective"].begins if "retrospective" in legs else None
    yield from _retrospective(policy, r, table, base, planned)


def _retrospective(
    policy: Policy, r: Release, table: Timetable, base: Event, planned: datetime | None
) -> Iterator[Event]:
    """Its meeting, from when it is live on; until then, and of releases of before there were meetings, when it is due.
    What is only planned is called off with the release."""
    title, uid = f"{policy.product.name} {r.tag}: the retrospective", _of(policy, r, "retrospective")
    text = "What went well, what went wrong, what can be improved."
    if r.retro is not None:
        people = ", ".join(policy.name_of(p) for p in r.retro.invited if policy.person(p))
        yield replace(
            base, uid=uid, title=title, starts=r.retro.meets_at, cancelled=False,
            ends=r.retro.meets_at + timedelta(minutes=r.retro.minutes), sequence=base.sequence + 1 + r.retro.moves,
            changed=max(base.changed, r.retro.moved_at or r.retro.opened_at), text=f"{text} With {people}.",
        )  # fmt: skip
    elif r.live_at is not None:
        due = retrospective_due(r.live_at, table)
        yield replace(base, uid=uid, title=f"{title} is due", starts=due, ends=due + SHORT, text=text, cancelled=False)
    elif planned is not None:
        yield replace(base, uid=uid, title=f"{title} is due", starts=planned, ends=planned + SHORT, text=text)


def _freezes(policy: Policy, changed: datetime, now: datetime) -> Iterator[Event]:
    """The freezes of the policy, as whole days or with their hours; those that come again around now, each of its own.

    One that loses its place in the policy vanishes with it.
    """
    text, named = "Nothing but a hotfix goes to production.", set[str]()
    for one in all_spans(policy.freezes, policy.zone, now - BEHIND, now + AHEAD):
        slug = re.sub(r"[^a-z0-9]+", "-", one.name.casefold()).strip("-") or "freeze"
        begins = one.begins.astimezone(ZoneInfo(one.zone))
        name = f"freeze-{slug}-{begins:%Y%m%d}" + ("" if one.days else f"T{begins:%H%M}")
        if name in named:  # two of one name that begin at once are told once
            continue
        named.add(name)
        starts, ends = (one.days[0], one.days[1] + DAY) if one.days else (one.begins, one.ends)
        yield Event(_uid(policy, name), f"Freeze: {one.name}", starts, ends, one.zone, 0, changed, text)


def _of(policy: Policy, r: Release, what: str) -> str:
    return _uid(policy, f"release-{r.id}-{what}")


def _of_train(policy: Policy, name: str, local: datetime) -> str:
    return _uid(policy, f"train-{name}-{local:%Y%m%dT%H%M}")


def _uid(policy: Policy, name: str) -> str:
    return f"{name}@{policy.product.key}.release-bot"
