"""A minor release that goes out by pipelines of commands, each of which leaves a mark."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from tests.policies import simulated_text
from tests.torture.walk import Step, minor
from tests.torture.world import World

COMMANDS = ("backup", "migrations", "backend", "frontend")
BY_STEPS = r'\n\[signoffs\."day\.(?:backup|migrations|code|smoke)"\](?:\n[^\n]+)+'  # items that other steps meet
PATIENCE = 60.0


def policy_in(folder: Path) -> Path:
    """The shipped policy with commands for its pipelines; the file."""
    text = re.sub(BY_STEPS, "", simulated_text()).replace('"item:day.code"', '"item:verified"')
    text += _pipeline("staging", "try") + '[[deployment.pipelines.production]]\nname = "tag"\nuses = "publish"\n'
    path = folder / "piped.toml"
    path.write_text(text + _pipeline("production", *COMMANDS), encoding="utf-8")
    return path


def _pipeline(environment: str, *names: str) -> str:
    words = "echo {0} begins >> $MARK; sleep 0.15; echo {0} ends | tee -a $MARK"
    return "".join(
        f'\n[[deployment.pipelines.{environment}]]\nname = "{name}"\n'
        f'run = ["/bin/sh", "-c", "{words.format(name)}"]\n\n'
        for name in names
    )


def piped() -> list[Step]:
    """As `minor`; after go it is waited for until nothing is at work in production any more."""
    smooth = minor()
    went = 1 + next(n for n, step in enumerate(smooth) if step.what.endswith(": go"))
    return [*smooth[:went], Step("the run ends", _ends, _done), *smooth[went:]]


def _done(facts: Any) -> bool:
    return (facts.get("run") or {}).get("state") == "done"


async def _ends(world: World) -> None:
    async with asyncio.timeout(PATIENCE):
        while not _done(await world.facts("1.3.0")):  # noqa: ASYNC110  (another process does it)
            await asyncio.sleep(0.1)


def marks_of(world: World) -> list[str]:
    return (world.folder / "marks").read_text().splitlines()


EXPECTED = [f"{name} {what}" for name in ("try", *COMMANDS) for what in ("begins", "ends")]
