"""A promotion in stages on a real remote: the tag, main after the migrations, the other branches last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.runner.job import Job
from bot.runner.steps.publishing import Publishing
from core.domain.moves.outcome import order_json
from core.domain.moves.running import new_run
from core.domain.moves.staging import in_stages_of, push_effect, still_to_push
from core.domain.parts import GitWork
from core.domain.plans.steps import steps_of
from core.domain.repository import GitPlan
from core.domain.situation import Act, Situation
from core.store.records import decode, encode
from tests.bot.integrations.gitrepo.conftest import MADE_AT, Yard
from tests.core.domain.pipeline.test_stories import Pipes, pushing


def test_main_is_pushed_after_the_migrations_and_the_other_branches_last() -> None:
    names = [s.name for s in steps_of(pushing(), "production")]
    assert names.index("push-main") == names.index("backend") - 1 == names.index("migrations") + 1
    assert names[names.index("push-back") + 1 :] == ["verified", "alerts", "told"]
    assert "push-main" not in [s.name for s in steps_of(pushing(), "staging")]


async def staged(yard: Yard) -> dict[str, Any]:
    """The tag is out; what the run has still to push."""
    p = Pipes()
    p.w = replace(p.w, policy=pushing())
    r = p.w.start("minor")
    s = Situation(r, pushing(), MADE_AT)
    order = yard.promotion(yard.rc2)
    plan = await yard.bot().plan(order)
    work = GitWork("promote", "U1", MADE_AT, order_json(order), plan=encode(plan))
    body = push_effect(s, work, work.plan or {}).body
    first = decode(GitPlan, body["plan"])  # type: ignore[arg-type]
    assert (await yard.bot().push(order, first)).outcome == "done"
    run = in_stages_of(s, new_run(s, "production", "deploy", Act("U1", "go"), sha=plan.commit), work)
    assert still_to_push(replace(r, runs=(run,))) == run.pushed
    return {"sha": plan.commit, "body": {"git": {"tag": "v1.3.0", "main": "main", **(run.pushed or {})}}}


def job(about: dict[str, Any], name: str) -> Job:
    step = next(s for s in steps_of(pushing(), "production") if s.name == name)
    return Job(
        1, 1, 1, "asset-anchor", "production", "deploy", "1.3.0", about["sha"], "1.2.2", "", step, 1, MADE_AT,
        body=about["body"],
    )  # fmt: skip


async def test_each_stage_moves_its_refs_alone_and_again_from_another_clone_nothing(ready: Yard) -> None:
    yard, before = ready, ready.product.refs()
    about = await staged(yard)
    steps, elsewhere = Publishing(yard.bot()), Publishing(yard.bot("elsewhere"))
    assert yard.tagged("v1.3.0") == about["sha"]
    assert {n: sha for n, sha in yard.product.refs().items() if n in before} == before, "only the tag is new"
    assert (await steps.look(job(about, "tag"), "")).state == "done"
    for publishing in (elsewhere, steps):
        seen = await publishing.look(job(about, "push-main"), "")
        assert (seen.state, seen.line) == ("done", "main pushed") and yard.head("main") == about["sha"]
    assert yard.head("develop") == before["refs/heads/develop"]
    yard.product.fix("develop", 341)  # work went on meanwhile
    for publishing in (elsewhere, steps):
        assert (await publishing.look(job(about, "push-back"), "")).state == "done"
        assert await yard.bot().contains(about["sha"], yard.head("develop"))
    after = yard.product.refs()
    assert (await steps.look(job(about, "push-main"), "")).state == "done" and yard.product.refs() == after


async def test_a_main_that_moved_stops_the_run_and_is_named(ready: Yard) -> None:
    about = await staged(ready)
    ready.product.fix("main", 342)
    seen = await Publishing(ready.bot()).look(job(about, "push-main"), "")
    assert seen.state == "failed" and "refs/heads/main" in seen.reason
    assert (await Publishing(ready.bot()).look(job(about, "push-back"), "")).state == "failed", "it is drift"


async def test_what_was_published_before_the_run_has_to_stand(ready: Yard) -> None:
    yard = ready
    order = yard.promotion(yard.rc2)
    plan = await yard.bot().plan(order)
    about = {"sha": plan.commit, "body": {"git": {"tag": "v1.3.0", "main": "main"}}}
    seen = await Publishing(yard.bot()).look(job(about, "tag"), "")
    assert (seen.state, seen.reason) == ("failed", f"the tag v1.3.0 is not there, not on {plan.commit[:12]}")
    await yard.bot().push(order, plan)
    assert (await Publishing(yard.bot()).look(job(about, "tag"), "")).state == "done"
    assert (await Publishing(yard.bot()).look(job({**about, "body": {}}, "tag"), "")).state == "skipped"
