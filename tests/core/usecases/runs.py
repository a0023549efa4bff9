"""A release in deployment whose run is done by a pipeline, for the tests of what begins and does runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.moves.running import deploy_effect, new_run
from core.domain.parts import RunState
from core.domain.pipeline.model import Seen
from core.domain.pipeline.progress import Look, Start
from core.domain.release import Phase, Release, ReleaseType, Run
from core.domain.situation import Act, Situation
from core.store import attempts, releases, runs
from core.store.reads import Reads
from core.store.runs import StoredRun
from core.store.unit_of_work import Store, Unit, release_chain
from core.usecases import launching, running
from core.usecases.advance import chains_of
from core.usecases.context import Context
from core.usecases.running import Going
from tests.core.domain.pipeline.test_stories import shipped
from tests.core.domain.world import PRIYA, START

FOUND = Seen("done", line="all well", found={"count": 3})


@dataclass
class Deployment:
    """`number` is the release; its newest run in production has the steps of the shipped policy."""

    ctx: Context
    number: int = 0

    @classmethod
    async def of(cls, store: Store) -> Deployment:
        clock = HandClock(START)
        await bring_in(store, clock, shipped())
        found = cls(Context(store, Reads(store.database), clock, None, shipped().product.key))  # type: ignore[arg-type]
        await found.unit(found._stored)
        return found

    async def unit(self, work: Callable[[Unit], Awaitable[Any]]) -> Any:
        ids = [self.number] if self.number else []
        return await self.ctx.store.unit(work, verb="test", chains=chains_of(self.ctx, *ids))

    async def _stored(self, unit: Unit) -> None:
        release = Release(
            0, self.ctx.product, "1.3.0", ReleaseType.MINOR, Phase.DEPLOYMENT, 5, shipped().hash, PRIYA, START, PRIYA,
            "v1.2.2", "a" * 40, "release/1.3.0", promotion_sha="c" * 40,
        )  # fmt: skip
        release = replace(release, runs=(self.new(release),))
        stored = await releases.add(unit, release)
        await unit.audit(release_chain(stored.id), PRIYA, "go", shipped().hash, {}, START)
        await releases.save(unit, stored, facts={}, wake_at=None)
        self.number = stored.id

    def new(self, release: Release, kind: Any = "deploy") -> Run:
        s = Situation(release, shipped(), START)
        return new_run(s, "production", kind, Act(PRIYA, "go"), sha="c" * 40)

    async def release(self) -> Release:
        async with self.ctx.store.database.reader.connect() as conn:
            return await releases.load(conn, self.number)

    async def run(self) -> Run:
        run = (await self.release()).run()
        assert run is not None
        return run

    async def save(self, **values: Any) -> None:
        """The release becomes another one."""

        async def work(unit: Unit) -> None:
            release = await releases.load(unit.conn, self.number)
            await unit.audit(release_chain(self.number), PRIYA, "test", shipped().hash, {}, START)
            await releases.save(unit, replace(release, **values), facts={}, wake_at=None)

        await self.unit(work)

    async def change(self, **values: Any) -> None:
        """The newest run becomes another one, as a person's act would make it."""
        done = (await self.release()).runs
        await self.save(runs=(*done[:-1], replace(done[-1], **values)))

    async def begin(self) -> str:
        release = await self.release()
        body = deploy_effect(Situation(release, shipped(), START), release.runs[-1]).body
        if not await launching.way_is_clear(self.ctx, self.number, body):
            return "busy"
        return str(await self.unit(lambda unit: launching.begin(self.ctx, unit, self.number, body)))

    async def say(self, word: str, **more: str) -> str:
        body = {"run": (await self.run()).id, "word": word, "by": PRIYA, **more}
        return str(await self.unit(lambda unit: launching.said(self.ctx, unit, self.number, body)))

    async def stored(self, number: int = 1) -> StoredRun:
        async with self.ctx.store.database.reader.connect() as conn:
            run = await runs.of_release(conn, self.number, number)
        assert run is not None
        return run

    async def tried(self) -> list[tuple[str, int, str]]:
        """Step, number and state of all attempts of the first run."""
        found = await self.stored()
        async with self.ctx.store.database.reader.connect() as conn:
            return sorted((a.step, a.number, str(a.state)) for a in await attempts.of_run(conn, found.id))

    async def taken(self) -> Going:
        (going,) = await running.taken(self.ctx)
        return going

    async def at(self, step: str) -> Going:
        """The newest run, with everything done before this step, which has just begun."""
        going = await self.taken()
        if isinstance(going.next, Start):
            going = await running.started(self.ctx, going)
        while isinstance(going.next, Look) and going.next.step.name != step:
            going = await running.ended(self.ctx, going, FOUND)
        assert isinstance(going.next, Look), going.next
        return going

    async def states(self) -> dict[str, str]:
        return {x.name: x.state.value for x in (await self.run()).steps}


WAITS = RunState.WAITING
