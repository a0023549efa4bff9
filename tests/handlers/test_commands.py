"""Typed words: what runs at once and what opens its form."""

from __future__ import annotations

from tests.handlers.desk import Desk, initial, words
from tests.handlers.play import NOTHING, said, started
from tests.handlers.story import MIRA, PRIYA


async def test_typos_versions_and_words_of_later(desk: Desk) -> None:
    await started(desk)
    typo = await desk.types(PRIYA, "statsu 1.3.0")
    assert said(typo) == "I do not know statsu. Did you mean status?"
    assert typo.private
    ran = await desk.clicks(PRIYA, typo.private, "Run: status 1.3.0")
    assert said(ran).startswith("v1.3.0 (minor) is in planning.")
    assert said(await desk.types(PRIYA, "why 1.3.1")) == "There is no v1.3.1. In flight is v1.3.0."
    assert said(await desk.types(PRIYA, "metrics")) == f"metrics comes with a later version. {NOTHING}"
    assert "I do not know" in said(await desk.types(PRIYA, "<!channel> *x* `y`"))


async def test_freezing_before_its_day_needs_a_reason(desk: Desk) -> None:
    await started(desk)
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "tick milestone")
    await desk.types(PRIYA, "begin")
    form = (await desk.types(PRIYA, "freeze")).form
    assert form and form.title == "Freeze v1.3.0" and "it comes by itself" in words(form)
    short = await desk.sends(PRIYA, form, reason="x")
    assert short.errors == {"reason": "Please say it in 3 to 1,000 characters; these are 1."}
    done = await desk.sends(PRIYA, form, reason="office move on Friday")
    assert "Got it: branch and first candidate for *v1.3.0*" in words(done.form)


async def test_moving_shows_the_free_trains_and_takes_another_day(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "move 1.3.0 30 dec")).form
    assert form and form.title == "Move v1.3.0" and initial(form)["other"] == "2026-12-30"
    done = await desk.sends(PRIYA, form, reason="holidays")
    assert "leaves" in words(done.form)
    assert (await desk.facts())["departs_at"] == "2026-12-30T15:00:00+00:00"
    past = (await desk.types(PRIYA, "move 1.3.0")).form
    assert past
    refused = await desk.sends(PRIYA, past, other="2026-11-02")
    assert "has passed or is no departure" in refused.errors["other"]


async def test_cancel_asks_and_says_what_it_ends(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "cancel scope fell apart")).form
    assert form and "This ends *v1.3.0* for good." in words(form) and initial(form)["reason"] == "scope fell apart"
    await desk.sends(PRIYA, form)
    assert (await desk.facts())["phase"] == "cancelled"
