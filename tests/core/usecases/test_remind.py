"""One reminder for one reason and person in four hours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.errors import NotFound
from core.store.tables import outbox
from core.usecases.advance import Ask
from core.usecases.remind import remind
from core.usecases.tick import tick
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk
from tests.handlers.play import started
from tests.handlers.story import MIRA, PRIYA, QADIR


async def sent(desk: Desk) -> int:  # noqa: F811
    async with desk.ctx.store.database.reader.connect() as conn:
        rows = select(func.count()).select_from(outbox).where(outbox.c.lane.like("dm:%"))
        return int((await conn.execute(rows)).scalar_one())


async def test_a_second_reminder_waits_four_hours(desk: Desk) -> None:  # noqa: F811
    await started(desk)
    before = await sent(desk)
    ask = Ask(PRIYA, "remind", release=1, input={"person": MIRA, "code": "approval.product_manager", "about": "it"})
    assert (await remind(desk.ctx, ask))["sent"] and not (await remind(desk.ctx, ask))["sent"]
    other = Ask(PRIYA, "remind", release=1, input={"person": QADIR, "code": "approval.product_manager"})
    assert (await remind(desk.ctx, other))["sent"]
    assert await sent(desk) == before + 2
    desk.clock.to(desk.clock.now() + timedelta(hours=4))
    assert (await remind(desk.ctx, ask))["sent"]


async def test_who_does_not_work_now_is_reminded_when_they_do(desk: Desk) -> None:  # noqa: F811
    await started(desk)
    desk.clock.to(desk.clock.now().replace(hour=4))  # 23:00 Eastern
    before = await sent(desk)
    told = await remind(desk.ctx, Ask(PRIYA, "remind", release=1, input={"person": MIRA, "code": "x", "about": "it"}))
    assert told["sent"] and await sent(desk) == before
    desk.clock.to(datetime.fromisoformat(told["at"]))
    await tick(desk.ctx)
    assert await sent(desk) == before + 1


async def test_no_release_no_reminder(desk: Desk) -> None:  # noqa: F811
    with pytest.raises(NotFound):
        await remind(desk.ctx, Ask(PRIYA, "remind", release=99, input={"person": MIRA}))
