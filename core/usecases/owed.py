"""What is owed to whom: reminders as the rules find them, with who there is and what was said, done or handed on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from core.domain.calendar import Timetable, quarter, wall
from core.domain.people import Roster
from core.domain.policy import Policy
from core.domain.reminders import (
    ASKED,
    BY_CODE,
    TOGETHER,
    TRAINS,
    Leaving,
    Reminder,
    foreseen,
    of_actions,
    of_release,
)
from core.domain.reminders.progress import morning_of
from core.domain.reminders.releases import View
from core.domain.retro.writing import stands_for_it
from core.store import due, policies, products, releases
from core.store.engines import Conn
from core.usecases.context import Context, role_members, roster_of
from core.usecases.trains import KEPT, timetable

Key = tuple[str, str, str]
LOOKED_BACK = timedelta(days=40)  # for a retrospective that is owed
NOTED = timedelta(days=14)  # what became pointless longer ago leaves no trace any more
MOST_HANDED = 3  # times that one thing goes on to somebody else
DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Morning:
    """When the daily progress of a release is told next."""

    at: datetime
    release: int
    version: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What reminders look like at an instant: found by the rules, with who there is and what was done already."""

    now: datetime
    policy: Policy
    found: Sequence[Reminder]
    roster: Roster = field(default_factory=Roster)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    done: frozenset[Key] = frozenset()
    told: Mapping[str, datetime] = field(default_factory=dict)  # person -> when somebody was reminded just now
    mornings: tuple[Morning, ...] = ()
    began: datetime | None = None  # since when this policy counts: what was over before was nobody's to say

    def people(self, one: Reminder) -> tuple[str, ...]:
        """Whose move it is."""
        roles = (one.role,) if one.role else self.policy.permissions[ASKED]
        return (one.to,) if one.to else tuple(dict.fromkeys(p for r in roles for p in self.members.get(r, ())))

    def of(self, token: str, person: str) -> Reminder | None:
        """What a token names: of several people who are asked the same, that of this person; None: it is gone."""
        same = [one for one in self.found if one.token == token]
        return next((one for one in same if person in self.people(one)), same[0] if same else None)

    def key(self, one: Reminder, person: str) -> Key:
        """The claim of one sending; put off, it is another one."""
        off = self.roster.of(person).put_off(one.token)
        return one.code, f"{one.subject}:{person}", f"{one.occurrence}~{off.isoformat()}" if off else one.occurrence

    def answered(self, one: Reminder, person: str) -> bool:
        """Whether somebody's word has ended it."""
        if one.code in TRAINS and (KEPT, one.subject, one.occurrence) in self.done:
            return True
        kind, subject, thing = one.answer
        return {(kind, subject, thing), (kind, f"{subject}:{person}", thing)} & self.done != set()

    def wants(self, one: Reminder, person: str) -> bool:
        """Whether it is still to be said to a person: not answered, not turned off, not handed on."""
        row = self.roster.of(person)
        passed = one.token in {x.thing for x in row.passed}
        return not (passed or self.answered(one, person) or BY_CODE[one.code].mute in row.mutes)

    def hours(self) -> Iterator[tuple[datetime, str, Reminder]]:
        """What was not said yet and still matters: from which hour on it may be said to whom, from now on."""
        for one in self.found:
            for person in self.people(one):
                if self.wants(one, person) and self.key(one, person) not in self.done:
                    at = self._hour(one, person)
                    if at < one.until:
                        yield at, person, one

    def _hour(self, one: Reminder, person: str) -> datetime:
        begins = self.roster.worked(person, one.due, one.worked) if one.worked else one.due
        off = self.roster.of(person).put_off(one.token)
        at = max(self.now, begins, off or begins)
        last = self.told.get(person)
        if last and at < last + TOGETHER < one.until:
            at = last + TOGETHER
        return at if BY_CODE[one.code].any_hour else self.roster.next_hour(person, at)

    def ripe(self) -> dict[str, list[Reminder]]:
        """Person -> what is said to them now: with what is due, what will be within ten minutes."""
        near = [(at, person, one) for at, person, one in self.hours() if at <= self.now + TOGETHER]
        asked = {person for at, person, _ in near if at == self.now}
        owed: dict[str, list[Reminder]] = {}
        for _, person, one in near:
            if person in asked and one.token not in {x.token for x in owed.get(person, ())}:
                owed.setdefault(person, []).append(one)
        return owed

    def pointless(self) -> Iterator[tuple[str, Reminder]]:
        """What nobody said in time, and nobody was told yet that it was not: for the record."""
        for one in self.found:
            if not max(self.now - NOTED, self.began or self.now) < one.until <= self.now:
                continue
            for person in self.people(one):
                dropped = (f"{DROPPED}:{one.code}", f"{one.subject}:{person}", one.occurrence)
                said = (one.code, f"{one.subject}:{person}", one.occurrence)
                if self.wants(one, person) and not {dropped, said} & self.done:
                    yield person, one


