"""Runs in the loop: with real commands, with systems that do not answer, and with processes that come and go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.runner import driving, watching
from bot.runner.commands import machine_of
from bot.runner.families import Families
from bot.runner.job import Job
from bot.runner.loop import Runner
from core.domain.parts import RunState
from core.domain.pipeline.model import USES, Seen, Step
from core.domain.plans.steps import steps_json
from core.errors import IntegrationError
from core.store import attempts, runs
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit
from core.usecases import running
from core.usecases.context import Context
from tests.bot.runner.conftest import SHA, Bench, until
from tests.core.usecases.runs import Deployment

DONE = Seen("done", "all well")
RUNS = Seen("running", "at it")
NEVER = Seen("running", "no answer")


@dataclass(slots=True)
class Scripted:
    """An executor that sees what it is told to; `begun` counts what it has begun, by step."""

    looks: dict[str, list[Seen | Exception]] = field(default_factory=dict)
    begins: list[Exception | None] = field(default_factory=list)
    found: str | None = None
    begun: Counter[str] = field(default_factory=Counter)
    ended: list[str] = field(default_factory=list)
    asked: int = 0

    async def find(self, job: Job) -> str | None:
        self.asked += 1
        return self.found

    async def begin(self, job: Job) -> str:
        error = self.begins.pop(0) if self.begins else None
        if error is None or getattr(error, "doubt", False):
            self.begun[job.step.name] += 1
        if error is not None:
            raise error
        return f"ref of {job.key}"

    async def look(self, job: Job, ref: str) -> Seen:
        left = self.looks.get(job.step.name, [DONE])
        seen = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(seen, Exception):
            raise seen
        if seen is NEVER:
            await asyncio.sleep(60)
        return seen

    async def end(self, job: Job, ref: str) -> None:
        self.ended.append(job.step.name)

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        return []


@dataclass(slots=True)
class Scene:
    """A run without a release, and the processes that carry it out."""

    database: Database
    ctx: Context
    bench: Bench
    executor: Any
    run_id: int = 0

    def process(self, name: str) -> Runner:
        store = Store(self.database, name)
        ctx = Context(store, self.ctx.reads, self.ctx.clock, self.ctx.repository, self.ctx.product)
        executor = self.executor or self.bench.process()
        return Runner(ctx, Families(dict.fromkeys(USES, executor)), machine_of(self.bench.folder))

    async def begins(self, *steps: Step) -> None:
        put = {"environment": "integration", "what": "develop", "version": "", "sha": SHA}
        body = {"sha": SHA, "steps": steps_json(steps), "put": put}
        new = runs.NewRun(self.ctx.product, "integration", None, 1, "deploy", body)

        async def work(unit: Unit) -> None:
            self.run_id = await runs.begin(unit, new, self.ctx.clock.now()) or 0

        await self.ctx.store.unit(work, verb="test")

    async def state(self) -> str:
        async with self.database.reader.connect() as conn:
            found = await runs.load(conn, self.run_id)
        assert found is not None
        return found.state

    async def tried(self) -> list[tuple[str, int, str]]:
        async with self.database.reader.connect() as conn:
            return sorted((a.step, a.number, str(a.state)) for a in await attempts.of_run(conn, self.run_id))

    async def reasons(self) -> list[str]:
        async with self.database.reader.connect() as conn:
            return [a.reason for a in await attempts.of_run(conn, self.run_id)]

    async def dies(self, runner: Runner) -> None:
        """kill -9: nothing is given back; a tick later its claims are free."""
        for task in list(runner._running):
            task.cancel()
        await asyncio.sleep(0)

        async def work(unit: Unit) -> None:
            await runs.free_claims_of(unit, [runner.ctx.store.process])

        await self.ctx.store.unit(work, verb="test")


@pytest.fixture
def database_kind() -> str:
    """What the loop asks of the store is proven on both (tests/core/store, tests/core/usecases, tests/kills)."""
    return "sqlite"


@pytest.fixture
async def scene(store: Store, bench: Bench) -> Scene:
    bench.folder.mkdir()
    return Scene(store.database, (await Deployment.of(store)).ctx, bench, Scripted())


def shell(name: str, words: str, **more: Any) -> Step:
    return Step(name, name.title(), "run", command=("/bin/sh", "-c", words), **more)


def remote(name: str, **more: Any) -> Step:
    return Step(name, name.title(), "deploy", service="backend", **more)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems that do not answer are asked again soon."""
    monkeypatch.setattr(watching, "AGAIN", 0.01)
    monkeypatch.setattr(watching, "SLACK", 0.0)
    monkeypatch.setattr(watching, "TO_END", 0.2)


