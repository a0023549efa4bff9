"""What the bot adds to a pipeline: ten commands of one second each in its hands, against the bare commands."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from bot.app import App, running
from core.domain.pipeline.model import Step
from core.domain.plans.steps import steps_json
from core.store import runs
from core.store.unit_of_work import Unit
from tests.bench.stage import settings_of, stage

AIM = 1.05  # times the bare commands
STEPS = 10


@dataclass(frozen=True, slots=True)
class Work:
    """The commands of one pipeline: each sleeps and says something."""

    seconds: float

    @property
    def command(self) -> tuple[str, ...]:
        return "/bin/sh", "-c", f"echo begins; sleep {self.seconds}; echo ends"

    def bare(self) -> float:
        """One after the other, their output into a file, as a script would do it."""
        began = time.perf_counter()
        for _ in range(STEPS):
            subprocess.run(self.command, stdout=subprocess.DEVNULL, check=True, env=dict(os.environ))
        return time.perf_counter() - began

    async def ours(self, app: App, sha: str) -> float:
        """The same as a run, from the commit that begins it to the one that ends it."""
        steps = steps_json([Step(f"step-{n}", f"Step {n}", "run", command=self.command) for n in range(STEPS)])
        put = {"environment": "integration", "what": "main", "version": "", "sha": sha}
        body: dict[str, Any] = {"sha": sha, "steps": steps, "put": put}
        new = runs.NewRun(app.ctx.product, "integration", None, 1, "deploy", body)
        number: list[int] = []

        async def work(unit: Unit) -> None:
            number.append(await runs.begin(unit, new, app.ctx.clock.now()) or 0)

        began = time.perf_counter()
        await app.ctx.store.unit(work, verb="bench")
        await app.runner.once(60.0 + STEPS * self.seconds)
        took = time.perf_counter() - began
        async with app.ctx.store.database.reader.connect() as conn:
            found = await runs.load(conn, number[-1])
        assert found is not None and found.state == "done", found
        return took


async def pipeline_against_commands(folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Seconds of ten commands, by turns bare and as a run."""
    work, ours, bare = Work(seconds), list[float](), list[float]()
    async with (
        stage(folder / "pipeline", 10, 100) as at,
        running(settings_of(at.env), loops=False, listen=False) as app,
    ):
        await app.settle()
        sha = (await app.ctx.repository.look()).heads["main"]
        await Work(0.01).ours(app, sha)  # the checkout is made once for a commit, and what is imported once
        for _ in range(rounds):
            ours.append(await work.ours(app, sha))
            bare.append(await asyncio.to_thread(work.bare))
    return _figures(seconds, ours, bare)


def _figures(seconds: float, ours: Sequence[float], bare: Sequence[float]) -> dict[str, Any]:
    run, plain = median(ours), median(bare)
    more = (run - plain) / STEPS * 1000
    return {"steps": STEPS, "seconds": seconds, "bot": run, "bare": plain, "ratio": run / plain, "ms_a_step": more}


def show(console: Console, found: dict[str, Any]) -> bool:
    console.print(
        f"a pipeline of {found['steps']} commands of {found['seconds']:g} s: {found['bot']:.2f} s, the bare commands "
        f"{found['bare']:.2f} s = {found['ratio']:.3f} (aim < {AIM}), {found['ms_a_step']:.0f} ms a step"
    )
    return bool(found["ratio"] < AIM)