async def look(ctx: Context, conn: Conn, horizon: datetime, person: str = "") -> Looked:
    """Everything that is due by `horizon` if nothing changes, and what is known of whom it reaches; with a `person`
    what was said to others is left out, because many are looked at one by one."""
    now = ctx.clock.now()
    policy = await ctx.active_policy(conn)
    every, mornings = await _found(ctx, conn, policy, horizon)
    found = [one for one in every if one.due <= horizon and now - NOTED < one.until]
    if not found:
        return Looked(now, policy, (), mornings=mornings)
    roster = await roster_of(conn, policy)
    found += _handed(found, roster)
    known = {one.token: one.occurrence for one in found}
    off = [x for row in roster.people.values() for x in row.snoozed if x.thing in known]
    asked = {occurrence for one in found for occurrence in (one.occurrence, one.end)}
    theirs = {name for one in found for name in (one.subject, one.answer[1])} if person else set()
    theirs |= {f"{name}:{person}" for name in theirs}
    done = await due.done(conn, [*asked, *(f"{known[x.thing]}~{x.until.isoformat()}" for x in off)], theirs)
    members, _ = await role_members(conn, policy, now)
    told = {
        subject.rpartition(":")[2]: at
        for kind, subject, at in sorted([] if person else await due.since(conn, now - TOGETHER), key=lambda x: x[2])
        if kind in BY_CODE and at <= now  # a clock that was set back has told nobody in the future
    }
    active = await policies.active(conn)
    began = active.activated_at if active else None
    return Looked(now, policy, found, roster, members, frozenset(done), told, mornings, began)


def _handed(found: Sequence[Reminder], roster: Roster) -> list[Reminder]:
    """What people have handed on, for whom it is now; somebody may hand it on again."""
    more: list[Reminder] = []
    rest = [(x, row.id, to) for row in roster.people.values() for x in row.passed for to in x.to]
    for _ in range(MOST_HANDED if rest else 0):
        new = [one.handed(by, to) for x, by, to in rest for one in (*found, *more) if one.token == x.thing]
        new = [one for one in new if one not in more]
        if not new:
            break
        more += new
    return more


async def _found(
    ctx: Context, conn: Conn, policy: Policy, horizon: datetime
) -> tuple[list[Reminder], tuple[Morning, ...]]:
    """What the rules find, and when the progress of which release is told."""
    now = ctx.clock.now()
    record = await products.load(conn, ctx.product)
    tables = {name: timetable(policy, record, name) for name in policy.trains}
    first = min(wall(quarter(t.local(now).date())[0], time(), t.zone) for t in tables.values())
    rows = await releases.leaving(conn, ctx.product, tables, min(first, now - LOOKED_BACK))
    texts = await releases.open_facts(conn, ctx.product)
    facts = {one["id"]: one for one in map(facts_of, texts)}
    leaving = [Leaving(**row, **_beside(facts.get(row["release"], {}))) for row in rows]
    found, mornings = list(foreseen(policy, tables, leaving, now, horizon)), []
    first_train = next(iter(tables.values()))
    found += of_actions(record.actions, first_train)
    for text in texts:
        theirs, morning = _of(text, tables.get(facts_of(text).get("train") or "", first_train))
        found += theirs
        mornings += [morning] if morning else []
    return found, tuple(mornings)


@lru_cache(maxsize=64)
def facts_of(text: str) -> Mapping[str, Any]:
    """Facts as they are stored; what was read once is not taken apart again."""
    found: Mapping[str, Any] = json.loads(text)
    return found


@lru_cache(maxsize=64)
def _of(text: str, table: Timetable) -> tuple[tuple[Reminder, ...], Morning | None]:
    facts = facts_of(text)
    at = morning_of(View(facts, table))
    return of_release(facts, table), Morning(at, facts["id"], facts["version"]) if at else None


def _beside(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a release on a train has open: its conditions, its way back, its retrospective and until when."""
    due_at = (facts.get("retro") or {}).get("due_at")
    found = (x for x in facts.get("signoffs") or () if stands_for_it(x["name"], x.get("rule", "")))
    waits = any(item["state"] != "met" for item in found)
    return {
        "retro_open": waits, "retro_due": datetime.fromisoformat(due_at) if due_at else None,
        "open": sum(1 for x in facts.get("blockers") or () if not x.get("later")),
        "back": str(((facts.get("environments") or {}).get("production") or {}).get("version") or ""),
    }  # fmt: skip
