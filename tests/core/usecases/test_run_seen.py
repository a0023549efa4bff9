"""What is read beside a release's facts for the drawing of its runs: lines, attempts, decisions, what is usual."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.parts import RunState
from core.domain.pipeline.model import Seen, StepState
from core.store import releases
from core.store.unit import Unit, release_chain
from core.store.unit_of_work import Store
from core.usecases import look, run_seen, running
from core.usecases.run_seen import Moment
from tests.core.domain.pipeline.test_stories import shipped
from tests.core.domain.world import OLU, START
from tests.core.usecases.runs import Deployment

WRONG = Seen("failed", reason="1 of 5", found={"failing": [["payments", "500, expected 200"]], "count": 5})


@pytest.fixture
async def d(store: Store) -> Deployment:
    found = await Deployment.of(store)
    assert await found.begin() == "begun"
    return found


async def facts(d: Deployment) -> dict[str, Any]:
    return await look.by_id(d.ctx, d.number)


async def test_the_running_attempt_stands_beside_the_steps(d: Deployment) -> None:
    going = await d.at("backend")
    await running.noted(d.ctx, going, line="building")
    run = await run_seen.seen(d.ctx, await facts(d), 1)
    assert (run["live"]["step"], run["live"]["number"], run["live"]["line"]) == ("backend", 1, "building")
    assert not run["replaced"] and run["steps"][0]["state"] == "done"


async def test_a_failure_is_told_with_its_facts_and_later_with_what_was_decided(d: Deployment) -> None:
    going = await d.at("smoke")
    going = await running.ended(d.ctx, going, WRONG)
    await running.ended(d.ctx, going, WRONG)
    told = await facts(d)
    moment = await run_seen.moment_of(d.ctx, told, 1, 3)
    assert (moment.step, moment.attempt) == ("smoke", 2) and Moment.of(moment.text) == moment
    run, known = await run_seen.failure(d.ctx, told, moment)
    assert run["failed"]["failing"] == [["payments", "500, expected 200"]] and run["failed"]["number"] == 10
    assert (run["failed"]["count"], run["failed"]["decide"]) == (5, ["release_manager", "devops", "tech_lead"])
    assert (known.failing, known.tried, known.repeatable, known.uses) == (("payments",), 2, True, "smoke")
    assert known.changed and known.live_at is not None and known.schema == "unknown" and known.passed_before is None
    assert "decided" not in run
    for before, found, passed in (("1.2.2", {}, True), ("1.2.1", dict(WRONG.found), False)):  # a person let it pass
        await _went_before(d, before, found)
        told |= {"environments": {"production": {"version": before}}}
        assert (await run_seen.failure(d.ctx, told, moment))[1].passed_before is passed
    async with d.ctx.store.database.reader.connect() as conn:
        seq = (await releases.facts_of(conn, d.number))[1]

    async def decide(unit: Unit) -> None:
        body = {"input": {"reason": "payments fail"}, "record": {"target": "1.2.2"}}
        await unit.audit(release_chain(d.number), OLU, "rollback", shipped().hash, body, START)

    await d.unit(decide)
    run, _ = await run_seen.failure(d.ctx, await facts(d), Moment(1, seq, "smoke", 2))
    told = {"what": "rollback", "by": OLU, "reason": "payments fail", "version": "1.2.2"}
    assert told.items() <= run["decided"].items() and run["decided"]["after"] == 0


async def _went_before(d: Deployment, version: str, found: dict[str, Any]) -> None:
    """A version is in production by a pipeline whose smoke tests found that."""

    async def work(unit: Unit) -> None:
        now = await releases.load(unit.conn, d.number)
        run = now.runs[0]
        steps = tuple(replace(s, state=StepState.DONE, found=found) if s.uses == "smoke" else s for s in run.steps)
        old = replace(now, id=0, version=version, branch=f"release/{version}", runs=(replace(run, steps=steps),))
        stored = await releases.add(unit, old)
        await unit.audit(release_chain(stored.id), OLU, "go", shipped().hash, {}, START)
        await releases.save(unit, stored, facts={}, wake_at=None)

    await d.unit(work)


async def test_what_happened_stays_told_while_the_step_is_tried_again(d: Deployment) -> None:
    going = await d.at("frontend")
    await running.ended(d.ctx, going, Seen("failed", reason="build failed"))
    moment = await run_seen.moment_of(d.ctx, await facts(d), 1, 3)
    await d.change(state=RunState.RUNNING)
    await d.say("retry")
    run, _ = await run_seen.failure(d.ctx, {**await facts(d), "id": d.number, "policy": shipped().hash}, moment)
    assert (run["failed"]["state"], run["failed"]["reason"]) == ("failed", "build failed")
