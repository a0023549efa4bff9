"""Which requests belong to a rehearsal, and that each message of it says so, with hostile words too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.due import Due
from handlers import ids, rehearsing
from handlers.request import Answer, Message, Request
from handlers.views import blocks as b
from handlers.views import rehearsal as views
from handlers.views.writing import said
from tests.handlers import story
from tests.handlers.layout import HOSTILE, check_message

TYPED = Request("command", story.PRIYA, story.NOW, channel="C0PLAY")


def test_every_message_says_first_that_it_is_a_rehearsal() -> None:
    facts = story.facts()
    words = said(HOSTILE)
    plain, headed = b.message(words, b.section(words)), b.message(words, b.header(HOSTILE), b.section(words))
    shown = [
        views.explained(True), views.explained(False), views.copying(), views.begun(plain),
        views.jumped(None, facts), views.ended(),
        views.jumped(Due(story.NOW, "freeze", ""), facts), views.over(), views.rehearsed(headed, "support"),
    ]  # fmt: skip
    for message in shown:
        check_message(message)
        assert message.text.startswith("Rehearsal")
        assert "Rehearsal" in str(message.blocks[0])
    assert views.rehearsed(shown[0]) is shown[0], "it is said once"
    assert "for the support channel" in shown[-1].text


@pytest.mark.parametrize(
    ("request_", "meant"),
    [
        (replace(TYPED, text="status 1.3.0"), False),
        (replace(TYPED, text="policy adopt 1.3.0"), False),
        (replace(TYPED, text="policy"), True),
        (replace(TYPED, text="away 21 dec 4 jan"), True),
        (replace(TYPED, kind="submit", callback_id="delegate"), True),
        (replace(TYPED, kind="action", action_id="policy_sign", value=ids.value(None, "x")), True),
        (replace(TYPED, kind="home"), True),
    ],
)
def test_what_is_about_a_person_or_the_policy_is_real_everywhere(request_: Request, meant: bool) -> None:
    assert rehearsing._is_real(request_) is meant


def test_a_form_remembers_its_release_and_its_channel() -> None:
    form = replace(TYPED, kind="submit", channel="", private_metadata=ids.metadata(ids.Target(), "C0PLAY", "minor"))
    assert rehearsing._named(form) == (0, "C0PLAY")
    button = replace(TYPED, kind="action", action_id="more", value=ids.option("hold", 7))
    assert rehearsing._named(button) == (7, "")


async def test_a_later_answer_says_it_too() -> None:
    async def later() -> Answer:
        return Answer(private=Message("There it is."))

    told = rehearsing.told(Answer(in_thread=Message("I look."), later=later()))
    assert told.in_thread is not None and told.in_thread.text == "Rehearsal: I look."
    assert told.later is not None and (await told.later).private == Message("Rehearsal: There it is.")
