"""A minor release that people are slow with: who is reminded of what and when, and what they answer to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.simulate import Sent, World, world
from bot.simulate.present import Present
from core.domain.policy import parse_policy
from core.errors import Refused
from core.store import audit, tables
from core.usecases import reminders
from core.usecases.advance import Ask
from core.usecases.reminded import reminded
from handlers import ids
from tests.policies import simulated_text

START = datetime(2026, 12, 1, 14, tzinfo=UTC)  # Tuesday, 9:00 Eastern
CHECKS = ("automated", "regression", "performance", "security", "documentation", "accessibility", "migrations", "plan")
MENU = ["In 1 hour", "Tomorrow morning", "On another day…", "Not mine"]


def day(day_: int, hour: int, minute: int = 0) -> datetime:
    """An hour of December, Eastern."""
    return datetime(2026, 12, day_, hour, minute, tzinfo=ZoneInfo("America/New_York"))


def in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def heard(w: World, *moments: str) -> list[tuple[str, str]]:
    """When and who was told: `Fri 11 10:00`, `theo`; a thread has no person."""
    found = [one for one in w.sent if one.moment in (moments or ("ahead",))]
    eastern = [(one.at.astimezone(ZoneInfo("America/New_York")), one) for one in found]
    return [(f"{at:%a %d %H:%M}", one.person.removeprefix("U0").lower()) for at, one in eastern]


def last(w: World, person: str) -> Sent:
    return [one for one in w.sent if one.moment == "ahead" and one.person == f"U0{person.upper()}"][-1]


def tokens(one: Sent) -> list[str]:
    """What the ⋮ menus of a message are about, in their order."""
    menus = [e for b in one.blocks if b["type"] == "actions" for e in b["elements"] if e["type"] == "overflow"]
    return [ids.read_option(menu["options"][0]["value"])[1].item for menu in menus]


async def says(w: World, use: object, person: str, token: str, release: int | None = None, **given: str) -> dict:
    event = getattr(use, "__name__", "")
    done = await use(w.ctx, Ask(f"U0{person.upper()}", event, release=release, input={"token": token, **given}))  # type: ignore[operator]
    await w.settle()
    return done


async def test_who_is_reminded_of_what_on_the_way_of_a_minor_release() -> None:
    async with world(parse_policy(simulated_text()), START, now=Present("1.2.2", groups={"S0PM": ("U0MIRA",)})) as w:
        await w.acts("priya", "start", kind="minor")
        await w.until(day(3, 12))
        assert heard(w) == [("Thu 03 10:00", "priya"), ("Thu 03 10:00", "mira")], "the scope is not final"
        await w.acts("mira", "tick", "1.3.0", item="scope.final")
        await w.acts("priya", "begin", "1.3.0")
        await w.until(day(10, 12))
        assert heard(w, "progress", "progress_silent") == [("Wed 09 09:30", "")], "one line after three silent days"
        await w.until(day(11, 9, 45))
        (moved,) = [one.text for one in w.sent if one.moment == "progress"]
        assert "rc.1 tagged" in moved and "now in stabilization" in moved
        await _stabilized(w)
        await _prepared(w)
        await _on_the_day(w)


async def _stabilized(w: World) -> None:
    """Tests and items the working day before preparation, merged by person; one is put off, one handed on."""
    await w.until(day(11, 10))
    assert heard(w)[2:] == [("Fri 11 10:00", p) for p in ("qadir", "theo", "priya")]
    told = last(w, "qadir")
    assert told.text == "4 things wait for you."
    tests, *_, items = tokens(told)
    with pytest.raises(Refused, match=r"snooze\.late"):
        await says(w, reminders.snooze, "qadir", tests, until="2027-01-11")
    with pytest.raises(Refused, match=r"snooze\.past"):
        await says(w, reminders.snooze, "qadir", tests, until="2026-12-10")
    with pytest.raises(Refused, match=r"reminder\.whose"):
        await says(w, reminders.snooze, "dana", tests, until="hour")
    assert (await says(w, reminders.snooze, "qadir", tests, until="morning"))["until"] == in_utc(day(14, 9))
    handed = await says(w, reminders.not_mine, "qadir", items)
    assert handed == {"to": ["U0PRIYA"], "asked": False}
    await w.until(day(11, 11))
    assert heard(w)[-1] == ("Fri 11 10:10", "priya"), "nobody gets two messages within ten minutes"
    assert "Qadir says that this is not theirs." in last(w, "priya").text
    await w.until(day(14, 9))
    assert heard(w)[-1] == ("Mon 14 09:00", "qadir") and len(tokens(last(w, "qadir"))) == 1, "and not what he handed on"
    await w.reports("1.3.0", *CHECKS)
    await w.acts("priya", "tick", "1.3.0", item="notes.final")
    settled = await says(w, reminders.snooze, "qadir", tests, until="hour")
    assert settled == {"until": ""}, "its reason is gone, so there is nothing to put off"
    await w.acts("qadir", "ready", "1.3.0")


async def _prepared(w: World) -> None:
    """An approval is repeated after four hours of work; support says that the draft is ready and that it has read."""
    told = len(heard(w))
    release = int((await w.facts("1.3.0"))["id"])
    await w.until(day(15, 10))
    assert heard(w)[told : told + 2] == [("Mon 14 10:00", "sana"), ("Mon 14 13:00", "mira")]
    assert "It is the last signature." in last(w, "mira").text
    with pytest.raises(Refused, match=r"reminder\.yours"):
        await says(w, reminders.not_mine, "mira", tokens(last(w, "mira"))[0])
    draft = next(one for one in w.sent if one.moment == "ahead" and one.person == "U0SANA")
    for _ in range(2):  # a second press is answered and notes nothing more
        await says(w, reminders.answer, "sana", tokens(draft)[0], release)
    answers = [one.text for one in w.sent if one.moment == "reminder_answered"]
    assert len(answers) == 1 and "Sana says that the draft for the knowledge base is ready." in answers[0]
    eve = heard(w)[told + 2 :]
    assert sorted(eve) == [("Tue 15 10:00", p) for p in ("olu", "priya", "sana", "theo")]
    assert await says(w, reminders.answer, "sana", tokens(last(w, "sana"))[0], release) == {"kind": "briefing"}


async def _on_the_day(w: World) -> None:
    """Whoever is away from 8:30 to the departure sends nothing of that morning afterwards, and the record says so."""
    await w.acts("mira", "approve", "1.3.0")
    await w.until(day(16, 8))
    assert heard(w)[-1] == ("Tue 15 14:00", "qadir"), "staging is his since ten, and he was told then"
    told = len(heard(w))
    w.clock.move_to(day(16, 10, 20))  # nothing ran for more than two hours
    await w.settle()
    assert heard(w)[told:] == [], "the morning of the day is over"
    async with w.ctx.store.database.reader.connect() as conn:
        trail = await audit.entries(conn, f"product:{w.ctx.product}")
        said = await conn.execute(select(tables.due_done.c.kind).where(tables.due_done.c.kind.like("dropped:%")))
    dropped = [e.body for e in trail if e.verb == "reminder_dropped" and e.body]
    assert {(b["kind"], b["person"], b["why"]) for b in dropped} == {
        ("release_day", p, "it came too late to be of use") for p in ("U0PRIYA", "U0OLU")
    }
    assert len(list(said)) == len(dropped)
    assert heard(w, "go_hour")[-1][0] == "Wed 16 10:20", "what still holds comes late, once"
    await w.until(day(16, 10, 20) + timedelta(hours=1))
    assert len(heard(w, "go_hour")) == 1
    await _answered(w)


async def _answered(w: World) -> None:
    """Which reminders were answered, and by when, is read from what is on record anyway."""
    async with w.ctx.store.database.reader.connect() as conn:
        found = await reminded(conn, START, w.now)
    by = {(x.kind, x.person.removeprefix("U0").lower()): x.answered_at for x in found}
    assert by["planning", "mira"] == day(3, 12) and by["approval", "mira"] == day(15, 10)
    assert by["knowledge", "sana"] == by["briefing", "sana"] == day(15, 10)
    assert by["tests", "qadir"] is None, "CI has reported what he was asked for"
    assert all(x.release for x in found) and [x.at for x in found] == sorted(x.at for x in found)
