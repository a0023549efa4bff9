"""The words that only show something."""

from __future__ import annotations

from tests.handlers.desk import Desk, words
from tests.handlers.play import said, started
from tests.handlers.story import DANA, PRIYA


async def test_with_nothing_in_flight(desk: Desk) -> None:
    assert said(await desk.types(PRIYA, "")) == "Nothing waits for you. Nothing is in flight."
    assert said(await desk.types(PRIYA, "why")).startswith(
        "Nothing is in flight. The next train leaves on Wed 16 Dec 2026"
    )
    told = said(await desk.types(PRIYA, "hold the bank"))
    assert told == "Nobody can put a release on hold now. Nothing is in flight."
    assert said(await desk.types(PRIYA, "list")) == "Nothing is in flight."


async def test_every_word_that_shows_answers(desk: Desk) -> None:
    await started(desk)
    for line in (
        "",
        "status",
        "list",
        "list done",
        "why",
        "scope",
        "notes",
        "notes support",
        "diff",
        "env",
        "calendar",
        "help",
        "help freeze",
        "help frezee",
        "roles",
        "audit",
        "diff 1.2.2 1.3.0-rc.1",
        "status last",
    ):
        answer = await desk.types(DANA, line)
        assert answer.private, line
    assert "✅ chain unbroken" in words((await desk.types(DANA, "audit 1.3.0")).private)
