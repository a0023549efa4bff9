"""Everything a torture test stands on: the strict workspace, a real git remote, a database, real processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import and_, delete, func, select

from bot.adopt import adopt
from bot.app import App, running
from bot.clock import HandClock
from bot.settings import Settings
from core.store import outbox, releases
from core.store.engines import Database
from core.store.tables import audit, living, person, product, slack_pace
from core.store.tables import outbox as outbox_rows
from sandbox.product import Product, RemoteFaults, seed
from sandbox.workspace.workspace import Settings as SlackSettings
from sandbox.workspace.workspace import Workspace
from tests.policies import simulated
from tests.torture.processes import Nursery

ROOT = Path(__file__).parents[2]
POLICY = simulated()
START = "2026-12-01T14:00:00+00:00"  # Tuesday, 9:00 Eastern
LOOK = 0.04
CI_TOKEN = "a-token-of-the-sandbox-s-own-pipeline"


class Stuck(Exception):
    """The world did not become quiet: what was still open."""

    def __init__(self, left: list[Any]) -> None:
        super().__init__(f"still open: {left}")


@dataclass(slots=True)
class World:
    """One workspace, one remote, one database; bots come and go."""

    folder: Path
    slack: Workspace
    product: Product
    database_url: str
    database: Database
    nursery: Nursery
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The environment of a `release-bot serve`."""
        given = {
            "SLACK_BOT_TOKEN": self.slack.settings.token,
            "SLACK_SIGNING_SECRET": self.slack.settings.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            "CLOCK_URL": self.slack.clock_url,
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.folder / "data"),
            "PRODUCT_REPO": str(self.product.path),
            "RELEASE_POLICY": str(POLICY),
            "EVIDENCE_TOKENS": f"ci:{CI_TOKEN}",
            "PORT": "0",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "warning",
            "SETTLE_SECONDS": "0.6",
            "PACE_SCALE": "0",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
        }
        return given | self.settings

    @asynccontextmanager
    async def at_hand(self) -> AsyncIterator[App]:
        """A bot inside the test, whose loops are off: to prepare what a test begins with."""
        env = self.env
        settings = Settings(
            slack_bot_token=SecretStr(env["SLACK_BOT_TOKEN"]),
            slack_signing_secret=SecretStr(env["SLACK_SIGNING_SECRET"]),
            slack_api_url=env["SLACK_API_URL"],
            database_url=SecretStr(env["DATABASE_URL"]),
            data_dir=Path(env["DATA_DIR"]),
            product_repo=env["PRODUCT_REPO"],
            release_policy=Path(env["RELEASE_POLICY"]),
            settle_seconds=0.2,
            pace_scale=0.0,
        )
        clock = HandClock(datetime.fromisoformat(START))
        async with running(settings, loops=False, listen=False, clock=clock) as app:
            await app.settle()
            yield app

    async def adopted(self) -> None:
        """Production runs v1.2.2, nothing is in flight."""
        async with self.at_hand() as app:
            await adopt(app.ctx, "U0PRIYA")
            await app.scheduler.sweep_groups()

    # -- what there is ---------------------------------------------------------------------------------------------

    async def rows(self, statement: Any) -> list[Any]:
        async with self.database.reader.connect() as conn:
            return list((await conn.execute(statement)).all())

    async def facts(self, version: str) -> dict[str, Any]:
        """The stored facts of a release; under `did` how often each verb stands in the trail, under `ahead` how far
        rehearsals have jumped."""
        did = {row.verb: row[1] for row in await self.rows(select(audit.c.verb, func.count()).group_by(audit.c.verb))}
        async with self.database.reader.connect() as conn:
            found = await releases.find(conn, "asset-anchor", version)
            facts = {} if found is None else dict((await releases.facts_of(conn, found.id))[0])
        desks = [row.record["rehearsal"] for row in await self.rows(select(product.c.record))]
        return {**facts, "did": did, "ahead": sum(desk["ahead"] for desk in desks if desk)}

    async def minutes_later(self) -> None:
        """Slack is asked about people again at the next look, as five minutes later."""
        async with self.database.writing() as conn:
            await conn.execute(delete(slack_pace).where(slack_pace.c.key == "every:groups"))

    async def asked_about_people(self, since: datetime) -> bool:
        """Whether Slack was asked about everybody since then."""
        read = [row.read_at for row in await self.rows(select(person.c.read_at))]
        return bool(read) and all(at is not None and at >= since for at in read)

    async def open_rows(self) -> list[Any]:
        o = outbox_rows
        going = select(o.c.id, o.c.kind, o.c.lane, o.c.state, o.c.doubt, o.c.attempt, o.c.error)
        return await self.rows(going.where(o.c.open.is_(True)).order_by(o.c.id))

    async def quiet(self) -> bool:
        """Nothing is left to deliver and nothing to edit. Raises Stuck when something waits for a person."""
        left = await self.open_rows()
        stuck = [tuple(row) for row in left if row.state in ("parked", "unsure")]
        if stuck:
            raise Stuck(stuck)
        behind = and_(living.c.closed.is_(False), living.c.shown < living.c.wanted, living.c.ts != "")
        return not left and not (await self.rows(select(func.count()).where(behind)))[0][0]

    async def until(self, holds: Callable[[dict[str, Any]], Any], version: str, patience: float) -> bool:
        """Wait until the world is quiet; then whether the facts are as wanted."""
        end = asyncio.get_running_loop().time() + patience
        while True:
            if await self.quiet() and holds(await self.facts(version)):
                return True
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(LOOK)

    async def settles(self, patience: float = 40.0) -> None:
        """Wait until nothing is left to do. Raises Stuck with what still is."""
        end = asyncio.get_running_loop().time() + patience
        while not await self.quiet():
            if asyncio.get_running_loop().time() > end:
                raise Stuck([tuple(row) for row in await self.open_rows()])
            await asyncio.sleep(LOOK)

    def complaints(self) -> list[str]:
        """What the processes logged as errors, and tracebacks that nobody caught."""
        found = []
        for log in sorted(self.nursery.folder.glob("serve-*.log")):
            for line in log.read_text().splitlines():
                with contextlib.suppress(ValueError):
                    entry = json.loads(line)
                    if entry.get("level") in ("error", "critical"):
                        found.append(f"{log.name}: {line[-2000:]}")
                    continue
                if line.strip():
                    found.append(f"{log.name}: {line}")
        return found


@asynccontextmanager
async def world(
    folder: Path, database_url: str, nursery: Path, settings: dict[str, str] | None = None, **slack: Any
) -> AsyncIterator[World]:
    """The first morning: v1.2.2 is in production. `slack` are settings of the workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    product = seed(folder / "product.git").product
    given = SlackSettings(start=START, rate_scale=0.0, pace=0.0)
    database = Database.open(database_url)
    try:
        async with Workspace(replace(given, **slack)) as workspace:
            made = World(
                folder, workspace, product, database_url, database, Nursery(nursery, folder), dict(settings or {})
            )
            await made.adopted()
            yield made
    finally:
        await database.close()


def remote_faults(made: World) -> RemoteFaults:
    return RemoteFaults(made.product.path)


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)


__all__ = ["POLICY", "ROOT", "START", "Stuck", "World", "outbox", "remote_faults", "utc", "world"]
