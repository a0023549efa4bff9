"""Follow a run in a terminal: one line when a step begins or ends, until it has ended or waits for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.app import App
from bot.cli.frame import say
from bot.integrations.bounded import plain
from core.domain.pipeline.model import Attempt, Step, StepState
from core.store import attempts, runs
from core.store.runs import StoredRun

LONGEST = 1000  # letters of a reason
LOOK = 0.3  # seconds between two looks at the store
MARKS = {
    StepState.RUNNING: "...", StepState.WAITING: "...", StepState.DONE: "ok ", StepState.SKIPPED: "-  ",
    StepState.FAILED: "FAIL", StepState.UNKNOWN: "?  ", StepState.STOPPED: "stop",
}  # fmt: skip


async def followed(app: App, run_id: int, service: str = "") -> tuple[StoredRun, tuple[Attempt, ...]]:
    """The run as it stands when it has ended or waits for a person, or when the steps of one service are over.

    Where no `release-bot serve` is at work, this process carries it on.
    """
    told: set[str] = set()
    while True:
        await app.settle(LOOK)
        async with app.ctx.store.database.reader.connect() as conn:
            run, tried = await runs.load(conn, run_id), await attempts.of_run(conn, run_id)
        assert run is not None  # rows of runs are never deleted
        for line in lines_of(run.steps, tried):
            if line not in told:
                told.add(line)
                say(line)
        if run.state != "running" or (service and served(run.steps, tried, service)):
            return run, tried
        await asyncio.sleep(LOOK)


async def standing(app: App, environment: str) -> StoredRun | None:
    """The run that is at work in an environment, or waits for a person there."""
    async with app.ctx.store.database.reader.connect() as conn:
        return await runs.open_run(conn, app.ctx.product, environment)


def lines_of(steps: Sequence[Step], tried: Sequence[Attempt]) -> list[str]:
    """A line for each attempt, in the order of the plan."""
    return [
        _line(step.title, one)
        for step in steps
        for one in sorted(tried, key=lambda one: one.number)
        if one.step == step.name
    ]


def _line(title: str, one: Attempt) -> str:
    again = f", attempt {one.number}" if one.number > 1 else ""
    took = ""
    if one.ended_at is not None:
        took = f" · {round((one.ended_at - one.started_at).total_seconds())} s"
    why = f": {plain(one.reason, LONGEST)}" if one.reason else ""  # the words of a command, which may steer a terminal
    return f"{MARKS.get(one.state, '   '):4} {plain(title)}{again}{took}{why}"


def served(steps: Sequence[Step], tried: Sequence[Attempt], service: str) -> bool:
    """Whether every step of this service has done its work."""
    mine = [step.name for step in steps if step.service == service]
    over = {one.step for one in tried if one.state in (StepState.DONE, StepState.SKIPPED)}
    return bool(mine) and set(mine) <= over
