"""A step that a person runs from a terminal is a run of its own: who may, when not, and what the record keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.pipeline.model import Seen
from core.domain.policy import parse_policy
from core.errors import NotFound, Refused
from core.store import audit, runs
from core.store.products import product_chain
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases import running
from core.usecases.advance import Ask
from core.usecases.by_hand import ByHand, begin
from core.usecases.context import Context
from core.usecases.pausing import pause
from tests.core.domain.world import DANA, OLU, PRIYA, START, THEO
from tests.core.usecases.runs import Deployment
from tests.policies import SHIPPED

RELEASE = {"version": "1.3.0", "phase": "deployment", "promotion_sha": "c" * 40}
ASK = ByHand(OLU, "production", "backup", RELEASE)


@pytest.fixture
async def ctx(store: Store) -> Context:
    all_three, two = ('deploy = ["release_manager", "tech_lead", "devops"]', 'deploy = ["release_manager", "devops"]')
    text = SHIPPED.read_text().replace(all_three, two)
    await bring_in(store, HandClock(START), parse_policy(text))
    return Context(store, Reads(store.database), HandClock(START), None, "asset-anchor")  # type: ignore[arg-type]


async def entries(ctx: Context) -> list[audit.Entry]:
    async with ctx.store.database.reader.connect() as conn:
        return list(await audit.entries(conn, product_chain(ctx.product)))


async def test_who_may_deploy_there_begins_it_and_the_record_has_both_ends(ctx: Context) -> None:
    begun = await begin(ctx, ASK)
    with pytest.raises(NotFound, match="by hand right now"):
        await begin(ctx, replace(ASK, what="migrate"))
    [going] = await running.taken(ctx)
    assert (going.run.id, [s.uses for s in going.run.steps], going.run.body["sha"]) == (begun, ["backup"], "c" * 40)
    going = await running.started(ctx, going)
    await running.ended(ctx, going, Seen("failed", reason="the disk is full"))
    told = await entries(ctx)
    assert [e.verb for e in told] == ["by_hand", "by_hand_over"] and told[1].actor == OLU
    assert "the disk is full" in str(told[1])
    assert await begin(ctx, replace(ASK, what="migrate")) != begun


async def test_all_others_need_two_people_of_the_break_glass_and_a_reason(ctx: Context) -> None:
    for ask in (
        replace(ASK, actor=DANA),
        replace(ASK, actor=THEO),
        replace(ASK, actor=THEO, second=THEO, reason="the disk is full"),
        replace(ASK, actor=THEO, second=DANA, reason="the disk is full"),
        replace(ASK, actor=THEO, second=PRIYA),
    ):
        with pytest.raises(Refused):
            await begin(ctx, ask)
    early = replace(ASK, what="migrate", release={**RELEASE, "phase": "preparation"})
    with pytest.raises(NotFound, match="go to production when somebody has said go"):
        await begin(ctx, early)
    with pytest.raises(NotFound, match="none of its migrations are in production"):
        await begin(ctx, replace(early, what="migrate_back"))
    for second, why in ((OLU, "the disk is full"), (DANA, "the disk is full"), (PRIYA, "")):
        with pytest.raises(Refused):  # who may deploy there needs the second one too
            await begin(ctx, replace(early, second=second, reason=why))
    assert await begin(ctx, replace(early, actor=THEO, second=PRIYA, reason="the disk is full"))
    [entry] = await entries(ctx)
    assert PRIYA in str(entry) and "the disk is full" in str(entry)


async def test_while_everything_is_paused_nothing_is_begun_that_nobody_would_carry_out(ctx: Context) -> None:
    await pause(ctx, Ask(OLU, "pause", input={"reason": "the bank calls"}))
    with pytest.raises(Refused) as refused:
        await begin(ctx, ASK)
    assert [b.code for b in refused.value.blockers] == ["paused"]
    assert await running.taken(ctx) == []


async def test_it_is_left_to_a_pipeline_that_is_at_work(store: Store) -> None:
    d = await Deployment.of(store)
    assert await d.begin() == "begun"
    with pytest.raises(NotFound, match=r"brings v1\.3\.0 on production and is at work; it does this step by itself"):
        await begin(d.ctx, ASK)
    with pytest.raises(NotFound, match="no candidate yet"):
        await begin(d.ctx, replace(ASK, release={"version": "1.4.0", "phase": "stabilization"}, environment="staging"))
    async with d.ctx.store.database.reader.connect() as conn:
        assert await runs.open_run(conn, d.ctx.product, "staging") is None
    with pytest.raises(NotFound, match="no database of integration"):
        await begin(d.ctx, replace(ASK, environment="integration"))
