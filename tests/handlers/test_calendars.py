"""Trains and the lock."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from core.store.tables import outbox
from core.usecases.ahead import ask_ahead
from core.usecases.trains import next_trains
from handlers.views import render_post
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import NOTHING, said
from tests.handlers.story import DANA, PRIYA


async def test_trains_are_skipped_and_added(desk: Desk) -> None:
    assert said(await desk.types(PRIYA, "skip 30 dec holidays")).startswith(
        "✅ The train of 30 Dec 2026, 10:00 Eastern"
    )
    assert said(await desk.types(PRIYA, "extra 18 dec 14:00")).startswith(
        "✅ A train leaves 18 Dec 2026, 14:00 Eastern."
    )
    calendar = words((await desk.types(DANA, "calendar")).private)
    assert "does not run: “holidays”" in calendar and "(extra)" in calendar
    assert said(await desk.types(PRIYA, "shift 13 jan 14 jan board meeting")).startswith("✅")
    moved = next(x for x in words((await desk.types(DANA, "calendar")).private).splitlines() if "board meeting" in x)
    assert "~ leaves " in moved and "does not run" not in moved
    form = (await desk.types(PRIYA, "skip")).form
    assert form and form.title == "Skip a train"
    denied = await desk.types(DANA, "skip 27 jan a reason")
    assert said(denied) == f"Only a release manager can skip a train: Priya. {NOTHING}"
    assert said(await desk.types(PRIYA, "unlock all is well")).startswith(
        "This cannot be cleared. Production is not locked."
    )


async def test_a_day_of_another_century_is_said_at_its_field(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "extra 9999-12-31 23:00")).form
    assert form and form.title == "Add a departure"
    sent = await desk.sends(PRIYA, form, at="9999-12-31")
    assert sent.errors == {"at": "Please choose a day of this century."}


async def test_a_train_near_a_holiday_is_answered_with_the_buttons_of_the_question(desk: Desk) -> None:
    desk.clock.to(datetime(2026, 12, 15, 15, tzinfo=UTC))
    new_year = "2026-12-30T15:00:00+00:00"
    assert await ask_ahead(desk.ctx) == 1
    async with desk.ctx.store.database.reader.connect() as conn:
        (body,) = [row.body for row in await conn.execute(select(outbox.c.body)) if row.body.get("moment") == "ahead"]
    message = render_post(body["place"], body["moment"], body["data"])
    assert words(message).startswith("The train of 30 Dec 2026, 10:00 Eastern leaves 2 days before New Year's Day.")
    assert labels(message.blocks)[:4] == ["Keep", "Move…", "Skip it…", "Start…"]
    assert said(await desk.clicks(DANA, message, "Keep")).startswith("Only a release manager")
    assert said(await desk.clicks(PRIYA, message, "Keep")).startswith("✅ The train of 30 Dec")
    form = (await desk.clicks(PRIYA, message, "Move…")).form
    assert form and form.title == "Move a train"
    await desk.sends(PRIYA, form, to="2027-01-06", reason="nobody is here")
    rows = {row["at"]: row for row in await next_trains(desk.ctx)}
    assert rows[new_year]["skipped"] == "nobody is here" and rows["2027-01-06T15:00:00+00:00"]["extra"]
    assert "No train leaves on 30 Dec 2026" in said(await desk.clicks(PRIYA, message, "Keep")), "it was moved meanwhile"
