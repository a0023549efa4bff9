"""Whether a job of CI may deploy is answered from the same record as everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.parts import RunState
from core.domain.product import Environment, Kept, Lock
from core.store import environments, products
from core.store.unit_of_work import Store, Unit
from core.usecases.protecting import Verdict, verdict
from tests.core.domain.world import PRIYA, START
from tests.core.usecases.runs import Deployment

SHIPS, OTHER = "c" * 40, "d" * 40


@pytest.fixture
async def d(store: Store) -> Deployment:
    return await Deployment.of(store)


async def place(d: Deployment, **values: object) -> None:
    async def work(unit: Unit) -> None:
        await environments.put(unit, d.ctx.product, Environment("production", **values))  # type: ignore[arg-type]

    await d.unit(work)


async def test_a_run_of_ours_there_with_this_commit_is_the_permission(d: Deployment) -> None:
    assert await verdict(d.ctx, "production", SHIPS) == Verdict(True, "run", "1.3.0", PRIYA)
    assert await verdict(d.ctx, "production", OTHER) == Verdict(False, "unknown")
    assert await verdict(d.ctx, "production", "") == Verdict(False, "unknown")
    assert not (await verdict(d.ctx, "staging", OTHER)).allowed
    assert await verdict(d.ctx, "integration", OTHER) == Verdict(True, "free")
    await place(d, lock=Lock(9, "1.2.9", PRIYA, START, "rolled back", True))
    assert (await verdict(d.ctx, "production", SHIPS)).said == "run", "the lock is its own"
    assert await verdict(d.ctx, "production", OTHER) == Verdict(False, "locked", "1.2.9", PRIYA)


async def test_what_ran_is_no_permission_and_a_lock_keeps_others_out(d: Deployment) -> None:
    release = await d.release()
    over = replace(release.runs[0], state=RunState.DONE, ended_at=START)
    await d.save(runs=(over,), promotion_sha="")
    assert (await verdict(d.ctx, "production", SHIPS)).said == "unknown", "that run has ended"
    await place(d, version="1.3.0", sha=SHIPS)
    assert await verdict(d.ctx, "production", SHIPS) == Verdict(True, "there", "1.3.0")

    async def locked(unit: Unit, until: timedelta) -> None:
        record = await products.load(unit.conn, d.ctx.product)
        kept = Kept(PRIYA, START, "the load test runs", d.ctx.clock.now() + until)
        await products.put(unit, replace(record, kept={"production": kept}))

    await d.unit(lambda unit: locked(unit, timedelta(hours=1)))
    assert (await verdict(d.ctx, "production", SHIPS)).said == "locked"
    await d.unit(lambda unit: locked(unit, -timedelta(hours=1)))
    assert (await verdict(d.ctx, "production", SHIPS)).said == "there", "its time is over"
