"""SIGKILL of a real `release-bot serve` in the middle of a pipeline: every step is done once, and the run ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from core.domain.pipeline.model import Step
from core.domain.plans.steps import steps_json
from core.store import attempts, runs
from core.store.runs import StoredRun
from core.store.unit_of_work import Store, Unit
from tests.kills.piped import EXPECTED, marks_of, piped, policy_in
from tests.kills.plays import Played, Worlds, assert_same, reached_in, whole_play
from tests.kills.test_random import reaper
from tests.plugins.databases import BOTH
from tests.torture.fleet import Fleet, fleet
from tests.torture.outcome import check_sound, outcome_of
from tests.torture.walk import play
from tests.torture.world import START, World, utc

Tells = Callable[..., None]
PLACES = (  # between which the state lies
    "run.claimed", "commit.before:run.start", "commit.after:run.start", "step.spawned", "commit.after:run.note",
    "step.exited", "commit.before:run.end", "commit.after:run.end",
)  # fmt: skip
MOST = 45.0  # seconds of one run, however often its process is killed


@dataclass(slots=True)
class Pipeline:
    """Runs of commands that each append their names to a file, before and after a little work."""

    world: World
    steps: int
    seconds: float
    begun: list[int] = field(default_factory=list)

    @property
    def mark(self) -> Path:
        return self.world.folder / "marks"

    def _step(self, number: int, run: int) -> Step:
        words = f"echo {run}.{number} begins | tee -a $MARK; sleep {self.seconds}; echo {run}.{number} ends >> $MARK"
        return Step(f"step-{number}", f"Step {number}", "run", command=("/bin/sh", "-c", words))

    async def begins(self) -> int:
        store, at = Store(self.world.database, "test"), len(self.begun)
        sha = self.world.product.commit_of("refs/heads/main")
        put = {"environment": "integration", "what": "main", "version": "", "sha": sha}
        steps = steps_json([self._step(number, at) for number in range(self.steps)])
        new = runs.NewRun("asset-anchor", "integration", None, 1, "deploy", {"sha": sha, "steps": steps, "put": put})

        async def work(unit: Unit) -> int:
            return await runs.begin(unit, new, utc(START)) or 0

        self.begun.append(await store.unit(work, verb="test"))
        return self.begun[-1]

    async def stored(self, run: int) -> StoredRun:
        async with self.world.database.reader.connect() as conn:
            found = await runs.load(conn, run)
        assert found is not None
        return found

    async def ends(self, run: int) -> None:
        async with asyncio.timeout(MOST):
            while (await self.stored(run)).ended_at is None:  # noqa: ASYNC110  (another process ends it)
                await asyncio.sleep(0.05)

    async def check(self) -> None:
        """Each step of each run began once and ended once, in their order, and the store knows it."""
        wanted = [
            f"{run}.{step} {what}" for run in range(len(self.begun)) for step in range(self.steps)
            for what in ("begins", "ends")
        ]  # fmt: skip
        assert self.mark.read_text().splitlines() == wanted
        for run in self.begun:
            assert (await self.stored(run)).state == "done"
            async with self.world.database.reader.connect() as conn:
                tried = [(a.number, str(a.state)) for a in await attempts.of_run(conn, run)]
                logs = [len(await attempts.log_of(conn, run, f"step-{n}", 1)) for n in range(self.steps)]
            assert tried == [(1, "done")] * self.steps
            assert logs == [1] * self.steps


def _pipeline(world: World, steps: int, seconds: float) -> Pipeline:
    made = Pipeline(world, steps, seconds)
    world.settings["MARK"] = str(made.mark)
    return made


async def _killed_at(world: World, places: Sequence[str], steps: int, visit: int = 1) -> Fleet:
    made = _pipeline(world, steps, 0.05)
    run = await made.begins()
    async with fleet(world, 1, armed=list(places), visit=visit) as bots:
        await made.ends(run)
    await made.check()
    assert bots.unexpected == []
    assert world.complaints() == []
    return bots


@pytest.mark.parametrize("kind", BOTH)
async def test_killed_in_a_pipeline(kind: str, worlds: Worlds, tells: Tells) -> None:
    places = ("step.spawned", "step.exited") if kind == "sqlite" else ("run.claimed",)
    async with worlds(kind) as world:
        bots = await _killed_at(world, places, steps=3)
    tells(database=kind, kills=bots.deaths)
    assert sorted(bots.fired) == sorted(places)


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_killed_at_every_boundary_of_a_pipeline(kind: str, worlds: Worlds, tells: Tells) -> None:
    """Each place, at its first, second and third visit of a process, at whatever step that is."""
    deaths, fired = 0, set[str]()
    for visit in (1, 2, 3):
        async with worlds(kind) as world:
            bots = await _killed_at(world, PLACES, steps=20, visit=visit)
        deaths, fired = deaths + bots.deaths, fired | set(bots.fired)
    tells(database=kind, places=len(fired), kills=deaths)
    assert fired == set(PLACES)


@pytest.mark.torture
@pytest.mark.parametrize("kind", BOTH)
async def test_killed_at_random_moments_of_pipelines(kind: str, worlds: Worlds, dice: int, tells: Tells) -> None:
    """A hundred kills over whole pipelines; how long a run lies until the next process has it."""
    random, kills, lay = Random(dice), 0, []
    async with worlds(kind) as world:
        made = _pipeline(world, 10, 0.1)
        async with fleet(world, 1) as bots:
            while kills < 100:
                run = await made.begins()
                ending = asyncio.create_task(made.ends(run))
                while not ending.done() and kills < 100:
                    await asyncio.wait([ending], timeout=random.uniform(0.02, 0.9))
                    if not ending.done() and bots.kill(0):
                        kills += 1
                        lay.append(await _until_taken(made, bots, run))
                await ending
            await world.settles()
        await made.check()
        assert bots.unexpected == []
    lay.sort()
    taken = {"taken_after": f"{lay[50]:.2f} s", "longest": f"{lay[-1]:.2f} s"}
    tells(seed=dice, database=kind, runs=len(made.begun), kills=kills, **taken)


async def _until_taken(made: Pipeline, bots: Fleet, run: int) -> float:
    """Seconds between the restart (the process listens) and its claim of the run; 0 where that came first."""
    loop, before = asyncio.get_running_loop(), (await made.stored(run)).owner
    listens = 0.0
    async with asyncio.timeout(MOST):
        while True:
            there = await made.stored(run)
            if not listens and bots.living:
                listens = loop.time()
            if there.ended_at is not None or there.owner not in ("", before):
                return loop.time() - listens if listens else 0.0
            await asyncio.sleep(0.01)


# --- of a release -----------------------------------------------------------------------------------------------------


async def _release(worlds: Worlds, kind: str, folder: Path, armed: Sequence[str] = (), visit: int = 1) -> Played:
    """A whole minor by its pipelines; each command has run once and in its turn."""
    policy = policy_in(folder)
    async with worlds(kind, settings={"RELEASE_POLICY": str(policy)}) as world:
        world.settings["MARK"] = str(world.folder / "marks")
        played = await whole_play(world, piped(), 1, armed, visit)
        assert marks_of(world) == EXPECTED
    return played


@pytest.mark.torture
@pytest.mark.postgres
async def test_a_release_whose_pipelines_are_killed_comes_to_the_same_end(
    worlds: Worlds, tmp_path: Path, tells: Tells
) -> None:
    """On both databases, at each place in turn and at its later visits; the messages are those of a quiet release."""
    quiet, deaths = await _release(worlds, "sqlite", tmp_path), 0
    for kind in ("sqlite", "postgres"):
        for visit in (1, 2, 4):
            played = await _release(worlds, kind, tmp_path, PLACES, visit)
            assert_same(played, quiet)
            deaths += played.deaths
    tells(kills=deaths, plays=7)
    assert deaths >= 2 * len(PLACES)


@pytest.mark.torture
async def test_a_hundred_random_kills_while_releases_go_out_by_pipelines(
    worlds: Worlds, tmp_path: Path, dice: int, tells: Tells
) -> None:
    """Over whole releases, as many as it takes; each comes to the end of a quiet one, and each command ran once."""
    random, quiet, kills, plays = Random(dice), await _release(worlds, "sqlite", tmp_path), 0, 0
    while kills < 100:
        async with worlds("sqlite", settings={"RELEASE_POLICY": str(policy_in(tmp_path))}) as world:
            world.settings["MARK"] = str(world.folder / "marks")
            async with fleet(world, 1) as bots:
                async with reaper(bots, random, 100 - kills) as death:
                    await play(world, piped())
                await world.settles()
            await check_sound(world)
            assert (bots.unexpected, marks_of(world)) == ([], EXPECTED)
            played = Played(await outcome_of(world), reached_in(world.nursery.folder), (), bots.deaths)
        assert_same(played, quiet)
        kills, plays = kills + death.kills, plays + 1
    tells(seed=dice, plays=plays, kills=kills)
