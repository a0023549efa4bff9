"""A run goes step by step, each told to its release in the unit that stores it; a killed one goes on."""

from __future__ import annotations

import pytest

from core.domain.parts import RunState
from core.domain.pipeline.model import Seen
from core.domain.pipeline.progress import Ended, Look, Start
from core.domain.release import Hold, Phase
from core.store import runs
from core.store.outbox import LeaseLost
from core.store.unit_of_work import Store, Unit
from core.usecases import running
from core.usecases.context import Context
from tests.core.domain.world import PRIYA, START
from tests.core.usecases.runs import FOUND, WAITS, Deployment


@pytest.fixture
async def d(store: Store) -> Deployment:
    found = await Deployment.of(store)
    assert await found.begin() == "begun"
    return found


def other(d: Deployment) -> Context:
    """The same for another process."""
    store = Store(d.ctx.store.database, "another")
    return Context(store, d.ctx.reads, d.ctx.clock, d.ctx.repository, d.ctx.product)


async def test_steps_go_one_after_the_other_and_the_release_hears_of_each(d: Deployment) -> None:
    going = await d.taken()
    assert isinstance(going.next, Start) and going.next.step.name == "tag" and await running.taken(d.ctx) == []
    going = await running.started(d.ctx, going, machine="m1")
    assert isinstance(going.next, Look) and going.fresh and (await d.states())["tag"] == "running"
    await running.noted(d.ctx, going, ref="folder-1", line="pushing")
    await running.logged(d.ctx, going, 0, "pushing\n")
    await running.logged(d.ctx, going, 0, "pushing\n")
    seen = await running.standing(d.ctx, d.number, 1)
    assert seen and (newest := seen.newest("tag")) and (newest.ref, newest.line) == ("folder-1", "pushing")
    assert await running.log_of(d.ctx, seen.run.id, "tag", 1) == [(0, "pushing\n")]
    going = await running.ended(d.ctx, going, Seen("skipped"))
    assert isinstance(going.next, Look) and going.next.step.name == "checks" and going.fresh
    assert {"tag": "skipped", "checks": "running"}.items() <= (await d.states()).items()
    while isinstance(going.next, Look):
        going = await running.ended(d.ctx, going, FOUND)
    run = await d.run()
    assert going.next == Ended("done") and run.state is RunState.DONE and (await d.stored()).state == "done"
    assert {x.name for x in run.done} == {"backup", "migrations", "code", "smoke tests"}
    assert {x.name: x.found for x in run.steps}["smoke"] == {"count": 3}
    assert await running.taken(d.ctx) == []


async def test_a_failed_step_leaves_the_run_waiting_and_holds_nothing_else_up(d: Deployment) -> None:
    going = await d.at("migrations")
    going = await running.ended(d.ctx, going, Seen("failed", line="ERROR", reason="no such table", rc=1))
    assert going.next == Ended("failed", "migrations", "no such table")
    run, stored = await d.run(), await d.stored()
    assert (run.state, run.reason) == (WAITS, "Database migrations: no such table") and run.changed
    assert (stored.state, stored.owner, stored.ended_at) == ("waiting", "", None)
    assert await running.taken(d.ctx) == []
    with pytest.raises(LeaseLost):
        await running.ended(d.ctx, going, FOUND)


async def test_a_repeatable_step_is_tried_again_before_anybody_is_asked(d: Deployment) -> None:
    going = await d.at("smoke")
    going = await running.ended(d.ctx, going, Seen("failed", reason="502"))
    assert isinstance(going.next, Look) and going.next.attempt.number == 2 and going.fresh
    step = next(x for x in (await d.run()).steps if x.name == "smoke")
    assert (step.state, step.reason) == ("running", "502")
    await running.ended(d.ctx, going, Seen("failed", reason="503"))
    assert (await d.run()).state is WAITS and (await d.tried())[-2:] == [("tag", 1, "done"), ("verify", 1, "done")]


async def test_whoever_takes_a_run_over_finds_the_attempt_that_was_under_way(d: Deployment) -> None:
    mine = await d.at("backup")
    async with d.ctx.store.database.reader.connect() as conn:
        assert not await runs.any_due(conn)

    async def dead(unit: Unit) -> int:
        return await runs.free_claims_of(unit, [d.ctx.store.process])

    assert await d.unit(dead) == 1
    (theirs,) = await running.taken(other(d))
    assert isinstance(theirs.next, Look) and theirs.next.attempt.step == "backup" and not theirs.fresh
    with pytest.raises(LeaseLost):
        await running.ended(d.ctx, mine, FOUND)
    assert (await d.states())["backup"] == "running", "what a frozen process says changes nothing"
    after = await running.ended(other(d), theirs, Seen("unknown", reason="the machine is gone"))
    assert isinstance(after.next, Ended) and after.next.state == "unknown"
    run = await d.run()
    assert run.state is WAITS and "nobody can tell what it did: the machine is gone" in run.reason and not run.changed


async def test_a_stop_that_comes_first_wins_also_before_it_has_reached_the_run(d: Deployment) -> None:
    going = await d.at("backend")
    await d.change(stop_asked=True)
    going = await running.ended(d.ctx, going, FOUND)
    assert going.next == Ended("stopped", "monitor", "stopped by a person")
    assert {"backend": "done", "monitor": "stopped"}.items() <= (await d.states()).items()
    assert (await d.run()).state is WAITS
    assert not any(name == "monitor" for name, _, _ in await d.tried())


async def test_on_hold_nothing_begins_and_nothing_is_lost(d: Deployment) -> None:
    going = await d.at("backup")
    await d.save(hold=Hold(PRIYA, START, "the bank calls"))
    going = await running.ended(d.ctx, going, FOUND)
    assert going.held and isinstance(going.next, Start) and (await d.states())["backup"] == "done"
    await d.save(hold=None)
    await d.unit(lambda unit: runs.free_claims_of(unit, [""]))
    assert isinstance((await running.started(d.ctx, await d.taken())).next, Look)


async def test_after_an_abort_nothing_begins_although_the_word_is_still_on_its_way(d: Deployment) -> None:
    going = await d.at("backup")
    await d.change(state=RunState.FAILED)
    await d.save(phase=Phase.PREPARATION)
    going = await running.ended(d.ctx, going, FOUND)
    assert going.next == Ended("stopped", "migrations", "stopped by a person")
    assert not any(name == "migrations" for name, _, _ in await d.tried())
    assert (await d.stored()).ended_at is not None, "the environment is free"


async def test_a_run_that_its_release_gave_up_stops_and_ends(d: Deployment) -> None:
    going = await d.at("checks")
    await d.change(state=RunState.FAILED)
    await d.save(phase=Phase.PREPARATION)
    await d.say("end")
    assert await running.renewed(d.ctx, going)
    going = await running.ended(d.ctx, going, FOUND)
    assert isinstance(going.next, Ended) and (await d.stored()).state == "failed"
    assert (await d.stored()).ended_at is not None, "the environment is free"
