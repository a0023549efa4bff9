"""A proposed line for the notes reaches who leads, once, and changes nothing by itself."""

from __future__ import annotations

from sqlalchemy import select

from core.store.tables import outbox
from core.usecases.advance import Ask
from core.usecases.propose import LONGEST, propose
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk
from tests.handlers.play import started
from tests.handlers.story import DANA, PRIYA


async def test_who_leads_is_asked_and_the_notes_stay_as_they_are(desk: Desk) -> None:  # noqa: F811
    await started(desk)
    before = (await desk.facts())["texts"]
    given = {"place": "workaround", "text": "Maps are slow. " * 99}
    ask = Ask(DANA, "propose_line", 1, input=given, key="once")
    assert [await propose(desk.ctx, ask) for _ in range(2)] == [PRIYA, PRIYA]
    async with desk.ctx.store.database.reader.connect() as conn:
        rows = (await conn.execute(select(outbox.c.lane, outbox.c.body))).all()
    asked = [body["data"] for lane, body in rows if body.get("moment") == "line_proposed" and lane == f"dm:{PRIYA}"]
    assert [len(data["line"]) for data in asked] == [LONGEST]
    assert (await desk.facts())["texts"] == before
