"""Buttons, menus and shortcuts, the old and the forged ones too."""

from __future__ import annotations

from datetime import datetime

from tests.handlers.desk import Desk, initial, labels, words
from tests.handlers.play import prepared, said, started
from tests.handlers.story import DANA, PRIYA, SANA, THEO


async def test_remind_sends_one_message_in_four_hours(desk: Desk) -> None:
    await started(desk)
    answer = await desk.types(PRIYA, "begin")
    assert answer.private
    assert said(await desk.clicks(PRIYA, answer.private, "Remind Mira")) == "Mira is reminded of v1.3.0."
    assert "within the last 4 hours" in said(await desk.clicks(THEO, answer.private, "Remind Mira"))


async def test_an_old_button_gets_the_fresh_card(desk: Desk) -> None:
    await started(desk)
    await desk.types(THEO, "hold the bank is closed")
    card = (await desk.types(THEO, "status")).private
    assert card and "Resume" in labels(card.blocks)
    assert said(await desk.clicks(PRIYA, card, "Resume")) == "✅ v1.3.0 goes on."
    stale = await desk.clicks(PRIYA, card, "Resume")
    assert said(stale).startswith("This was about an earlier state of v1.3.0; nothing was changed.")
    assert stale.private and stale.private.blocks[1]["block_id"] == "title"


async def test_go_looks_first_and_says_what_is_open(desk: Desk) -> None:
    await prepared(desk)
    desk.clock.to(datetime.fromisoformat("2026-12-16T15:00:00+00:00"))
    form = (await desk.types(PRIYA, "go")).form
    assert form and form.title == "Go for v1.3.0" and not form.submit
    assert "conditions are open" in words(form) and "as it was signed" in words(form)
    answer = await desk.clicks(PRIYA, form, "Go", view_id="V9")
    assert answer.form and "cannot go to production yet" in words(answer.form)
    assert (await desk.facts())["phase"] == "preparation"
    nogo = await desk.clicks(PRIYA, form, "No-go…", view_id="V9")
    assert nogo.form and nogo.form.title == "No-go for v1.3.0"


async def test_shortcuts_open_what_they_name(desk: Desk) -> None:
    assert (await desk.ask(PRIYA, "shortcut", callback_id="shortcut:start")).form
    assert said(await desk.ask(SANA, "shortcut", callback_id="shortcut:waiting")).startswith("Nothing waits for you.")
    await started(desk)
    taken = await desk.ask(
        DANA, "shortcut", callback_id="shortcut:concern", message_text="search is <b>slow</b>", message_ts="1"
    )
    assert taken.form and initial(taken.form)["reason"] == "search is <b>slow</b>"
    assert said(await desk.ask(DANA, "shortcut", callback_id="shortcut:other")).startswith(
        "This button is from an older"
    )


async def test_unknown_forged_and_empty_clicks_are_answered(desk: Desk) -> None:
    await started(desk)
    for action, value in (
        ("frobnicate", "1||"),
        ("frobnicate", ""),
        ("more", ""),
        ("more", "x|y|z"),
        ("approve", "99999||"),
        ("hold", "1|%ff|%"),
        ("tick", "1|no.such.item|no.such.item"),
        ("run", "|<script>|"),
        ("remind", "1||"),
        ("reject", "1|product_manager|deadbeef"),
        ("", ""),
    ):
        answer = await desk.ask(DANA, "action", action_id=action, value=value)
        assert answer.private or answer.form, (action, value)
        assert "failed" not in words(answer.private), (action, value)
    gone = await desk.ask(DANA, "submit", callback_id="nonsense", private_metadata="||||", key="view:x")
    assert said(gone).startswith("This button is from an older version.")
