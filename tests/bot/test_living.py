"""Cards and approval messages converge on the facts with few edits, and come back when somebody deletes them."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.drawing import hash_of, role_asked
from core.store import releases
from core.store.tables import living
from core.usecases.advance import Ask, perform
from handlers.views.card import card
from tests.bot.conftest import Stage, Stages


async def concern(stage: Stage, release: int, text: str) -> None:
    await perform(stage.app.ctx, Ask("U0DANA", "concern", release, input={"reason": text}))


def edits(stage: Stage) -> int:
    return sum(call.method == "chat.update" for call in stage.slack.calls)


async def standing(stage: Stage, release: int) -> tuple[str, str]:
    """The hash of the card as it stands, and as it should stand."""
    async with stage.app.ctx.store.database.reader.connect() as conn:
        facts, _ = await releases.facts_of(conn, release)
        row = (await conn.execute(living.select().where(living.c.kind == "card"))).one()
    return row.shown_hash, hash_of(card(facts, stage.clock.now()))


async def test_many_changes_are_one_edit(stage: Stage) -> None:
    done = await stage.start_minor()
    before = edits(stage)
    for number in range(8):
        await concern(stage, done.release, f"concern number {number}")
    await stage.app.living.once()
    assert edits(stage) == before + 1
    shown, wanted = await standing(stage, done.release)
    assert shown == wanted


async def test_nothing_is_edited_when_nothing_differs(stage: Stage) -> None:
    await stage.start_minor()
    before = edits(stage)
    async with stage.app.ctx.store.database.writing() as conn:
        await conn.execute(update(living).values(wanted=living.c.wanted + 1))
    assert await stage.app.living.once() > 0
    assert edits(stage) == before


async def test_a_deleted_card_comes_back_once(stage: Stage) -> None:
    done = await stage.start_minor()
    old = next(m for m in stage.slack.messages("releases") if not m.is_reply)
    stage.slack.people.delete(old)
    await concern(stage, done.release, "search is slow")
    await stage.app.settle()
    cards = [m for m in stage.slack.messages("releases") if not m.is_reply and m.blocks]  # Slack leaves a tombstone
    assert len(cards) == 1 and "search is slow" in str(cards[0].blocks)
    assert any(m.thread_ts == cards[0].ts or m.thread_ts == old.ts for m in stage.slack.messages("releases"))


@pytest.mark.parametrize("kind", ["error_after", "rate_limited", "drop"])
async def test_an_edit_that_failed_is_made_again(stage: Stage, kind: str) -> None:
    done = await stage.start_minor()
    stage.slack.faults.add("chat.update", kind, nth=1, seconds=0.1)
    await concern(stage, done.release, "search is slow")
    await stage.app.settle()
    shown, wanted = await standing(stage, done.release)
    assert shown == wanted


async def test_the_budget_of_edits_is_kept(stages: Stages) -> None:
    """45 a minute in the whole workspace, with a burst of five."""
    async with stages(pace_scale=0.1) as stage:
        done = await stage.start_minor()
        before = edits(stage)
        for number in range(12):
            await concern(stage, done.release, f"concern number {number}")
            await stage.app.living.once()
        assert edits(stage) - before <= 6
        await stage.app.settle()
        shown, wanted = await standing(stage, done.release)
        assert shown == wanted


def test_the_role_of_who_is_asked() -> None:
    facts = {
        "approvals": [
            {"role": "qa", "asked": ["U1"], "given": [], "rejected": []},
            {"role": "devops", "asked": [], "given": [{"person": "U2"}], "rejected": [{"person": "U3"}]},
        ]
    }
    assert [role_asked(facts, person) for person in ("U1", "U2", "U3", "U4")] == ["qa", "devops", "devops", ""]
    assert role_asked({}, "U1") == ""


async def test_home_is_published_when_opened_and_follows_for_a_while(stage: Stage) -> None:
    priya = stage.slack.person("Priya")
    await priya.opens_home()
    await stage.app.replies.after.idle()
    assert priya.home is not None
    published = sum(call.method == "views.publish" for call in stage.slack.calls)
    await stage.start_minor()
    async with stage.app.ctx.store.database.writing() as conn:
        from core.store.tables import home

        await conn.execute(update(home).values(next_at=0.0))
    assert await stage.app.homes.once() == 1
    assert "1.3.0" in str(priya.home.blocks)
    assert sum(call.method == "views.publish" for call in stage.slack.calls) == published + 1
    assert await stage.app.homes.once() == 0  # five seconds apart
