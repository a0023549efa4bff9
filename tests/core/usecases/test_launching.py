"""Runs begin once and one at a time in an environment, and hear what people decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.parts import RunState
from core.domain.pipeline.model import Seen
from core.domain.pipeline.progress import Ended, Look, Start
from core.store import runs
from core.store.unit_of_work import Store
from core.usecases import running
from core.usecases.environments import all_environments
from tests.core.usecases.runs import FOUND, Deployment


@pytest.fixture
async def d(store: Store) -> Deployment:
    return await Deployment.of(store)


async def test_a_run_begins_once_and_not_for_a_release_that_has_given_it_up(d: Deployment) -> None:
    assert await d.begin() == "begun" == await d.begin()
    async with d.ctx.store.database.reader.connect() as conn:
        (only,) = await runs.all_open(conn, d.ctx.product)
    seen = (await all_environments(d.ctx))["production"]["run"]
    assert (seen["kind"], seen["state"], seen["version"], seen["ends"]) == ("deploy", "running", "1.3.0", "")
    assert only.body["previous"] == "" and only.steps[1].name == "tag" and only.number == 1
    await d.change(state=RunState.FAILED)
    assert await d.begin() == "past"


async def test_a_roll_back_waits_until_the_step_under_way_has_ended(d: Deployment) -> None:
    await d.begin()
    going = await d.at("backend")
    release = await d.release()
    back = d.new(replace(release, runs=release.runs), "roll back")
    await d.save(runs=(replace(release.runs[0], state=RunState.FAILED), back))
    assert await d.begin() == "busy"
    assert await running.renewed(d.ctx, going), "it is asked to stop"
    going = await running.ended(d.ctx, going, FOUND)
    assert going.next == Ended("stopped", "monitor", "stopped by a person")
    assert await d.begin() == "begun"
    assert (await d.stored()).state == "failed" and (await d.stored(2)).state == "running"
    first = await d.taken()
    assert isinstance(first.next, Start) and first.next.step.uses == "roll_back"


async def test_a_retry_begins_the_step_that_stands_and_nothing_before_it(d: Deployment) -> None:
    await d.begin()
    going = await running.ended(d.ctx, await d.at("migrations"), Seen("failed", reason="no such table"))
    await d.change(state=RunState.RUNNING)
    await d.say("retry")
    await d.say("retry")
    going = await d.taken()
    assert isinstance(going.next, Start) and (going.next.step.name, going.next.number) == ("migrations", 2)


async def test_what_worked_by_a_persons_word_is_kept_as_an_attempt_of_theirs(d: Deployment) -> None:
    await d.begin()
    await running.ended(d.ctx, await d.at("migrations"), Seen("unknown"))
    await d.change(state=RunState.RUNNING)
    await d.say("worked")
    going = await d.taken()
    assert isinstance(going.next, Start) and going.next.step.name == "backend"
    said = [a for a in going.attempts if a.step == "migrations"]
    assert [(a.number, a.state) for a in said] == [(1, "unknown"), (2, "done")] and said[1].found["said_by"]


async def test_a_word_that_comes_too_late_changes_nothing_and_an_end_frees_the_environment(d: Deployment) -> None:
    await d.say("stop")
    await d.begin()
    going = await d.at("checks")
    await d.say("worked")
    assert isinstance((await running.ended(d.ctx, going, Seen("failed", reason="red"))).next, Ended)
    await d.say("stop")
    assert not (await d.stored()).stop_asked
    await d.say("end")
    assert (await d.stored()).ended_at is not None
    await d.say("retry")
    assert await running.taken(d.ctx) == []


async def test_a_run_that_was_ended_goes_on_by_a_word_when_the_environment_is_free(d: Deployment) -> None:
    await d.begin()
    await running.ended(d.ctx, await d.at("migrations"), Seen("failed", reason="no such table"))
    await d.say("end")
    other = runs.NewRun(d.ctx.product, "production", None, 1, "by hand", {"steps": []})
    assert await d.unit(lambda unit: runs.begin(unit, other, d.ctx.clock.now()))
    await d.say("retry")
    assert (await d.stored()).ended_at is not None, "the release does not wait for it"
    await d.change(state=RunState.RUNNING)
    assert await d.say("retry") == "busy"
    (by_hand,) = await runs.claim(d.ctx.store)
    await d.unit(lambda unit: runs.end(unit, by_hand.id, d.ctx.clock.now(), "done"))
    assert await d.say("retry") == "heard"
    going = await d.taken()
    assert isinstance(going.next, Start) and (going.next.step.name, going.next.number) == ("migrations", 2)


async def test_a_run_that_was_stopped_before_its_first_step_goes_on_with_it(d: Deployment) -> None:
    await d.change(stop_asked=True)
    await d.begin()
    going = await running.started(d.ctx, await d.taken())
    assert isinstance(going.next, Ended) and (await d.stored()).state == "waiting"
    await d.change(state=RunState.RUNNING, stop_asked=False)
    assert await d.begin() == "begun"
    assert isinstance((await running.started(d.ctx, await d.taken())).next, Look)
    await d.say("stop", end_step="checks")
    assert ((await d.stored()).stop_asked, (await d.stored()).end_step) == (True, "checks")
