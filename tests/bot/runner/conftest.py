"""A workshop for commands, and jobs of one step."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.runner.checkout import Checkouts
from bot.runner.commands import Commands, Limits, Told, Workshop, machine_of
from bot.runner.exits import is_alive
from bot.runner.job import Job
from core.domain.pipeline.model import Seen, Step

BEGAN = datetime(2026, 12, 16, 15, 0, tzinfo=UTC)
SHA = "a" * 40


class OneTree:
    """A repository whose every commit has the same files."""

    made = 0

    async def checkout(self, sha: str, folder: Path) -> None:
        folder.mkdir()
        (folder / "README.md").write_text("hello\n")
        script = folder / "plain.sh"
        script.write_text("#!/bin/sh\necho never\n")
        self.made += 1


def job(*command: str, name: str = "one", attempt: int = 1, timeout: int = 60, **more: Any) -> Job:
    step = Step(name, name.title(), "run", command=command, timeout=timeout)
    told = {"sha": SHA, "machine": "", **more}
    return Job(
        run_id=7, number=1, release=1, product="shop", environment="production", kind="deploy", version="1.3.0",
        previous="1.2.0", previous_sha="b" * 40, step=step, attempt=attempt, began=BEGAN, **told,
    )  # fmt: skip


@dataclass(slots=True)
class Bench:
    """Commands of one process; `again` are those of a process that took its place."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=lambda: Limits(grace=0.3))
    known: tuple[str, ...] = ()
    begun: list[tuple[Commands, Job]] = field(default_factory=list)

    def process(self, **more: Any) -> Commands:
        self.folder.mkdir(exist_ok=True)
        runs = self.folder / "runs"
        runs.mkdir(exist_ok=True)
        checkouts = Checkouts(self.folder / "checkouts", OneTree())  # type: ignore[arg-type]
        env = {"PATH": os.environ["PATH"], **self.environment}
        workshop = Workshop(
            runs, machine_of(self.folder), checkouts, env, frozenset({"slack_bot_token"}), self.known, self.limits
        )
        return Commands(workshop, as_written, nothing_named)

    async def ends(self, one: Job, by: Commands | None = None, patience: float = 10.0) -> Seen:
        """Begin it and watch it to its end."""
        by = by or self.process()
        self.begun.append((by, one))
        return await watched(by, one, await by.begin(one), patience)


async def as_written(job: Job, checkout: Path, folder: Path) -> Told:
    return Told(job.step.command)


async def nothing_named(job: Job) -> Sequence[str]:
    return ()


async def watched(by: Commands, one: Job, ref: str, patience: float = 10.0) -> Seen:
    async with asyncio.timeout(patience):
        while (seen := await by.look(one, ref)).state == "running":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await by.until_news(one, ref)
    return seen


async def until(holds: Callable[[], Any], patience: float = 5.0) -> None:
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110  (processes do it)
            await asyncio.sleep(0.01)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path / "data")
    yield made
    for by, one in made.begun:  # nothing of a test outlives it
        ref = by._folder(one).name
        await by.end(one, ref)
        await until(lambda folder=by.workshop.folder / ref: not is_alive(folder))
