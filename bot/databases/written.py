"""How many rows came since a restore point: quick, by keys and times alone, for people who have to decide now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.databases.content import Content
from bot.databases.faults import DatabaseFault
from bot.databases.placing import place_of
from bot.databases.point import read_point
from core.domain.policy_pipeline import Database

PATIENCE = 5.0  # seconds; who decides does not wait for a count


async def written_since(
    rules: Database, variables: Mapping[str, str], manifest: Path, patience: float = PATIENCE
) -> int | None:
    """At least so many rows; None where nobody can tell in time. Values that were changed are not seen, so there is no
    0: nothing new is not nothing written."""
    try:
        async with asyncio.timeout(patience):
            return await _counted(rules, variables, manifest) or None
    except (DatabaseFault, TimeoutError):
        return None


async def _counted(rules: Database, variables: Mapping[str, str], manifest: Path) -> int:
    point = await asyncio.to_thread(read_point, manifest)
    engine = place_of(rules, variables, _nobody_hears, environment=point.environment, checkout=manifest.parent).engine
    there = (await engine.shape()).tables
    known = {name: replace(t, digest="?") for name, t in point.content.tables.items() if name in there and t.parts}
    return sum(each.rows for each in await engine.newer(point.content, Content(known)))


def _nobody_hears(line: str) -> None:
    """Nothing of it is for people."""
