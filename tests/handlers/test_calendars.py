"""Trains and the lock."""

from __future__ import annotations

from tests.handlers.desk import Desk, words
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
    form = (await desk.types(PRIYA, "skip")).form
    assert form and form.title == "Skip a train"
    denied = await desk.types(DANA, "skip 13 jan a reason")
    assert said(denied) == f"Only a release manager can skip a train: Priya. {NOTHING}"
    assert said(await desk.types(PRIYA, "unlock all is well")).startswith(
        "This cannot be cleared. Production is not locked."
    )


async def test_a_day_of_another_century_is_said_at_its_field(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "extra 9999-12-31 23:00")).form
    assert form and form.title == "Add a departure"
    sent = await desk.sends(PRIYA, form, at="9999-12-31")
    assert sent.errors == {"at": "Please choose a day of this century."}
