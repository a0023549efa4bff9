"""What somebody answers to a reminder: later, not mine, or that it is done. Each is noted with their name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.calendar import wall
from core.domain.engine import Decided, take
from core.domain.moves.outcome import Outcome, thread
from core.domain.people import Passed, Snooze
from core.domain.reminders import ASKED, BY_CODE, TOGETHER, Reminder
from core.domain.situation import Act
from core.errors import Blocker, Refused
from core.store import due, people, releases
from core.store.people import ROSTER
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, chains_of
from core.usecases.context import Context
from core.usecases.owed import Looked, look
from core.usecases.scene import Scene

AN_HOUR, A_MINUTE = timedelta(hours=1), timedelta(minutes=1)
KEPT_FOR = timedelta(days=60)  # how long what was put off or handed on is remembered
MOST_PASSED = 200
ANSWERED = "reminder_answered"
LEADS = "release_manager"  # the role that hears of what is nobody's


@dataclass(frozen=True, slots=True)
class _Asked:
    """The reminder that a button names, as it is now; None when it has settled itself."""

    looked: Looked
    one: Reminder | None

    def still(self, person: str) -> Reminder | None:
        """The same while the person is asked: not when they have handed it on or turned it off."""
        return self.one if self.one and self.looked.wants(self.one, person) else None


async def _asked(ctx: Context, unit: Unit, ask: Ask) -> _Asked:
    looked = await look(ctx, unit.conn, ctx.clock.now() + TOGETHER)
    one = looked.of(str(ask.input.get("token") or ""), ask.actor)
    if one is not None and one.until > looked.now and not looked.answered(one, ask.actor):
        if ask.actor in looked.people(one):
            return _Asked(looked, one)
        raise Refused([Blocker("reminder.whose", {}, looked.people(one))], asked=ask.event)
    return _Asked(looked, None)


async def snooze(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Remind the person again later. Input: token, and `until`: "hour", "morning" or an ISO day.

    Returns {"until": when it comes again, "" for what has settled itself}. Raises Refused for a time at which it is
    over, or which is no time ahead.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        found = await _asked(ctx, unit, ask)
        one, looked = found.still(ask.actor), found.looked
        if one is None:
            return {"until": ""}
        until = _until(str(ask.input.get("until") or ""), ask.actor, one, looked)
        if until <= looked.now:
            raise Refused([Blocker("snooze.past", {"until": until.isoformat()}, (ask.actor,))], asked=ask.event)
        if until >= one.until:
            facts = {"until": until.isoformat(), "ends": one.until.isoformat()}
            raise Refused([Blocker("snooze.late", facts, (ask.actor,))], asked=ask.event)
        row = looked.roster.of(ask.actor)
        old = tuple(x for x in row.snoozed if x.thing != one.token and x.until > looked.now - KEPT_FOR)
        await people.put(unit, replace(row, snoozed=(*old, Snooze(one.token, until))))
        await _noted(unit, ask, one, looked, until=until.isoformat())
        return {"until": until.isoformat()}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(ROSTER,)))


def _until(said: str, person: str, one: Reminder, looked: Looked) -> datetime:
    """When it comes again, in the person's own hours where it waits for those or a day is named; the past for what is
    no time."""
    now, roster = looked.now, looked.roster
    zone = roster.zone_of(person)
    if said == "hour":
        later = (now + AN_HOUR + A_MINUTE).replace(second=0, microsecond=0)
        return later if BY_CODE[one.code].any_hour else roster.next_hour(person, later)
    today = now.astimezone(ZoneInfo(zone)).date()
    try:
        day = today + timedelta(days=1) if said == "morning" else date.fromisoformat(said)
        return roster.next_hour(person, wall(day, time(), zone)) if day > today else now
    except (ValueError, OverflowError):
        return now


async def not_mine(ctx: Context, ask: Ask) -> dict[str, Any]:
    """It is somebody else's: those who were asked too have it, else the lead gets it. Input: token.

    Returns {"to": whose it is now, "asked": whether they were asked anyway}; "to" is empty for what has settled
    itself. Raises Refused for what is theirs to decide, and where there is nobody else.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        found = await _asked(ctx, unit, ask)
        one, looked = found.still(ask.actor), found.looked
        if one is None:
            return {"to": [], "asked": True}
        if not BY_CODE[one.code].mine:
            raise Refused([Blocker("reminder.yours", {}, (ask.actor,))], asked=ask.event)
        others = [p for p in _all_of(one, looked) if p != ask.actor]
        heirs = others or await _heirs(unit, one, looked, ask.actor)
        if not heirs:
            raise Refused([Blocker("reminder.alone", {}, (f"role:{LEADS}",))], asked=ask.event)
        row = looked.roster.of(ask.actor)
        passed = Passed(one.token, () if others else tuple(heirs))
        await people.put(unit, replace(row, passed=(*row.passed[-MOST_PASSED:], passed)))
        await _noted(unit, ask, one, looked, to=heirs)
        return {"to": heirs, "asked": bool(others)}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(ROSTER,)))


