"""Events of the lifecycle, fired by people."""

from __future__ import annotations

from tests.handlers.desk import Desk, initial, labels, words
from tests.handlers.play import NOTHING, started
from tests.handlers.story import DANA, PRIYA


async def test_begin_names_everything_that_is_missing(desk: Desk) -> None:
    await desk.types(PRIYA, "start minor")
    answer = await desk.types(PRIYA, "begin")
    text = words(answer.private)
    assert "v1.3.0 cannot begin development yet" in text and NOTHING in text
    assert answer.private and "Remind Mira" in labels(answer.private.blocks)
    assert "I am reading what changed since v1.2.2" in text


async def test_a_concern_stands_on_the_card_until_it_is_settled(desk: Desk) -> None:
    await started(desk)
    await desk.types(DANA, "concern search is slow on staging")
    card = await desk.types(PRIYA, "status")
    assert "a concern of <@U0DANA>: “search is slow on staging”" in words(card.private)
    form = (await desk.types(PRIYA, "settle")).form
    assert form and initial(form)["concern"] == "1"
    await desk.sends(PRIYA, form, reason="the index was missing")
    assert (await desk.facts())["concerns"] == []


async def test_a_repeated_request_is_done_once(desk: Desk) -> None:
    await started(desk)
    first = await desk.types(DANA, "concern search is slow", key="trigger:1")
    again = await desk.types(DANA, "concern search is slow", key="trigger:1")
    assert first.private and again.private and len((await desk.facts())["concerns"]) == 1
