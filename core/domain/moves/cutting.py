"""What missed the train when a release is frozen: named in the channel, and to its authors with the next date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.domain.calendar import departures
from core.domain.effects import CLICK, Effect, post
from core.domain.gates.people import iso
from core.domain.gates.scope import is_hidden
from core.domain.release import Release, TrainChanges
from core.domain.situation import Situation

MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in a frozen release: who is told of it (a Slack id, "" for a stranger), and where to it
    was moved. `planned` is what somebody wanted in it: by its milestone or by name."""

    ref: str
    title: str
    person: str
    to: str = ""
    planned: bool = True


def left_out(s: Situation, release: Release) -> Iterator[LeftOut]:
    """What was moved out by name, what is open in its milestone, and the open pull requests into its trunk."""
    logins = s.policy.logins
    offers = {o.ref: o for o in release.offers}
    settled = {i.ref for i in release.items if i.state != "in"}
    for item in (i for i in release.items if i.state == "moved"):
        offer = offers.get(item.ref)
        wrote = logins.get(offer.author.casefold(), "") if offer else ""
        yield LeftOut(item.ref, item.title, wrote or item.by, item.to)
    for ref, offer in offers.items():
        if offer.state == "open" and ref not in settled:
            yield LeftOut(ref, offer.title, logins.get(offer.author.casefold(), ""), planned=offer.planned)


def next_place(s: Situation, release: Release) -> tuple[datetime | None, str]:
    """The train's departure after this release's, and the version that is on it already, "" when it is free."""
    train = s.policy.trains.get(release.train or "")
    if train is None or release.departs_at is None:
        return None, ""
    changes = s.product.trains.get(release.train or "", TrainChanges())
    table = train.timetable(map(date.fromisoformat, changes.skipped), changes.extra)
    when = next(departures(table, release.departs_at))
    on_it = (o.version for o in s.others if o.id != release.id and (o.train, o.departs_at) == (release.train, when))
    return when, next(on_it, "")


def frozen(s: Situation, release: Release, by: str) -> tuple[Effect, ...]:
    """The channel hears that it is frozen and what of it is not in; each author hears of theirs, in one message."""
    found = list(left_out(s, release))
    when, version = next_place(s, release)
    place: dict[str, Any] = {"next": iso(when), "next_version": version}
    wanted = [_named(s, x) for x in found if x.planned]
    more: dict[str, Any] = {"left": wanted[:MOST_NAMED], "left_count": len(wanted), **place} if wanted else {}
    told = []
    for person in dict.fromkeys(x.person for x in found if x.person):
        theirs = [_named(s, x) for x in found if x.person == person]
        told.append(post(f"dm:{person}", "missed_author", left=theirs[:MOST_NAMED], left_count=len(theirs), **place))
    return (post("team", "frozen", CLICK, actor=by, **more), *told)


def _named(s: Situation, x: LeftOut) -> dict[str, str]:
    title = "" if is_hidden(s, x.ref) else x.title[:200]
    return {"ref": x.ref, "title": title, "to": x.to}
