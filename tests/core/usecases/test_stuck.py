"""Who is asked about an effect that waits for a person, and whose word counts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.errors import NotFound, Refused
from core.store import audit, outbox
from core.store.outbox import Claimed, claim
from core.store.tables import outbox as rows
from core.store.unit_of_work import Unit
from core.usecases import stuck
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk
from tests.handlers.story import DANA, PRIYA


async def parked(desk: Desk, kind: str = "slack.post") -> Claimed:  # noqa: F811
    """A row that Slack has refused for good."""
    chain = f"product:{desk.ctx.product}"

    async def writes(unit: Unit) -> int:
        return await unit.outbox("test", kind, {"place": "team", "moment": "outside"}, cause=chain)

    await desk.ctx.store.unit(writes, verb="test.post", chains=[chain])
    row = next(one for one in await claim(desk.ctx.store) if one.lane == "test")

    async def fails(unit: Unit) -> None:
        await outbox.park(unit, row, "msg_too_long")
        await stuck.tell(desk.ctx, unit, row, "msg_too_long")

    await desk.ctx.store.unit(fails, verb="test.park", chains=[chain])
    return row


async def questions(desk: Desk) -> list[str]:  # noqa: F811
    async with desk.ctx.store.database.reader.connect() as conn:
        found = await conn.execute(select(rows.c.lane).where(rows.c.kind == stuck.KIND).order_by(rows.c.id))
        return list(found.scalars())


async def test_each_release_manager_is_asked_and_only_one_s_word_counts_once(desk: Desk) -> None:  # noqa: F811
    row = await parked(desk)
    assert await questions(desk) == [f"dm:{PRIYA}"]
    with pytest.raises(Refused) as stranger:
        await stuck.rule(desk.ctx, DANA, row.id, "skip")
    assert stranger.value.blockers[0].who == (PRIYA,)
    await stuck.rule(desk.ctx, PRIYA, row.id, "skip")
    async with desk.ctx.store.database.reader.connect() as conn:
        assert await outbox.stuck(conn) == []
        entries = await audit.entries(conn, f"product:{desk.ctx.product}")
    assert [(e.actor, e.verb, e.body) for e in entries][-1] == (
        PRIYA, "outbox.ruled", {"row": row.id, "ruling": "skip"},
    )
    with pytest.raises(NotFound):
        await stuck.rule(desk.ctx, PRIYA, row.id, "retry")


async def test_a_question_that_cannot_be_delivered_asks_nothing(desk: Desk) -> None:  # noqa: F811
    await parked(desk, stuck.KIND)
    assert len(await questions(desk)) == 1, "the one that could not be delivered itself"
