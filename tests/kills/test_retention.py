"""What has reached its age is told of and deleted once, although a process dies at each of the places on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from core.store.tables import audit, release, slack_pace
from tests.kills.plays import Worlds
from tests.plugins.databases import BOTH
from tests.policies import simulated_text
from tests.torture.fleet import Fleet, fleet
from tests.torture.outcome import check_sound
from tests.torture.walk import VERSION, did, fills, minor, play
from tests.torture.world import World, utc

TOLD, GONE = utc("2026-12-25T15:00:00+00:00"), utc("2027-01-01T15:00:00+00:00")
TELLS = ("commit.before:retention.tell", "commit.after:retention.tell")
DELETES = tuple(f"commit.{side}:retention.{verb}" for verb in ("expire", "end") for side in ("before", "after"))


def policy_of(folder: Path) -> Path:
    """A release that has ended is kept for a month."""
    path = folder / "policy.toml"
    text = simulated_text().replace("packages_months = 24", "packages_months = 1")
    path.write_text(text.replace("logs_months = 12", "logs_months = 1"), encoding="utf-8")
    return path


async def looks_until(world: World, bots: Fleet, verb: str, wanted: set[str]) -> None:
    """The bot looks every five minutes: as if they had gone by, again and again, until all is done."""
    async with asyncio.timeout(60):
        while wanted - set(bots.fired) or not did(verb)(await world.facts(VERSION)):
            async with world.database.writing() as conn:
                await conn.execute(delete(slack_pace).where(slack_pace.c.key == "every:retention"))
            bots.kill(0)
            await asyncio.sleep(1.5)


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_killed_while_evidence_expires(kind: str, worlds: Worlds, tmp_path: Path) -> None:
    """Told once, deleted once, and what is left verifies."""
    cancelled = fills("Priya", f"cancel {VERSION} the contract fell through", {}, did("cancel"))
    async with worlds(kind, settings={"RELEASE_POLICY": str(policy_of(tmp_path))}) as world:
        async with fleet(world, 1, armed=[*TELLS, *DELETES]) as bots:
            await play(world, [minor()[0], cancelled])
            await world.slack.clock.jump(TOLD)
            await looks_until(world, bots, "retention.told", set(TELLS))
            await world.slack.clock.jump(GONE)
            await looks_until(world, bots, "retention.done", set(DELETES))
            await world.settles()
        assert sorted(bots.fired) == sorted((*TELLS, *DELETES)) and bots.unexpected == []
        entries = await world.rows(select(audit.c.verb).where(audit.c.chain == "retention"))
        assert sorted(row.verb.partition(".")[2] for row in entries) == ["done", "erased", "logs", "told"]
        heard = Counter(m.text for m in world.slack.person("Priya").dm())
        about = [count for text, count in heard.items() if "January" in text and "age" in text]
        assert about and set(about) == {1}, heard
        assert len(await world.rows(select(release.c.id))) == 1, "its own line stays"
        await check_sound(world)
