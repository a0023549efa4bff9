"""Steps at a host: what each state means for the run, and what is done after doubt, a kill and a stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.runner.job import Job
from bot.runner.steps.hosts import HostSteps
from core.domain.pipeline.hosted import Deployed
from core.domain.pipeline.model import Seen, Stage, Step
from core.errors import IntegrationError
from tests.bot.integrations.hosts.conftest import NEW, OLD, STRANGE, Pair
from tests.bot.integrations.hosts.conftest import hosts as hosts
from tests.bot.integrations.hosts.conftest import pair as pair
from tests.bot.integrations.hosts.conftest import session as session

HOOK = pytest.mark.parametrize("pair", ["hook"], indirect=True)
EVERY = pytest.mark.parametrize("pair", ["render", "vercel", "hook"], indirect=True)


def job(pair: Pair, sha: str = NEW, *, again: bool = False, attempt: int = 1, **step: Any) -> Job:
    uses = step.pop("uses", "deploy")
    what = Step("api", "API", uses, service="api", host=pair.host.name, target=pair.target, **step)
    began = pair.yard.now()
    run = {OLD: 7, NEW: 8}.get(sha, 9) + (10 if uses == "roll_back" else 0)
    at = ("anchor", "production", "deploy", "1.3.0")
    return Job(run, 1, 1, *at, sha, "1.2.2", OLD, what, attempt, began, again=again)


def steps(pair: Pair, **more: Any) -> HostSteps:
    return HostSteps({pair.host.name: pair.host}, **more)


async def ended(family: HostSteps, of: Job, ref: str) -> Seen:
    for _ in range(200):
        seen = await family.look(of, ref)
        if seen.state != "running":
            return seen
        await asyncio.sleep(0.005)
    return seen


@EVERY
async def test_deploy_look_and_roll_back(pair: Pair) -> None:
    family = steps(pair)
    for sha in (OLD, NEW):
        this = job(pair, sha)
        seen = await ended(family, this, await family.begin(this))
        assert (seen.state, seen.found["commit"]) == ("done", sha)
        assert (await ended(family, job(pair, sha, uses="live"), "")).state == "done"
    still = await family.look(job(pair, OLD, uses="live"), "")
    assert still.state in ("running", "failed")
    assert NEW[:12] in still.line or "replaced" in still.reason
    back = job(pair, OLD, uses="roll_back")
    assert await family.find(back) == ""
    seen = await ended(family, back, await family.begin(back))
    assert (seen.state, seen.found["commit"]) == ("done", OLD)


@EVERY
async def test_killed_after_asking_it_goes_on_with_what_is_there(pair: Pair) -> None:
    pair.yard.held = {"building"}
    this = job(pair)
    ref = await steps(pair).begin(this)
    other = steps(pair)
    taken = replace(this, again=True)
    assert await other.find(taken) == ref
    pair.yard.release()
    assert (await ended(other, taken, ref)).state == "done"
    assert await other.find(job(pair, OLD)) == "", "surely nothing was begun"
    assert len(pair.yard.deployments) == 1
    later = replace(taken, run_id=99, began=taken.began + timedelta(seconds=90 if pair.host.name == "render" else 0))
    assert await other.find(later) == "", "a run never takes the success of an earlier one"


@pytest.mark.parametrize("pair", ["vercel"], indirect=True)
async def test_what_was_built_and_got_no_traffic_is_not_built_again(pair: Pair) -> None:
    pair.yard.places[pair.target] = replace(pair.place, promotes=False)
    family, first = steps(pair), job(pair)
    ref = await family.begin(first)
    await pair.yard.settle()
    pair.door.asked[pair.target] = {"type": "promote", "jobStatus": "failed", "toDeploymentId": ref}  # type: ignore[attr-defined]
    failed = await family.look(first, ref)
    assert (failed.state, "promote failed" in failed.reason) == ("failed", True)
    again = job(pair, attempt=2)
    assert await family.begin(again) == ref
    assert (await ended(family, again, ref)).state == "done"
    assert len(pair.yard.deployments) == 1


@HOOK
async def test_a_lost_answer_is_no_second_deployment(pair: Pair) -> None:
    pair.door.faults.add("deploy", "drop", nth=1)
    this, family = job(pair), steps(pair)
    with pytest.raises(IntegrationError) as lost:
        await family.begin(this)
    assert lost.value.doubt
    assert (await ended(family, this, await family.begin(this))).state == "done"
    assert len(pair.yard.deployments) == 1


@HOOK
async def test_what_others_do_at_the_host_is_told_in_words(pair: Pair) -> None:
    family = steps(pair)
    pair.yard.breaks = {NEW: "build"}
    this = job(pair)
    broken = await ended(family, this, await family.begin(this))
    assert (broken.state, "could not deploy" in broken.reason, "build" in broken.reason) == ("failed", True, True)
    pair.yard.breaks, pair.yard.held = {}, {"building"}
    again = job(pair, attempt=2)
    ref = await family.begin(again)
    assert ref != broken.found["deployment"], "a failed one is not taken for ours"
    deployment = pair.yard.get(ref)
    assert deployment is not None
    pair.yard.cancel(deployment)
    assert "somebody else" in (await ended(family, again, ref)).reason
    stopped = job(pair, attempt=3)
    ref = await family.begin(stopped)
    await family.end(stopped, ref)
    assert "as it was asked" in (await ended(family, stopped, ref)).reason
    pair.yard.release()
    last = job(pair, attempt=4)
    ref = await family.begin(last)
    assert (await ended(family, last, ref)).state == "done"
    await family.end(last, ref)  # at the last moment: it serves already, nothing is taken away
    assert (await family.look(last, ref)).state == "done"
    pair.yard.begin(pair.place, OLD, "by hand")
    await pair.yard.settle()
    assert "not one of this run" in (await family.look(last, ref)).reason


@HOOK
async def test_a_commit_that_the_host_does_not_know_and_a_host_that_is_not_connected(pair: Pair) -> None:
    with pytest.raises(IntegrationError, match="no commit") as unknown:
        await steps(pair).begin(job(pair, STRANGE))
    assert not unknown.value.retryable
    with pytest.raises(IntegrationError, match="HOOK_HOST_URL is not set"):
        await HostSteps({}).begin(job(pair))


@HOOK
async def test_a_push_is_waited_for_and_a_second_try_asks(pair: Pair) -> None:
    pair.yard.places[pair.target] = replace(pair.place, auto=True)
    family, this = steps(pair), job(pair, trigger="push")
    assert (await family.find(this), await family.begin(this)) == ("", "")
    assert "to see the push" in (await family.look(this, "")).line
    assert pair.yard.deployments == []
    pair.yard.worker.commits |= {"main": NEW, "v1.2.2": OLD}  # type: ignore[attr-defined]
    assert (await ended(family, this, "")).state == "done"
    assert pair.yard.deployments[0].trigger == "push"
    later = replace(this, began=this.began + timedelta(hours=1))
    assert (await family.look(later, "")).state == "done", "it serves already: no push makes the host begin again"
    second = job(pair, OLD, trigger="push", attempt=2)
    assert await family.begin(second) == pair.yard.deployments[-1].id


@HOOK
async def test_stages_soak_while_all_is_well_and_stop_where_it_is_not(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, asked = [""], []
    now = [asyncio.get_running_loop().time()]

    async def healthy(of: Job) -> str:
        asked.append(of.key)
        return wrong[0]

    family = steps(pair, healthy=healthy)
    first = job(pair, OLD)
    await ended(family, first, await family.begin(first))
    pair.yard.places[pair.target] = replace(pair.place, promotes=False)
    this = job(pair, stages=(Stage(10, 30), Stage(100, 0)))
    ref = await family.begin(this)
    await pair.yard.settle()
    assert "10 % of the traffic go to" in (await family.look(this, ref)).line
    assert (await family.look(this, ref)).line == "10 % of the traffic, well for 0 of 30 s"
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now[0])
    now[0] += 40
    wrong[0] = "home page answers 500"
    bad = await family.look(this, ref)
    assert (bad.state, bad.reason) == ("failed", f"with 10 % of the traffic on {NEW[:12]}: home page answers 500")
    wrong[0] = ""
    monkeypatch.undo()
    family = steps(pair, healthy=healthy)  # another process lets it soak again
    assert "for 0 of 30 s" in (await family.look(this, ref)).line
    family._soaking[this.key] = (10, asyncio.get_running_loop().time() - 31)
    assert (await ended(family, this, ref)).state == "done"
    assert asked


@pytest.mark.parametrize("pair", ["render"], indirect=True)
async def test_stages_are_refused_where_the_host_has_none(pair: Pair) -> None:
    with pytest.raises(IntegrationError, match="all of the traffic or none"):
        await steps(pair).begin(job(pair, stages=(Stage(10, 30), Stage(100, 0))))
    assert pair.yard.deployments == []


@HOOK
async def test_what_a_host_tells_comes_without_secrets(pair: Pair) -> None:
    family, this = steps(pair), job(pair)
    ref = await family.begin(this)
    pair.yard.deployments[0].log.append("DB_PASSWORD=hunter2 is set")
    assert "DB_PASSWORD=[removed] is set" in await family.tail(this, ref, 30)
    line = pair.host._line  # type: ignore[attr-defined]
    told = str(line._refused(400, {}, b'{"error": "no such key sk_live_abcdefgh12345678"}', writes=True))
    assert "sk_live" not in told and "no such key [removed]" in told


@HOOK
async def test_what_serves_without_saying_of_which_commit_has_not_deployed_ours(pair: Pair) -> None:
    family, this = steps(pair), job(pair)
    for commit, words in (("", "does not say which commit"), (OLD, f"deployed {OLD[:12]}, not {NEW[:12]}")):
        seen = await family._staged(this, Deployed("d-1", "live", commit, share=100))
        assert seen.state == "failed" and words in seen.reason
