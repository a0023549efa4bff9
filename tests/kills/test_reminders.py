"""Reminders of many people, sent by several processes that are killed: each once, and late by no more than is said.

Nobody is told twice because each is claimed in the unit that writes its message; nobody is left out because what a
killed process had claimed is free again as soon as another one ticks. Lateness is measured in real time, from the
moment at which the clock shows the hour: until all of that minute are claimed, which is a tick's work, and until Slack
has the last message, which takes as long as Slack and the machine need for that many.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import time

import pytest
from sqlalchemy import func, select

from bot.scheduler import EVERY
from core.domain.effects import REMINDER
from core.domain.people import Colleague, Hours
from core.store import people
from core.store.outbox import LEASE
from core.store.tables import due_done, outbox
from core.store.unit_of_work import Unit
from sandbox.workspace.records import Member
from tests.kills.plays import Worlds
from tests.plugins.databases import BOTH
from tests.policies import simulated_text
from tests.torture.fleet import Fleet, fleet
from tests.torture.world import World, utc

Tells = Callable[..., None]
TEN = utc("2026-12-02T15:00:00+00:00")  # ten working days before the train of 16 December, at its hour
ASKED = "train_free"


@dataclass(frozen=True, slots=True)
class Size:
    """So many people in so many minutes, by so many processes; `kills` of them die, and as many answers are lost."""

    people: int
    minutes: int
    processes: int
    kills: int


@dataclass(slots=True)
class Told:
    """What came: whom Slack has a message for how often, and how late each minute's last one was claimed and sent."""

    heard: Counter[str] = field(default_factory=Counter)
    claimed: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    after_kill: list[float] = field(default_factory=list)
    lost: int = 0
    asked: int = 0
    deaths: int = 0


def crowd(size: Size) -> list[Member]:
    return [Member(f"U0CROWD{n:03}", f"Person {n}") for n in range(size.people)]


def policy_of(folder: Path, members: Sequence[Member]) -> Path:
    """The policy with all of them as release managers, who are asked about trains that nobody has taken."""
    keys = ", ".join(f'"p{n}"' for n in range(len(members)))
    text = simulated_text().replace('title = "release manager"\npeople = ["priya"]',
                                    f'title = "release manager"\npeople = [{keys}]')  # fmt: skip
    assert keys in text
    rows = "".join(f'[people.p{n}]\nslack = "{m.id}"\nname = "{m.name}"\n' for n, m in enumerate(members))
    path = folder / "crowd.toml"
    path.write_text(text + rows, encoding="utf-8")
    return path


async def at_work_from_minute_to_minute(world: World, members: Sequence[Member], minutes: int) -> None:
    """Each begins to work at ten o'clock or some minutes later, so that their hours come one after the other."""

    async def work(unit: Unit) -> None:
        for number, member in enumerate(members):
            begins = 10 * 60 + number % minutes
            await people.put(unit, Colleague(member.id, hours=Hours(begins, 17 * 60)))

    async with world.at_hand() as app:
        await app.ctx.store.unit(work, verb="hours", chains=("roster",))


async def remind(world: World, members: Sequence[Member], size: Size, dice: Random) -> Told:
    """Go through the minutes; in some of them a process dies while messages are under way."""
    told, fatal = Told(), set(dice.sample(range(1, size.minutes), size.kills))
    jump: asyncio.Task[object] | None = None
    async with fleet(world, size.processes) as bots:
        await world.slack.clock.jump(TEN - timedelta(minutes=1))  # no process sends by a clock of the day before
        for minute in range(size.minutes):
            theirs = [m for n, m in enumerate(members) if n % size.minutes == minute]
            if minute in fatal:
                world.slack.faults.add("chat.postMessage", "drop", nth=dice.randint(1, len(theirs)), times=1)
            if jump is not None:  # it waits for who is dead, and nobody else has to
                await jump
            began = time()  # real time, as Slack's own
            killing = asyncio.create_task(_kill(bots, dice)) if minute in fatal else None
            jump = asyncio.create_task(world.slack.clock.jump(TEN + timedelta(minutes=minute)))
            if killing:
                await killing
            await _all_heard(world, theirs)
            await world.settles()
            last = max(float(text.ts) for m in theirs for text in _questions(world, m))
            if minute in fatal:
                told.after_kill.append(last - began)
                continue
            told.sent.append(last - began)
            told.claimed.append(await _written(world) - began)
        if jump is not None:
            jump.cancel()
        told.deaths = bots.deaths
        assert bots.unexpected == []
    told.heard = Counter(m.id for m in members for _ in _questions(world, m))
    told.lost = sum(n for what, n in world.slack.faults.happened.items() if what.startswith("chat.postMessage"))
    told.asked = sum(call.method == "conversations.history" for call in world.slack.calls)
    return told