# --- commands ---------------------------------------------------------------------------------------------------------


async def test_a_run_of_commands_to_its_end(scene: Scene) -> None:
    scene.executor = None
    await scene.begins(shell("one", "echo first; echo second"), shell("two", "true"), shell("three", "echo third"))
    runner = scene.process("a")
    assert await runner.once(20.0) == 4  # each step begins with the end of the one before
    assert await scene.state() == "done"
    assert await scene.tried() == [("one", 1, "done"), ("three", 1, "done"), ("two", 1, "done")]
    assert await running.log_of(runner.ctx, scene.run_id, "one", 1) == [(0, "first\nsecond\n")]
    assert await running.log_of(runner.ctx, scene.run_id, "two", 1) == []
    assert await runner.once(1.0) == 0


async def test_another_process_goes_on_with_a_command_that_never_noticed(scene: Scene) -> None:
    scene.executor, mark = None, scene.bench.folder / "mark"
    scene.bench.environment = {"MARK": str(mark)}
    await scene.begins(shell("one", "echo one >> $MARK; sleep 0.6"), shell("two", "echo two >> $MARK"))
    first = scene.process("a")
    await first.claim()
    await until(mark.exists)
    await scene.dies(first)
    assert await scene.process("b").once(20.0) == 2
    assert (await scene.state(), mark.read_text()) == ("done", "one\ntwo\n")


async def test_a_clean_stop_lets_the_run_go_and_the_command_be(scene: Scene) -> None:
    scene.executor, mark = None, scene.bench.folder / "mark"
    scene.bench.environment = {"MARK": str(mark)}
    await scene.begins(shell("one", "echo one >> $MARK; sleep 0.6; echo end >> $MARK"))
    first = scene.process("a")
    await first.claim()
    await until(mark.exists)
    await first.drain(5.0)
    assert await first.claim() == 0
    assert await scene.process("b").once(20.0) == 1
    assert (await scene.state(), mark.read_text()) == ("done", "one\nend\n")


async def test_a_step_is_ended_at_once_by_a_person_unless_nobody_may(scene: Scene) -> None:
    scene.executor, mark = None, scene.bench.folder / "mark"
    scene.bench.environment = {"MARK": str(mark)}

    async def asks(name: str) -> None:
        await until(lambda: mark.exists() and name in mark.read_text())
        await runner.ctx.store.unit(lambda unit: runs.ask_to_stop(unit, scene.run_id, name), verb="test")

    hangs = shell("hangs", "echo hangs >> $MARK; sleep 60; echo late >> $MARK", retries=2, repeatable=True)
    await scene.begins(hangs, shell("after", "echo after >> $MARK"))
    runner = scene.process("a")
    await asyncio.gather(runner.once(10.0), asks("hangs"))
    assert (await scene.state(), await scene.tried()) == ("failed", [("hangs", 1, "failed")])
    assert (await scene.reasons(), mark.read_text()) == (["it was stopped by a person"], "hangs\n")
    mark.unlink()
    await scene.begins(shell("kept", "echo kept >> $MARK; sleep 0.4; echo end >> $MARK", never_stop=True))
    await asyncio.gather(runner.once(10.0), asks("kept"))
    assert (await scene.tried(), mark.read_text()) == ([("kept", 1, "done")], "kept\nend\n")


# --- systems ----------------------------------------------------------------------------------------------------------


def away(doubt: bool = False) -> IntegrationError:
    return IntegrationError("render", "Render does not answer.", retryable=True, doubt=doubt)


async def test_what_may_have_been_asked_for_is_looked_for_before_it_is_asked_again(scene: Scene) -> None:
    scene.executor.begins = [away(), away(doubt=True)]
    scene.executor.found = "theirs"
    await scene.begins(remote("backend"))
    await scene.process("a").once(5.0)
    assert (await scene.state(), scene.executor.asked, scene.executor.begun["backend"]) == ("done", 1, 1)


async def test_a_host_that_stops_answering_is_asked_until_the_time_is_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "ANSWER", 0.05)
    scene.executor.looks["backend"] = [RUNS, away(), NEVER, RUNS, away(), DONE]
    await scene.begins(remote("backend"))
    await scene.process("a").once(5.0)
    assert await scene.state() == "done"
    scene.executor.looks["backend"] = [away()]
    await scene.begins(remote("backend", timeout=0))
    await scene.process("a").once(5.0)
    assert await scene.tried() == [("backend", 1, "unknown")]
    assert await scene.reasons() == ["no answer within 0 s: Render does not answer."]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (IntegrationError("render", "No such commit.", retryable=False), "failed"),
        (IntegrationError("render", "Half of it.", retryable=False, doubt=True), "unknown"),
        (KeyError("id"), "unknown"),  # a fault of ours: nobody knows what it did, and people hear of it
    ],
)
async def test_what_fails_for_good_ends_the_step(scene: Scene, error: Exception, state: str) -> None:
    scene.executor.begins = [error]
    await scene.begins(remote("backend"), remote("frontend"))
    await scene.process("a").once(5.0)
    assert (await scene.state(), await scene.tried()) == ("failed", [("backend", 1, state)])


