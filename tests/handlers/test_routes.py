"""Every kind of request is answered, and nothing gets out as an exception."""

from __future__ import annotations

import pytest

from handlers import commands
from handlers.request import Answer, Request
from handlers.routes import dispatch
from tests.handlers.desk import Desk
from tests.handlers.story import PRIYA


@pytest.mark.parametrize("kind", ["command", "action", "submit", "shortcut", "mention"])
async def test_each_kind_with_nothing_in_it_is_answered(desk: Desk, kind: str) -> None:
    answer = await desk.ask(PRIYA, kind)
    assert answer.private or answer.form or answer.in_thread


async def test_home_is_published_and_a_closed_form_needs_no_answer(desk: Desk) -> None:
    assert (await desk.ask(PRIYA, "home")).home
    for kind in ("close", "event"):
        assert await dispatch(Request(kind, PRIYA, desk.clock.now()), desk.ctx) == Answer()  # type: ignore[arg-type]


async def test_an_exception_anywhere_becomes_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> Answer:
        raise ZeroDivisionError

    monkeypatch.setattr(commands, "typed", broken)
    answer = await desk.types(PRIYA, "why")
    assert answer.private and answer.private.text.startswith("Something in me failed")