async def _written(world: World) -> float:
    """When the newest reminder was claimed: in the unit that wrote its message."""
    return float((await world.rows(select(func.max(outbox.c.created_at)).where(outbox.c.rank == REMINDER)))[0][0])


async def _kill(bots: Fleet, dice: Random) -> None:
    await asyncio.sleep(dice.uniform(0.0, 0.3))
    places = list(range(bots.size))
    dice.shuffle(places)
    assert any(bots.kill(place) for place in places), "nobody was left to be killed"


async def _all_heard(world: World, members: Sequence[Member]) -> None:
    try:
        await world.slack.until(lambda: all(_questions(world, m) for m in members), patience=EVERY + LEASE)
    except TimeoutError:
        left = [m.id for m in members if not _questions(world, m)]
        claimed = await world.rows(select(due_done.c.subject).where(due_done.c.kind == ASKED))
        told = {row.subject.rpartition(":")[2] for row in claimed}
        states = [(who, "claimed" if who in told else "not claimed") for who in left]
        rows = await world.rows(select(outbox.c.state, outbox.c.error, outbox.c.lane).where(outbox.c.rank == REMINDER))
        states += [tuple(row) for row in rows[:5]]
        raise AssertionError(f"not told: {states}; open: {[tuple(r) for r in await world.open_rows()]}") from None


def _questions(world: World, member: Member) -> list[object]:
    return [m for m in world.slack.messages(world.slack.state.dm_with(member.id).id) if "is free" in m.text]


async def played(kind: str, worlds: Worlds, folder: Path, size: Size, dice: Random) -> tuple[Told, int]:
    members = crowd(size)
    async with worlds(kind, settings={"RELEASE_POLICY": str(policy_of(folder, members))}) as world:
        world.slack.state.members |= {m.id: m for m in members}
        await at_work_from_minute_to_minute(world, members, size.minutes)
        told = await remind(world, members, size, dice)
        claims = await world.rows(select(due_done.c.subject).where(due_done.c.kind == ASKED))
        return told, len({row.subject for row in claims})


def check(told: Told, claims: int, size: Size) -> None:
    """All of them, each once; in time unless somebody died, and after a kill within a tick and a lease."""
    assert len(told.heard) == size.people == claims, "somebody was not told"
    assert set(told.heard.values()) == {1}, [who for who, n in told.heard.items() if n > 1]
    assert told.deaths == size.kills
    assert told.lost == size.kills and told.asked >= told.lost, "a lost answer was not asked for"
    assert max(told.after_kill + told.sent) <= EVERY + LEASE
    assert median(told.claimed) <= EVERY, told.claimed


async def test_reminders_are_sent_once_each_when_a_process_dies(worlds: Worlds, tmp_path: Path) -> None:
    size = Size(people=8, minutes=2, processes=2, kills=1)
    told, claims = await played("sqlite", worlds, tmp_path, size, Random(7))
    check(told, claims, size)


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_three_hundred_reminders_by_four_processes_and_five_kills(
    kind: str, worlds: Worlds, tmp_path: Path, dice: int, tells: Tells
) -> None:
    size = Size(people=300, minutes=15, processes=4, kills=5)
    told, claims = await played(kind, worlds, tmp_path, size, Random(dice))
    tells(
        seed=dice, sent=sum(told.heard.values()), distinct=claims, kills=told.deaths, lost_answers=told.lost,
        claimed_within=f"{max(told.claimed):.2f} s", sent_within=f"{max(told.sent):.2f} s",
        after_a_kill_within=f"{max(told.after_kill):.2f} s", tick=f"{EVERY} s", lease=f"{LEASE:.0f} s",
    )  # fmt: skip
    check(told, claims, size)
