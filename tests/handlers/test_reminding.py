"""What somebody presses under a reminder is answered: later, on another day, not mine, and what has settled itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.reminders import KINDS
from core.store.tables import outbox
from core.usecases.ahead import ask_ahead
from handlers import ids
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views import reminders as views
from handlers.views.posts import render_post
from tests.handlers.desk import Desk, labels, words
from tests.handlers.layout import HOSTILE, check_message
from tests.handlers.play import started
from tests.handlers.story import DANA, MIRA, PRIYA, THEO

NEAR = datetime(2026, 12, 15, 15, tzinfo=UTC)  # ten working days before the train of 30 December


async def reminder(desk: Desk) -> Message:
    """What Priya is asked about the train near New Year."""
    desk.clock.to(NEAR)
    assert await ask_ahead(desk.ctx) == 1
    async with desk.ctx.store.database.reader.connect() as conn:
        bodies = [row.body for row in await conn.execute(select(outbox.c.body))]
    body = next(body for body in bodies if body.get("moment") == "ahead")
    return render_post(body["place"], body["moment"], body["data"])


def said(answer: Any) -> str:
    return words(answer.private)


async def test_a_reminder_is_put_off_by_its_menu_and_by_a_day(desk: Desk) -> None:
    message = await reminder(desk)
    check_message(message)
    assert labels(message.blocks)[-4:] == ["In 1 hour", "Tomorrow morning", "On another day…", "Not mine"]
    assert "I remind you again 15 Dec 2026, 11:01 Eastern" in said(await desk.clicks(PRIYA, message, "In 1 hour"))
    assert "16 Dec 2026, 09:00 Eastern" in said(await desk.clicks(PRIYA, message, "Tomorrow morning"))
    form = (await desk.clicks(PRIYA, message, "On another day…")).form
    assert form and form.title == "Remind me later"
    assert (await desk.sends(PRIYA, form, until="2026-12-01")).errors == {
        "until": "Name a day ahead, within the next months."
    }
    assert "By then it is over" in (await desk.sends(PRIYA, form, until="2027-02-01")).errors["until"]
    assert "21 Dec 2026, 09:00 Eastern" in words((await desk.sends(PRIYA, form, until="2026-12-21")).form)
    assert await ask_ahead(desk.ctx) == 0
    desk.clock.to(datetime(2026, 12, 21, 14, tzinfo=UTC))
    assert await ask_ahead(desk.ctx) == 1, "once, and not at each of the times that were named before"
    assert await ask_ahead(desk.ctx) == 0


async def test_what_is_nobody_elses_is_said_so_and_anothers_is_not_given_away(desk: Desk) -> None:
    message = await reminder(desk)
    assert "Nobody else could take it" in said(await desk.clicks(PRIYA, message, "Not mine"))
    assert "This is for" in said(await desk.clicks(THEO, message, "Not mine"))
    await desk.clicks(PRIYA, message, "Keep")
    assert "settled itself" in said(await desk.clicks(PRIYA, message, "Not mine"))
    assert "settled itself" in said(await desk.clicks(PRIYA, message, "In 1 hour"))


async def test_what_each_says_is_anothers_stays_with_the_last_and_an_hour_ends_with_the_day(desk: Desk) -> None:
    await started(desk)
    desk.clock.to(datetime(2026, 12, 4, 21, 30, tzinfo=UTC))  # Friday, 16:30 Eastern
    assert await ask_ahead(desk.ctx) == 2  # about the scope: the lead, and who holds the product
    async with desk.ctx.store.database.reader.connect() as conn:
        bodies = [r.body for r in await conn.execute(select(outbox.c.body)) if r.body.get("moment") == "ahead"]
    posts = {one["place"]: render_post(one["place"], one["moment"], one["data"]) for one in bodies}
    assert "Priya has it too" in said(await desk.clicks(MIRA, posts[f"dm:{MIRA}"], "Not mine"))
    for label in ("Not mine", "In 1 hour"):
        assert "settled itself" in said(await desk.clicks(MIRA, posts[f"dm:{MIRA}"], label)), "it is hers no more"
    assert "Nobody else could take it" in said(await desk.clicks(PRIYA, posts[f"dm:{PRIYA}"], "Not mine"))
    assert "7 Dec 2026, 09:00 Eastern" in said(await desk.clicks(PRIYA, posts[f"dm:{PRIYA}"], "In 1 hour"))


async def test_a_button_about_nothing_is_answered(desk: Desk) -> None:
    for value in ("-", ids.value(None, "no such thing"), ids.value(999, "x" * 900, "morning")):
        for verb in ("snooze", "not_mine", "answered"):
            old = b.message("old", b.actions(b.button("Old", verb, value)))
            answer = await desk.clicks(DANA, old, "Old")
            assert answer.private or answer.form


THING: dict[str, Any] = {
    "token": "a" * 16, "release": 7, "version": "1.3.0", "at": "2026-12-16T15:00:00+00:00", "train": "main",
    "holiday": HOSTILE, "days": -2, "first": "2026-10-01", "last": "2026-12-31", "notice": 28, "from": THEO,
    "titles": [HOSTILE] * 9, "title": HOSTILE, "refs": [HOSTILE] * 9, "gaps": 3, "unclassified": 2, "text": HOSTILE,
    "due": "2026-12-28", "from_release": "1.2.2", "flag": HOSTILE, "since": "2026-12-16T15:00:00+00:00", "open": 2,
}  # fmt: skip


@pytest.mark.parametrize("code", [k.code for k in KINDS if k.sent == "table"])
def test_every_kind_holds_with_hostile_words_alone_and_among_many(code: str) -> None:
    known = {"names": {THEO: HOSTILE}, "zone": "America/New_York"}
    for count in (1, 30):
        check_message(render_post(f"dm:{PRIYA}", "ahead", known | {"things": [THING | {"code": code}] * count}))


def test_the_answers_hold_with_hostile_words() -> None:
    known = {"names": {THEO: HOSTILE}, "zone": "America/New_York"}
    for message in (
        *(views.put_off(at, known) for at in ("", "2026-12-16T15:00:00+00:00")),
        *(views.handed_on(to, asked, known) for to in ([], [THEO, HOSTILE]) for asked in (True, False)),
        *(views.noted(k.code if k.ends else "", known) for k in KINDS),
    ):
        check_message(message)
