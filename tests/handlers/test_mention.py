"""The same words by mention."""

from __future__ import annotations

from tests.handlers.desk import Desk, labels
from tests.handlers.play import started
from tests.handlers.story import DANA, PRIYA


async def test_a_mention_shows_to_all_and_answers_a_deed_in_private(desk: Desk) -> None:
    await started(desk)
    shown = await desk.ask(DANA, "mention", text="why 1.3.0", thread_ts="1.2")
    assert shown.in_thread and shown.in_thread.text.startswith("v1.3.0 ")
    form = await desk.ask(PRIYA, "mention", text="hold 1.3.0", thread_ts="1.2")
    assert form.private and labels(form.private.blocks) == ["Open the form"] and form.form is None
    opened = await desk.clicks(PRIYA, form.private, "Open the form")
    assert opened.form and opened.form.callback_id == "hold"