async def test_too_long(scene: Scene) -> None:
    """Told to end, it ends; or it does not, and nobody pretends to know."""
    scene.executor.looks["backend"] = [RUNS, RUNS, Seen("failed", reason="cancelled")]
    await scene.begins(remote("backend", timeout=0))
    await scene.process("a").once(5.0)
    assert (await scene.tried(), scene.executor.ended) == ([("backend", 1, "failed")], ["backend"])
    assert await scene.reasons() == ["it took longer than 0 s: cancelled"]
    scene.executor.looks["backend"] = [RUNS]
    await scene.begins(remote("backend", timeout=0))
    await scene.process("a").once(5.0)
    assert await scene.tried() == [("backend", 1, "unknown")]
    assert await scene.reasons() == ["it took longer than 0 s; it did not end when it was told to"]


# --- processes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "repeatable", "tried", "begun"),
    [
        ("theirs", False, [("backend", 1, "done")], 1),  # it was begun: its work is watched
        ("", False, [("backend", 1, "done")], 2),  # surely not
        (None, False, [("backend", 1, "unknown")], 1),  # nobody can tell: a person
        (None, True, [("backend", 1, "unknown"), ("backend", 2, "done")], 2),
    ],
)
async def test_killed_between_asking_and_remembering(
    scene: Scene, found: str | None, repeatable: bool, tried: list[tuple[str, int, str]], begun: int
) -> None:
    async def killed(job: Job) -> str:
        await scene.executor.begin(job)
        await asyncio.sleep(60)
        return ""

    first_executor = _With(scene.executor, killed)
    await scene.begins(remote("backend", repeatable=repeatable))
    first = scene.process("a")
    first.families = Families({"deploy": first_executor})
    await first.claim()
    await until(lambda: scene.executor.begun["backend"])
    await scene.dies(first)
    scene.executor.found = found
    second = scene.process("b")
    await second.once(5.0)
    assert (await scene.tried(), scene.executor.begun["backend"]) == (tried, begun)


async def test_a_process_that_was_frozen_changes_nothing_any_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease ran out and another one has the run: it stops where it is."""
    monkeypatch.setattr(driving, "RENEW", 0.05)
    scene.executor.looks["backend"] = [RUNS]
    await scene.begins(remote("backend"), remote("frontend"))
    frozen = scene.process("a")
    await frozen.claim()
    await until(lambda: scene.executor.begun["backend"])

    async def work(unit: Unit) -> None:
        await runs.free_claims_of(unit, ["a"])

    await scene.ctx.store.unit(work, verb="test")
    other = scene.process("b")
    await other.claim()
    await until(lambda: not frozen._running)
    scene.executor.looks["backend"] = [DONE]
    await other.once(5.0)
    assert (await scene.state(), dict(scene.executor.begun)) == ("done", {"backend": 1, "frontend": 1})


async def test_a_retried_go_takes_nothing_of_the_old_run(store: Store, bench: Bench) -> None:
    """It stopped at its backup; the next run does also what had gone well before."""
    d = await Deployment.of(store)
    assert await d.begin() == "begun"
    executor = Scripted({"backup": [Seen("failed", reason="no room"), DONE]})
    runner = Runner(d.ctx, Families(dict.fromkeys(USES, executor)), "m1")
    await runner.once(5.0)
    assert ((await d.run()).state, (await d.states())["backup"]) == (RunState.WAITING, "failed")
    assert (executor.begun["checks"], executor.begun["migrations"]) == (1, 0)
    await d.save(runs=(*(await d.release()).runs, d.new(await d.release())))
    assert await d.begin() == "begun"
    assert await runner.once(5.0) > 0
    assert ((await d.run()).state, (await d.run()).id) == (RunState.DONE, 2)
    assert (executor.begun["checks"], executor.begun["backup"], executor.begun["migrations"]) == (2, 2, 1)


@dataclass(slots=True)
class _With:
    """An executor with another beginning."""

    rest: Any
    begin: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rest, name)
