"""Remind people by the table of `core/domain/reminders`.

Every process looks at each tick. What was asked is claimed in the unit that writes the message, so it is asked once;
what is due for one person within ten minutes is one message. What is pointless by now is dropped, with a trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from core.domain.calendar import Timetable, wall
from core.domain.due import Due
from core.domain.effects import REMINDER
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
    of_release,
    quarter,
)
from core.domain.reminders.progress import morning_of
from core.domain.reminders.releases import View
from core.store import due, products, releases
from core.store.engines import Conn
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Report, advance
from core.usecases.context import Context, role_members, roster_of
from core.usecases.trains import KEPT, timetable

Key = tuple[str, str, str]
LOOKED_BACK = timedelta(days=40)  # for a retrospective that is owed
NOTED = timedelta(days=14)  # what became pointless longer ago leaves no trace any more
DROPPED, ANSWERED = "dropped", "reminder_answered"
GONE, LATE = "its reason is gone", "it came too late to be of use"


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
        return not (self.answered(one, person) or one.token in row.passed or BY_CODE[one.code].mute in row.mutes)

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
            if not self.now - NOTED < one.until <= self.now:
                continue
            for person in self.people(one):
                dropped = (f"{DROPPED}:{one.code}", f"{one.subject}:{person}", one.occurrence)
                said = (one.code, f"{one.subject}:{person}", one.occurrence)
                if self.wants(one, person) and not {dropped, said} & self.done:
                    yield person, one


async def ask_ahead(ctx: Context) -> int:
    """Send what is due; returns how many people and threads were told something."""
    async with ctx.store.database.reader.connect() as conn:
        looked = await look(ctx, conn, ctx.clock.now() + TOGETHER)
    mornings = [one for one in looked.mornings if one.at <= looked.now]
    for morning in mornings:
        await advance(ctx, Report("progress", morning.release))
    if not looked.ripe() and not any(looked.pointless()):
        return len(mornings)

    async def work(unit: Unit) -> int:
        now = ctx.clock.now()
        looked = await look(ctx, unit.conn, now + TOGETHER)
        owed = looked.ripe()
        for person, found in owed.items():
            mine = [one for one in found if await due.claim(unit, looked.key(one, person), now)]
            await tell(ctx, unit, person, [thing_of(one) for one in mine])
        for person, one in list(looked.pointless()):
            await drop(ctx, unit, person, thing_of(one), LATE)
        return len(owed)

    chains = (product_chain(ctx.product),)
    return len(mornings) + int(await ctx.store.unit(work, verb="ahead", chains=chains, interactive=False))


async def next_ask(ctx: Context, before: datetime) -> Due | None:
    """The next hour before `before` at which somebody is reminded of something if nothing changes until then."""
    async with ctx.store.database.reader.connect() as conn:
        looked = await look(ctx, conn, before)
    coming = [
        Due(at, "reminder", person, f"v{one.about['version']}" if one.about.get("version") else one.subject)
        for at, person, one in looked.hours()
    ]
    coming += [Due(one.at, "reminder", "", f"v{one.version}") for one in looked.mornings]
    return min((one for one in coming if looked.now < one.at < before), key=lambda one: one.at, default=None)


async def look(ctx: Context, conn: Conn, horizon: datetime) -> Looked:
    """Everything that is due by `horizon` if nothing changes, and what is known of whom it reaches."""
    now = ctx.clock.now()
    policy = await ctx.active_policy(conn)
    every, mornings = await _found(ctx, conn, policy, horizon)
    found = [one for one in every if one.due <= horizon and now - NOTED < one.until]
    if not found:
        return Looked(now, policy, (), mornings=mornings)
    roster = await roster_of(conn, policy)
    known = {one.token: one.occurrence for one in found}
    off = [x for row in roster.people.values() for x in row.snoozed if x.thing in known]
    asked = {occurrence for one in found for occurrence in (one.occurrence, one.thing or one.occurrence)}
    done = await due.done(conn, [*asked, *(f"{known[x.thing]}~{x.until.isoformat()}" for x in off)])
    members, _ = await role_members(conn, policy, now)
    told = {
        subject.rpartition(":")[2]: at
        for kind, subject, at in sorted(await due.since(conn, now - TOGETHER), key=lambda x: x[2])
        if kind in BY_CODE
    }
    return Looked(now, policy, found, roster, members, frozenset(done), told, mornings)


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
    leaving = [Leaving(**row, retro_open=_retro_open(facts.get(row["release"], {}))) for row in rows]
    found, mornings = list(foreseen(policy, tables, leaving, now, horizon)), []
    for text in texts:
        theirs, morning = _of(text, tables.get(facts_of(text).get("train") or "", next(iter(tables.values()))))
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


def _retro_open(facts: Mapping[str, Any]) -> bool:
    return any(item["name"] == "retro" and item["state"] != "met" for item in facts.get("signoffs") or ())


# --- what is written -------------------------------------------------------------------------------------------------


def thing_of(one: Reminder) -> dict[str, Any]:
    """A reminder as a message tells it."""
    return {"code": one.code, "token": one.token, "subject": one.subject, "occurrence": one.occurrence, **one.about}


async def tell(ctx: Context, unit: Unit, person: str, things: Sequence[Mapping[str, Any]]) -> None:
    """One message with all of these; when it is delivered it is judged again, so it carries no end of its own."""
    policy = await ctx.active_policy(unit.conn)
    data = {"actor": "", "reason": "", "names": policy.names, "zone": policy.zone, "things": list(things)}
    body = {"release": 0, "place": f"dm:{person}", "moment": "ahead", "data": data}
    await unit.outbox(f"dm:{person}", "slack.post", body, cause=product_chain(ctx.product), rank=REMINDER)


async def still(ctx: Context, person: str, things: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What still holds of a message that is about to be sent; the rest is dropped, with a trace."""
    async with ctx.store.database.reader.connect() as conn:
        looked = await look(ctx, conn, ctx.clock.now() + TOGETHER)
    kept, gone = [], []
    for thing in things:
        one = looked.of(str(thing.get("token") or ""), person)
        if "token" not in thing:  # written by the version before
            kept.append(thing)
        elif one is None or not looked.wants(one, person) or not (thing.get("from") or person in looked.people(one)):
            gone.append((thing, GONE))
        elif one.until <= looked.now:
            gone.append((thing, LATE))
        else:
            kept.append(thing)
    if gone:

        async def work(unit: Unit) -> None:
            for thing, why in gone:
                await drop(ctx, unit, person, thing, why)

        await ctx.store.unit(work, verb="ahead.drop", chains=(product_chain(ctx.product),), interactive=False)
    return kept


async def holding(ctx: Context, place: str, moment: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The data of a message as they are now; None for a reminder of which nothing holds any more."""
    if moment != "ahead":
        return data
    kept = await still(ctx, place.removeprefix("dm:"), data.get("things") or ())
    return {**data, "things": kept} if kept else None


async def drop(ctx: Context, unit: Unit, person: str, thing: Mapping[str, Any], why: str) -> None:
    """It is not said any more: noted once, with its kind, whom it was for and why."""
    now, code = ctx.clock.now(), str(thing["code"])
    if await due.claim(unit, (f"{DROPPED}:{code}", f"{thing['subject']}:{person}", str(thing["occurrence"])), now):
        policy = await ctx.active_policy(unit.conn)
        said = {"kind": code, "person": person, "version": str(thing.get("version") or ""), "why": why,
                "occurrence": str(thing["occurrence"])}  # fmt: skip
        chain = product_chain(ctx.product)
        await unit.audit(chain, "release-bot", "reminder_dropped", policy.hash, said, now)
