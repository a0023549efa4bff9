"""What the bot does about people by itself: it asks Slack for time zones, and sends nobody what they turned off."""

from __future__ import annotations

from sqlalchemy import select

from core.store import people
from core.store.tables import outbox
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.people import settings, wanted_people
from tests.bot.conftest import Stages

HOURS = {"begins": "09:00", "ends": "17:00", "days": ["0", "1", "2", "3", "4"]}


async def test_zones_are_read_once_a_day_and_a_person_whom_slack_does_not_know_stops_nobody(stages: Stages) -> None:
    async with stages() as stage:
        ctx = stage.app.ctx
        stage.slack.people.set_group("S0PM", ["U0MIRA", "U0NOBODY"])
        await stage.app.scheduler.sweep_groups()
        async with ctx.store.database.reader.connect() as conn:
            known = await people.everybody(conn)
        assert known["U0QADIR"].zone == "Europe/London" and known["U0NOBODY"].zone == ""
        assert await wanted_people(ctx) == ()


async def test_what_is_turned_off_is_not_sent_and_the_rest_is(stages: Stages) -> None:
    async with stages() as stage:
        ctx = stage.app.ctx
        await settings(ctx, Ask("U0DANA", "settings", input={**HOURS, "mutes": ["missed_author"]}))
        await stage.app.settle()

        async def write(unit: Unit) -> None:
            for moment in ("missed_author", "outside"):
                body = {"place": "dm:U0DANA", "moment": moment, "data": {"actor": "", "reason": "x", "names": {}}}
                await unit.outbox("dm:U0DANA", "slack.post", body, cause="outside")

        await ctx.store.unit(write, verb="test", chains=["outside"])
        await stage.app.settle()
        mine = select(outbox.c.state).where(outbox.c.lane == "dm:U0DANA").order_by(outbox.c.id)
        async with ctx.store.database.reader.connect() as conn:
            assert list((await conn.execute(mine)).scalars()) == ["void", "done"]
