"""What people say about themselves, typed and in forms, and what is refused with which words."""

from __future__ import annotations

from datetime import timedelta

from handlers.views.approval import ask
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import said
from tests.handlers.story import DANA, ERIKA, LEAVES, MIRA, NOW, PRIYA, THEO, facts

TYPED = (
    (THEO, f"delegate <@{THEO}>", "Nobody stands in for themselves"),
    (THEO, f"delegate <@{ERIKA}> until 1 dec 2020", "is over. Name a day ahead"),
    (THEO, f"delegate <@{ERIKA}> until 1 dec 2090", "At most 400 days"),
    (THEO, f"delegate <@{ERIKA}> as qa", "You can lend only a role that you hold yourself; yours: tech lead"),
    (DANA, f"delegate <@{ERIKA}>", "You can lend only a role that you hold yourself"),
    (THEO, "delegate <@U0STRANGER>", "is not among the people of the policy"),
    (THEO, f"delegate <@{ERIKA}> until 24 dec", "stands in for you until"),
    (THEO, "away 31 dec 3 dec", "That ends before it begins"),
    (THEO, "away until 2 jan 2020", "is over. Name a day ahead"),
    (DANA, "away tomorrow", "You are away from"),
)


async def test_what_is_typed_is_done_or_refused_in_words(desk: Desk) -> None:
    for who, line, answer in TYPED:
        told = said(await desk.types(who, line))
        assert answer in told, (line, told)


async def test_without_enough_words_the_form_asks_and_says_what_it_could_not_read(desk: Desk) -> None:
    form = (await desk.types(MIRA, f"delegate <@{ERIKA}> when I am on the train")).form
    assert form and "I could not read “when I am on the train”" in words(form)
    sent = await desk.sends(MIRA, form, to=MIRA)
    assert sent.errors == {"to": "Nobody stands in for themselves. Name somebody else."}
    sent = await desk.sends(MIRA, form, to=ERIKA, until="2026-12-31")
    assert sent.form and "stands in for you until" in words(sent.form)
    again = (await desk.types(MIRA, "delegate")).form
    assert again and "stands in for you until" in words(again), "what holds stands in the form"
    off = (await desk.types(MIRA, "delegate off")).private
    assert off and "no longer stands in for you" in words(off)


async def test_an_absence_without_anybody_offers_to_name_somebody(desk: Desk) -> None:
    told = (await desk.types(PRIYA, "away 21 dec 4 jan")).private
    assert told and "Nobody stands in for you then" in words(told)
    form = (await desk.clicks(PRIYA, told, "Let somebody stand in…")).form
    assert form and form.title == "Who stands in for you?"
    await desk.types(PRIYA, f"delegate <@{ERIKA}> until 24 dec")
    told = (await desk.types(PRIYA, "away 21 dec 4 jan")).private
    assert told and "stands in for you until" in words(told) and "Nobody stands in from" in words(told)
    assert "Let somebody stand in…" in labels(told.blocks), "the delegation ends before the absence does"
    refused = said(await desk.types(THEO, f"delegate <@{PRIYA}> until 24 dec"))
    assert "is away from" in refused and "Name somebody else" in refused


async def test_settings_are_kept_and_what_is_to_decide_is_not_among_what_can_be_muted(desk: Desk) -> None:
    form = (await desk.types(DANA, "mute")).form
    assert form and "A change of mine missed its train" in words(form) and "approve" not in words(form).casefold()
    sent = await desk.sends(DANA, form, mutes=("missed_author", "ask"), begins="08:00")
    assert sent.form and "1 kind of messages is off" in words(sent.form)
    assert "My settings…" in labels(sent.form.blocks)
    sent = await desk.sends(DANA, form, ends="07:00")
    assert list(sent.errors) == ["ends"]


def test_the_request_says_for_whom_and_why_at_this_hour() -> None:
    known = facts()
    seat = known["approvals"][0]
    ends, late = (LEAVES - timedelta(days=3)).isoformat(), (LEAVES + timedelta(days=3)).isoformat()
    for why, at, told in (
        ("away", late, "is away until"),
        ("delegated", late, "You stand in for <@U0MIRA> until"),
        ("day", ends, "has not answered and the working day there ends at"),
        ("day", late, "is not at work before the answer is due"),
    ):
        seat["stand_ins"] = {ERIKA: {"holder": MIRA, "why": why, "at": at}}
        seat["asked"] = [MIRA, ERIKA]
        assert told in words(ask(known, ERIKA, "product_manager", NOW)), why
        assert told not in words(ask(known, MIRA, "product_manager", NOW))
    outside = "Sent outside your hours because production is affected."
    assert outside not in words(ask(known, MIRA, "product_manager", NOW))
    assert outside in words(ask(known | {"woken": [MIRA]}, MIRA, "product_manager", NOW))
