"""The rows of metrics are written with what they are of, and say what record and trail say: no second truth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from core.domain.metrics.rows import Rows
from core.errors import NotFound
from core.store import measures, releases
from core.store.tables import release_story, shipped_change, shipped_deployment
from core.store.unit_of_work import Unit, release_chain
from core.usecases.advance import Ask, perform
from core.usecases.measuring import astray, catch_up, rebuild_all
from core.usecases.metrics import measured, period
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk
from tests.handlers.play import prepared
from tests.handlers.story import MIRA, PRIYA


async def stored(desk: Desk) -> Rows:  # noqa: F811
    async with desk.ctx.store.database.reader.connect() as conn:
        return await measures.of_release(conn, 1)


async def test_rows_are_what_record_and_trail_say_and_are_made_again_of_them(desk: Desk) -> None:  # noqa: F811
    await prepared(desk)
    desk.clock.to(desk.clock.now() + timedelta(hours=3))
    await perform(desk.ctx, Ask(MIRA, "approve", release=1, input={"role": "product_manager"}))
    [story] = (await stored(desk)).stories
    assert [(w.role, w.answered_at - w.asked_at) for w in story.waits] == [("product_manager", timedelta(hours=3))]
    assert await astray(desk.ctx) == [] and await catch_up(desk.ctx) == 0
    found = await measured(desk.ctx, await period(desk.ctx))
    assert found.measure("approval_wait").few == (10800,) and found.measure("preparation_time").n == 1

    async def before_there_were_rows(unit: Unit) -> None:
        """As the version before left it: no rows, and no marks on the release."""
        for table in (shipped_change, shipped_deployment, release_story):
            await unit.conn.execute(delete(table))
        release = await releases.load(unit.conn, 1)
        record = {k: v for k, v in releases._columns(release)["record"].items() if k not in ("marks", "nudges")}
        await unit.conn.execute(update(releases.r).values(record=record))

    await desk.ctx.store.unit(before_there_were_rows, verb="test", chains=[release_chain(1)])
    assert await astray(desk.ctx) == ["1.3.0"]
    assert await catch_up(desk.ctx) == 1 and await astray(desk.ctx) == []
    assert (await stored(desk)).stories == (story,)
    await desk.types(PRIYA, "concern the dates are wrong")  # the next save finds the marks in the trail
    assert await astray(desk.ctx) == [] and (await stored(desk)).stories[0].waits == story.waits

    async def changed_by_hand(unit: Unit) -> None:
        [now] = (await measures.of_release(unit.conn, 1)).stories
        wrong = measures.encode(now) | {"posts": 99}
        await unit.conn.execute(update(release_story).values(record=wrong))

    await desk.ctx.store.unit(changed_by_hand, verb="test", chains=[release_chain(1)])
    assert await astray(desk.ctx) == ["1.3.0"]
    assert await rebuild_all(desk.ctx) == 1 and await astray(desk.ctx) == []


async def test_a_period_that_cannot_be_measured_is_said_so(desk: Desk) -> None:  # noqa: F811
    for said in ("2199", "2026-03..2026-01", "tomorrow"):
        with pytest.raises(NotFound):
            await period(desk.ctx, said)
    assert (await measured(desk.ctx, await period(desk.ctx, "2001"))).empty
