"""Each announcement stands once, whatever Slack does: dropped answers, late stores, 429, 500, refusals."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.deliver import Delivered
from bot.outbox import Outbox
from core.errors import Busy
from core.store import outbox as rows
from core.store.outbox import Claimed, claim
from handlers.request import Request
from sandbox.workspace.faults import Kind
from tests.bot.conftest import Stage, Stages


class Frozen(Outbox):
    """Its check was made before it was frozen."""

    async def _mine(self, row: Claimed) -> bool:
        return True


class Shaken(Outbox):
    """The store is away the first time it is asked."""

    async def _any_due(self) -> bool:
        if not self.settle_seconds:
            self.settle_seconds = 0.3
            raise OSError("the database is away")
        return await super()._any_due()


class Forgetful(Outbox):
    """What it has sent cannot be recorded the first time."""

    trouble: Exception | None = None

    async def _finish(self, row: Claimed, done: Delivered) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        await super()._finish(row, done)


async def test_a_post_is_sent_once_with_its_key(stage: Stage) -> None:
    row = await stage.post("office move")
    await stage.app.settle()
    await stage.app.settle()
    assert stage.posts_about("office move") == 1
    kept = await stage.row(row)
    assert kept.state == "done"
    message = stage.slack.messages("releases")[-1]
    assert kept.result == {"channel": "C0RELEASES", "ts": message.ts}
    assert message.metadata == {"event_type": "release_bot_effect", "event_payload": {"key": kept.key}}


@pytest.mark.parametrize("kind", ["drop", "error_after", "store_late", "error_before", "reset", "rate_limited"])
async def test_a_spoiled_post_stands_once(stage: Stage, kind: Kind) -> None:
    stage.slack.faults.add("chat.postMessage", kind, nth=1, seconds=0.15)
    row = await stage.post("office move")
    await stage.post("second")
    await stage.app.settle()
    assert (await stage.row(row)).state == "done"
    assert stage.posts_about("office move") == 1
    assert stage.subjects() == ["office move", "second"]


async def test_without_the_pause_a_late_store_is_doubled(stages: Stages) -> None:
    """The pause before looking is what makes the look true; this is the proof that it is needed."""
    async with stages(settle_seconds=0) as stage:
        stage.slack.faults.add("chat.postMessage", "store_late", nth=1, seconds=0.8)
        await stage.post("office move")
        await stage.app.settle()
        await stage.slack.until(lambda: stage.posts_about("office move") == 2)


async def test_a_refusal_for_good_is_parked_and_blocks_only_its_lane(stage: Stage) -> None:
    """Lanes go side by side, so the refusal is for a channel and not for whichever call is first."""
    stage.slack.faults.add("chat.postMessage", "refuse", channel="C0RELEASES", times=1, code="invalid_blocks")
    first = await stage.post("broken", lane="a")
    behind = await stage.post("behind", lane="a")
    beside = await stage.post("beside", lane="b", place="support")
    await stage.app.settle()
    assert [(await stage.row(row)).state for row in (first, behind, beside)] == ["parked", "ready", "done"]
    assert stage.subjects() == [] and len(stage.texts("support")) == 1
    await stage.app.ctx.store.unit(lambda unit: rows.rule(unit, first, "retry", "Priya"), verb="test.rule")
    await stage.app.settle()
    assert stage.subjects() == ["broken", "behind"]


async def test_a_look_that_is_not_allowed_leaves_it_to_a_person(stage: Stage) -> None:
    stage.slack.faults.add("chat.postMessage", "drop", nth=1)
    stage.slack.faults.add("conversations.history", "refuse", code="missing_scope")
    row = await stage.post("office move")
    await stage.app.settle()
    assert (await stage.row(row)).state == "unsure"
    assert stage.posts_about("office move") == 1
    await stage.app.ctx.store.unit(lambda unit: rows.rule(unit, row, "it happened", "Priya"), verb="test.rule")
    await stage.app.settle()
    assert stage.posts_about("office move") == 1


async def test_what_came_too_late_is_dropped_with_a_trace(stage: Stage) -> None:
    row = await stage.post("hurry", expires_at=stage.clock.now() + timedelta(hours=1))
    stage.clock.move_to(stage.clock.now() + timedelta(hours=1))
    await stage.app.settle()
    kept = await stage.row(row)
    assert (kept.state, kept.open) == ("void", False) and kept.error
    assert stage.posts_about("hurry") == 0


async def test_a_dead_process_s_claim_is_looked_for_before_it_is_sent(stage: Stage) -> None:
    """Killed after Slack took the message and before the row was finished."""
    app = stage.app
    row = await stage.post("office move")
    claimed = (await claim(app.ctx.store))[0]
    spot = await app.outbox.deliveries.spot(claimed)
    await app.outbox.deliveries.send(claimed, spot)
    await app.ctx.store.unit(lambda unit: rows.free_claims_of(unit, [app.ctx.store.process], 0.0), verb="test.free")
    await app.settle()
    assert (await stage.row(row)).state == "done"
    assert stage.posts_about("office move") == 1


async def test_a_frozen_process_takes_its_double_back(stage: Stage) -> None:
    """Its lease ended while it was stopped between the check and the call; another process has sent meanwhile."""
    app = stage.app
    row = await stage.post("office move")
    claimed = (await claim(app.ctx.store))[0]
    await app.ctx.store.unit(lambda unit: rows.free_claims_of(unit, [app.ctx.store.process], 0.0), verb="test.free")
    await app.settle()
    await Frozen(app.ctx.store, app.outbox.deliveries, 0.3)._deliver(claimed)
    assert stage.posts_about("office move") == 1
    assert (await stage.row(row)).result["ts"] == stage.slack.messages("releases")[-1].ts


@pytest.mark.parametrize("trouble", [Busy(verb="outbox.finish"), OSError("the database is away")])
async def test_what_was_sent_and_could_not_be_recorded_is_looked_for(stage: Stage, trouble: Exception) -> None:
    outbox = Forgetful(stage.app.ctx.store, stage.app.outbox.deliveries, 0.1)
    outbox.trouble = trouble
    row = await stage.post("office move")
    assert await outbox.claim() == 1
    await outbox.idle()
    assert (await stage.row(row)).doubt
    await stage.app.settle()
    assert (await stage.row(row)).state == "done"
    assert stage.posts_about("office move") == 1


async def test_an_archived_channel_is_reported_and_found_again(stage: Stage) -> None:
    await stage.post("before", place="support")
    await stage.app.settle()
    stage.slack.people.archive(stage.slack.state.channel("support"))
    row = await stage.post("office move", place="support")
    await stage.app.settle()
    assert (await stage.row(row)).state == "parked"
    stage.slack.people.unarchive(stage.slack.state.channel("support"))
    await stage.app.ctx.store.unit(lambda unit: rows.rule(unit, row, "retry", "Priya"), verb="test.rule")
    await stage.app.settle()
    assert len(stage.texts("support")) == 2
    ready, facts = await stage.app.readiness.report()
    assert ready and facts["stuck_effects"] == 0


async def test_the_pace_of_a_channel_is_kept(stages: Stages) -> None:
    """None is there before its slot; how much later depends on the machine."""
    async with stages(pace_scale=0.2) as stage:
        for number in range(4):
            await stage.post(f"post {number}", lane=f"lane {number}")
        began = stage.slack.state.transport.now()
        await stage.app.settle()
        sent = sorted(float(message.ts) - began for message in stage.slack.messages("releases"))
        assert len(sent) == 4
        assert all(after >= number * 0.2 * 1.1 - 0.01 for number, after in enumerate(sent)), sent


async def test_the_store_down_for_a_moment_ends_no_loop(stage: Stage) -> None:
    shaken = Shaken(stage.app.ctx.store, stage.app.outbox.deliveries, 0)
    loop = asyncio.create_task(shaken.run())
    try:
        await stage.post("office move")
        await stage.slack.until(lambda: stage.posts_about("office move") == 1)
        assert not loop.done()
        await shaken.drain(1.0)
    finally:
        loop.cancel()


async def test_a_release_manager_is_asked_about_what_is_stuck_and_decides_by_button(stage: Stage) -> None:
    stage.slack.faults.add("chat.postMessage", "refuse", nth=1, code="msg_too_long")
    row = await stage.post("broken")
    await stage.app.settle()
    priya = stage.slack.person("Priya")
    told = priya.dm()[-1]
    assert "msg_too_long" in told.text and priya.buttons(told) == ["Post it", "It was posted", "Leave it out"]
    stranger = Request("action", "U0DANA", stage.clock.now(), action_id="outbox_skip", value=str(row), key="dana")
    refused = (await stage.app.edge.dispatch(stranger)).private
    assert refused is not None and refused.text == (
        "Only a release manager can decide about what could not be delivered: Priya. Nothing was changed."
    )
    assert await stage.stuck() == 1
    stage.slack.people.leave(stage.slack.state.channel("general"), "U0PRIYA")
    await priya.clicks("Post it")
    await stage.app.settle()
    assert (await stage.row(row)).state == "done" and stage.posts_about("broken") == 1
    await priya.clicks("Leave it out")
    await stage.app.replies.after.idle()
    assert "decided already" in priya.private()
