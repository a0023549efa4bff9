"""The tick: its cost with many closed releases, and 500 reminders that are due at once while people work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from sqlalchemy import func, insert, select

from bot.simulate.world import World, world
from core.store import tables as t
from core.store.engines import Database
from core.usecases.tick import tick
from sandbox.product import seed
from sandbox.workspace.records import Member
from sandbox.workspace.workspace import Settings as SlackSettings
from sandbox.workspace.workspace import Workspace
from tests.bench.stage import SECRET, free_port, one_release, process
from tests.core.domain.world import policy
from tests.policies import simulated_text

AIMS = {"grown": 1.2, "ack": 2.0}
START = datetime(2026, 12, 1, 14, tzinfo=UTC)
TEN = datetime(2026, 12, 2, 15, tzinfo=UTC)  # ten working days before the train of 16 December, at its hour
PIECE = 500
BETWEEN = 0.02  # seconds between two clicks


# --- a tick with nothing due ------------------------------------------------------------------------------------------


async def tick_against_small(rounds: int, releases: int) -> dict[str, Any]:
    """Seconds of one tick with nothing due and `releases` closed ones, against the same with ten."""
    async with AsyncExitStack() as stack:
        small, large = [await stack.enter_async_context(_filled(count)) for count in (10, releases)]
        few, many = [], []
        for _ in range(100 * rounds):
            few.append(await _timed(small))
            many.append(await _timed(large))
    return {"releases": releases, "small": median(few), "large": median(many), "ratio": median(many) / median(few)}


@asynccontextmanager
async def _filled(count: int) -> AsyncIterator[World]:
    """A world with one release on its way and others that left on the trains before it."""
    async with world(policy(), START) as w:
        await w.acts("priya", "start", kind="minor")
        async with w.ctx.store.database.writing() as connection:
            row = dict((await connection.execute(select(t.release))).mappings().one())
            closed = [_closed(row, n) for n in range(count)]
            for at in range(0, count, PIECE):
                await connection.execute(insert(t.release), closed[at : at + PIECE])
        await w.until(START + timedelta(minutes=30))
        yield w


def _closed(row: dict[str, Any], number: int) -> dict[str, Any]:
    version = f"0.{number // 1000}.{number % 1000}"
    leaves = START - timedelta(days=13 + 14 * number)
    facts = {**row["facts"], "id": 10_000 + number, "version": version, "phase": "closed"}
    ended = {"phase": "closed", "open": False, "wake_at": None, "facts": facts}
    return row | ended | {"id": 10_000 + number, "version": version, "departs_at": leaves}


async def _timed(w: World) -> float:
    begin = time.perf_counter()
    assert await tick(w.ctx) == 0
    return time.perf_counter() - begin


# --- 500 due at once --------------------------------------------------------------------------------------------------


async def due_at_once(folder: Path, people: int, seconds: float) -> dict[str, Any]:
    """The 95th percentile of the answer to a click while `people` reminders go out, against the same when idle."""
    members = [Member(f"U0CROWD{n:03}", f"Person {n}") for n in range(people)]
    folder.mkdir(parents=True, exist_ok=True)
    slack_settings = SlackSettings(start=START.isoformat(), token="xoxb-bench", signing_secret=SECRET, rate_scale=0.0)
    async with Workspace(slack_settings) as slack:
        slack.state.members |= {m.id: m for m in members}
        env = _env(folder, slack, members)
        await one_release(env, departs_at=(TEN + timedelta(days=28)).isoformat())
        async with _serving(env):
            slack.bot_url = f"http://127.0.0.1:{env['PORT']}"
            await slack.clock.jump(TEN - timedelta(minutes=1))
            idle = await _clicks(slack, seconds)
            before, database = _told(slack, members), Database.open(env["DATABASE_URL"])
            try:
                jump = asyncio.create_task(slack.clock.jump(TEN))
                asked, claimed = asyncio.create_task(_clicks(slack, seconds)), await _claims(database, people)
                busy, sent = await asked, _told(slack, members) - before
            finally:
                await database.close()
            await jump
    quiet, late = (1e3 * quantiles(taken, n=20)[-1] for taken in (idle, busy))
    return {"people": people, "claims": claimed, "sent": sent, "seconds": seconds, "idle_p95": quiet,
            "busy_p95": late, "clicks": len(busy), "ratio": late / quiet}  # fmt: skip


@asynccontextmanager
async def _serving(env: dict[str, str]) -> AsyncIterator[None]:
    """The bot as a process; the workspace answers it from here, so nothing here may wait for it in this thread."""
    bot = process("-m", "bot", "serve", port=int(env["PORT"]), env=env)
    await asyncio.to_thread(bot.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(bot.__exit__, None, None, None)


def _env(folder: Path, slack: Workspace, members: list[Member]) -> dict[str, str]:
    """What the bot is given: a policy in which all of them are release managers."""
    keys = ", ".join(f'"p{n}"' for n in range(len(members)))
    role = 'title = "release manager"\npeople = ["priya"'
    rows = "".join(f'[people.p{n}]\nslack = "{m.id}"\nname = "{m.name}"\n' for n, m in enumerate(members))
    path = folder / "crowd.toml"
    path.write_text(simulated_text().replace(role, f"{role}, {keys}") + rows, encoding="utf-8")
    return {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "PORT": str(free_port()),
        "DATA_DIR": str(folder / "data"),
        "PRODUCT_REPO": str(seed(folder / "product.git").remote),
        "LOG_LEVEL": "error",
        "RELEASE_POLICY": str(path),
        "CLOCK_URL": slack.clock_url,
    }


async def _clicks(slack: Workspace, seconds: float) -> list[float]:
    """Priya presses a button of the card again and again; the seconds until each is answered."""
    priya, taken, end = slack.person("priya"), [], time.perf_counter() + seconds
    card = next(m for m in priya.messages("releases") if "minor" in m.text)
    while time.perf_counter() < end:
        pressed = await priya.clicks("What is missing?", within=card)
        assert pressed.ok and pressed.delivery is not None, pressed
        taken.append(pressed.delivery.seconds)
        await asyncio.sleep(BETWEEN)
    return taken


async def _claims(database: Database, wanted: int) -> list[int]:
    """How many reminders were claimed whenever that was another number, until all are: one number is one unit."""
    claims = select(func.count()).where(t.due_done.c.kind == "train_free")
    seen: list[int] = []
    async with asyncio.timeout(30):
        while not seen or seen[-1] < wanted:
            async with database.reader.connect() as conn:
                found = int((await conn.execute(claims)).scalar_one())
            seen += [found] if found and found not in seen else []
            await asyncio.sleep(0.005)
    return seen


def _told(slack: Workspace, members: list[Member]) -> int:
    return sum(len(slack.messages(slack.state.dm_with(m.id).id)) for m in members)


def show(console: Console, grown: dict[str, Any], crowd: dict[str, Any]) -> bool:
    """Print both ratios with their aims; returns whether they were met."""
    console.print(
        f"a tick with nothing due, {grown['releases']:,} closed releases against 10: {grown['large'] * 1e3:.2f} / "
        f"{grown['small'] * 1e3:.2f} ms = {grown['ratio']:.2f} (aim <= {AIMS['grown']})"
    )
    console.print(
        f"{crowd['people']} reminders due at once: claimed in {len(crowd['claims'])} tick, {crowd['sent']} delivered "
        f"in {crowd['seconds']:.0f} s; a click's p95 meanwhile {crowd['busy_p95']:.2f} ms, "
        f"idle {crowd['idle_p95']:.2f} ms = {crowd['ratio']:.2f} (aim <= {AIMS['ack']})"
    )
    one_tick = len(crowd["claims"]) == 1
    return bool(grown["ratio"] <= AIMS["grown"] and crowd["ratio"] <= AIMS["ack"] and one_tick)
