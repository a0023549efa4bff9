"""Runs of pipelines are begun by the delivery of a deployment, and hear there what people decide about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from core.domain.pipeline.model import Attempt, StepState
from core.domain.pipeline.progress import ruled
from core.domain.release import Release, Run, RunState
from core.store import attempts, releases, runs
from core.store.products import product_chain
from core.store.runs import NewRun, StoredRun
from core.store.unit_of_work import Unit
from core.usecases.context import Context

AGREED = ("restore", "second", "agreed_by")  # what a run's body has of a restore that two people agreed to
PLAIN = ("version", "sha", "previous", "previous_sha", "by", "reason", "builds", "steps", "git", "put", "point")
RECORDED = "variables"  # of the process that begins it: names, and a keyed digest of each value


async def way_is_clear(ctx: Context, release_id: int | None, body: Mapping[str, Any]) -> bool:
    """Whether a run may begin in the environment now. An older one of the same release is asked to stop."""
    environment = str(body["environment"])

    async def work(unit: Unit) -> bool:
        there = await runs.open_run(unit.conn, ctx.product, environment)
        if there is None or there.state != "running" or _same(there, release_id, body):
            return True
        if release_id is not None and there.release_id == release_id:
            await runs.ask_to_stop(unit, there.id)
        return False

    chains = (product_chain(ctx.product),)
    return bool(await ctx.store.unit(work, verb="run.way", chains=chains, interactive=False))


def _same(there: StoredRun, release_id: int | None, body: Mapping[str, Any]) -> bool:
    return release_id is not None and (there.release_id, there.number) == (release_id, int(body["run"]))


async def begin(
    ctx: Context, unit: Unit, release_id: int | None, body: Mapping[str, Any]
) -> Literal["begun", "past", "busy"]:
    """Begin the run that an effect `deploy` asks for. past: the release does not wait for it any more; busy: another
    one is at work there. The unit holds `chains_of(ctx, release)`.
    """
    at, number = ctx.clock.now(), int(body.get("run") or 0)
    asked = False
    if release_id is not None:
        mine = run_of(await releases.load(unit.conn, release_id), number)
        if mine is None or mine.state is not RunState.RUNNING:
            return "past"
        asked = mine.stop_asked
    kept = {name: body[name] for name in (*PLAIN, RECORDED) if name in body}
    new = NewRun(ctx.product, str(body["environment"]), release_id, number, str(body["kind"]), kept, asked)
    found = await runs.begin(unit, new, at)
    if found is None:
        return "busy"
    there = await runs.load(unit.conn, found)
    if there is not None and there.state == "waiting":  # it was stopped before its first step
        await _taken_up(ctx, unit, there, "retry", "")
    return "begun"


def run_of(release: Release, number: int) -> Run | None:
    return next((r for r in release.runs if r.id == number), None)


async def said(ctx: Context, unit: Unit, release_id: int, body: Mapping[str, Any]) -> Literal["heard", "busy"]:
    """A person's word about a run reaches it: {run, word, by}. The unit holds `chains_of(ctx, release)`.

    stop: nothing else begins, and `end_step` is ended at once. end: it waits for nobody any more. retry, worked,
    verify: it goes on, also when it was ended because another run came there; busy: that one is still at work.
    """
    run, word = await runs.of_release(unit.conn, release_id, int(body["run"])), str(body["word"])
    if run is None:
        return "heard"
    if word in ("stop", "end"):
        if run.state == "running":
            await runs.ask_to_stop(unit, run.id, str(body.get("end_step") or ""))
        elif word == "end":
            await runs.end(unit, run.id, ctx.clock.now())
        return "heard"
    mine = run_of(await releases.load(unit.conn, release_id), run.number)
    if run.state == "running" or mine is None or mine.state is not RunState.RUNNING:
        return "heard"
    there = await runs.open_run(unit.conn, ctx.product, run.environment)
    if there is not None and there.id != run.id:
        if there.state == "running":
            return "busy"
        await runs.end(unit, there.id, ctx.clock.now())
    await _taken_up(ctx, unit, run, word, str(body.get("by") or ""))  # type: ignore[arg-type]
    return "heard"


async def _taken_up(
    ctx: Context, unit: Unit, run: StoredRun, word: Literal["retry", "worked", "verify"], by: str
) -> None:
    tried = await attempts.of_run(unit.conn, run.id)
    rule = ruled(run.steps, tried, word, run.again)
    if rule.worked:
        number = max((x.number for x in tried if x.step == rule.worked), default=0) + 1
        now = ctx.clock.now()
        done = Attempt(rule.worked, number, StepState.DONE, now, now, found={"said_by": by})
        await attempts.add(unit, run.id, done)
    agreed = run.body.get("agreed_by", by) == by  # two people agreed that this one restores, and to no other's retry
    kept = {name: value for name, value in run.body.items() if agreed or name not in AGREED}
    await runs.go_on(unit, run.id, {**kept, "again": dict(rule.again)})
