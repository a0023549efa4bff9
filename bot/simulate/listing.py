"""A simulation as people read it in a terminal, and as JSON: day by day, with how many messages each person gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bot.simulate.present import Present
from bot.simulate.recording import Sent
from core.domain.policy import Policy
from handlers.views.writing import counted, listed, spoken

PLACE = 26  # columns


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a simulation. `refused` is what people tried in vain, `open` what was still in flight."""

    policy: Policy
    begins: datetime
    weeks: int
    sent: Sequence[Sent]
    now: Present = field(default_factory=Present)
    assumed: tuple[str, ...] = ()  # groups of which nobody knows who is in them
    refused: tuple[tuple[datetime, str, str], ...] = ()
    open: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # version, phase, what it waits for

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy.zone)

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(weeks=self.weeks)

    def name(self, person: str) -> str:
        return self.policy.names.get(person, person)

    def to(self, person: str) -> Played:
        """Only what this person would get."""
        return replace(self, sent=[one for one in self.sent if one.person == person])


def text(played: Played) -> str:
    """The whole list, then the counts."""
    return "\n".join([*_head(played), "", *_days(played), *_counts(played), *_end(played)])


def _head(played: Played) -> Iterator[str]:
    first, last = (at.astimezone(played.zone) for at in (played.begins, played.ends))
    yield (
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, {counted(played.weeks, 'week')}, under the policy with serial "
        f"{played.policy.serial}. Nothing is sent; nobody is told."
    )
    state = "as your store has it" if played.now.known else "because no store was found"
    yield f"It begins with v{played.now.version} in production ({state}) and nothing in flight."
    yield f"Times are {played.zone}."
    if played.now.left_out:
        yield f"Not followed: {listed(['v' + v for v in played.now.left_out])}, in flight now."
    for group in played.assumed:
        yield f"Who is in the Slack group {group} is not known: those who hold no other role stand for it."


def _days(played: Played) -> Iterator[str]:
    if not played.sent:
        yield "Nobody would be told anything."
    local = [(one.at.astimezone(played.zone), one) for one in played.sent]
    for day, of_day in groupby(local, key=lambda pair: pair[0].date()):
        found = list(of_day)
        yield f"{day.isoformat()} {day:%A} ({found[0][0].isoformat()[-6:]})"
        for (at, said), same in groupby(found, key=lambda pair: (pair[0].isoformat()[11:16], pair[1].text)):
            yield f"  {at}  {_to(played, [one for _, one in same]):{PLACE}}  {spoken(said, {})}"
        yield ""


def _to(played: Played, sent: Sequence[Sent]) -> str:
    return ", ".join(dict.fromkeys(played.name(one.person) if one.person else one.place for one in sent))


def _counts(played: Played) -> Iterator[str]:
    """How many messages each person gets, and each channel."""
    yield f"{'Messages':{PLACE + 8}}{'in all':>7}{'a week':>8}   most in one week"
    for who, found in sorted(_by_place(played.sent).items(), key=lambda pair: (pair[0][:1] == "#", -len(pair[1]))):
        weeks = Counter(_monday(played, one.at) for one in found)
        most, count = max(weeks.items(), key=lambda pair: (pair[1], pair[0]))
        rate = len(found) / played.weeks
        yield f"  {played.name(who):{PLACE + 6}}{len(found):7}{rate:8.1f}   {count} (week of {most})"


def _by_place(sent: Iterable[Sent]) -> dict[str, list[Sent]]:
    found: dict[str, list[Sent]] = {}
    for one in sent:
        found.setdefault(one.person or one.place, []).append(one)
    return found


def _monday(played: Played, at: datetime) -> str:
    day = at.astimezone(played.zone).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def _end(played: Played) -> Iterator[str]:
    """Where it stood at the end, and what did not work: a policy under which nothing moves is seen here."""
    yield ""
    for version, phase, waits in played.open:
        rest = f"; open: {listed(list(waits))}" if waits else ""
        yield f"At the end v{version} is in {phase}{rest}."
    for at, what, why in played.refused:
        yield f"Refused at {at.astimezone(played.zone).isoformat(timespec='minutes')}: {what} ({why})."


def as_json(played: Played) -> Mapping[str, Any]:
    """The same for programs; every instant has its offset."""

    def stamp(at: datetime) -> str:
        return at.astimezone(played.zone).isoformat(timespec="seconds")

    return {
        "from": stamp(played.begins),
        "until": stamp(played.ends),
        "zone": str(played.zone),
        "policy": {"serial": played.policy.serial, "hash": played.policy.hash},
        "production": played.now.version,
        "messages": [
            {
                "at": stamp(one.at),
                "place": one.place or "dm",
                "person": one.person,
                "name": played.name(one.person) if one.person else "",
                "moment": one.moment,
                "release": one.release or None,
                "text": spoken(one.text, {}),
            }
            for one in played.sent
        ],
        "open": [{"version": v, "phase": phase, "waits_for": list(waits)} for v, phase, waits in played.open],
        "refused": [{"at": stamp(at), "what": what, "why": why} for at, what, why in played.refused],
    }