def _all_of(one: Reminder, looked: Looked) -> list[str]:
    """Everybody who is asked the same, and has not said that it is not theirs either: each has a reminder of their own
    where a person is named."""
    return [p for x in looked.found if x.token == one.token for p in looked.people(x) if looked.wants(x, p)]


async def _heirs(unit: Unit, one: Reminder, looked: Looked, actor: str) -> list[str]:
    """Who hears of what nobody else has: the release's lead, then the release managers and who may change trains.
    Nobody gets back what they have handed on."""
    number, roles = int(one.about.get("release") or 0), (LEADS, *looked.policy.permissions[ASKED])
    lead = [str((await releases.facts_of(unit.conn, number))[0]["lead"])] if number else []
    same = {x.token for x in looked.found if (x.code, x.answer) == (one.code, one.answer)}
    out = {row.id for row in looked.roster.people.values() if same & {x.thing for x in row.passed}} | {actor}
    rest = dict.fromkeys(p for role in roles[: 1 if number else None] for p in looked.members.get(role, ()))
    return [p for p in lead if p not in out] or [p for p in rest if p not in out]


async def _noted(unit: Unit, ask: Ask, one: Reminder, looked: Looked, **more: Any) -> None:
    said = {"via": ask.via, "kind": one.code, "version": str(one.about.get("version") or ""),
            "occurrence": one.occurrence, **more}  # fmt: skip
    await unit.audit(ROSTER, ask.actor, ask.event, looked.policy.hash, said, looked.now)


async def answer(ctx: Context, ask: Ask) -> dict[str, Any]:
    """What a reminder asks for is done, and the person's word is all that says so. Input: token, release.

    It is noted in the release's record and thread. Returns {"kind"}; "" for what has settled itself.
    """
    assert ask.release is not None
    number = ask.release

    async def work(unit: Unit) -> dict[str, Any]:
        found = await _asked(ctx, unit, ask)
        one = found.one
        if one is None or not BY_CODE[one.code].ends or one.about.get("release") != number:
            return {"kind": ""}
        kind, subject, thing = one.answer
        whose = f"{subject}:{ask.actor}" if BY_CODE[one.code].ends == "each" else subject
        if await due.claim(unit, (kind, whose, thing), found.looked.now):
            scene = await Scene.load(ctx, unit, number)
            act = Act(ask.actor, ask.event)
            line = thread(ANSWERED, act, kind=one.code)
            outcome = Outcome(scene.s.release, (line,), record={"kind": one.code, "occurrence": one.occurrence})
            after, step = take(scene.s, ANSWERED, act, outcome, ask.via)
            await scene.write(Decided(after, (step,)))
            await scene.save()
        return {"kind": one.code}

    told: Mapping[str, Any] = await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=chains_of(ctx, number))
    return dict(told)
