"""Forms that were sent."""

from __future__ import annotations

from dataclasses import replace

from tests.core.domain.world import policy
from tests.handlers.desk import Desk, initial, words
from tests.handlers.play import prepared, said, started
from tests.handlers.story import MIRA, PRIYA, THEO


async def test_the_checklist_form_ticks_and_asks_why_when_a_tick_is_taken_away(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(MIRA, "checklist")).form
    assert form and form.title == "Checklist v1.3.0"
    done = await desk.sends(MIRA, form, yours=("scope.final",))
    assert done.form and "*1 changed.*" in words(done.form)
    form = (await desk.types(MIRA, "checklist")).form
    assert form and initial(form)["yours.other"] == ("scope.final",)
    refused = await desk.sends(MIRA, form, yours=())
    assert list(refused.errors) == ["why"]
    await desk.sends(MIRA, form, yours=(), why="two issues came back")
    facts = await desk.facts()
    assert next(s for s in facts["signoffs"] if s["name"] == "scope.final")["done"] is None


async def test_a_checklist_that_was_open_signs_nothing_of_another_candidate(desk: Desk) -> None:
    await prepared(desk)
    facts = await desk.facts()
    due = [(s["name"], p) for s in facts["signoffs"] if s["due"] and not s["done"] for p in s["people"]]
    item, person = next((n, p) for n, p in due if policy().signoffs[n].subject == "content")
    form = (await desk.types(person, "checklist")).form
    assert form and f"|{facts['candidate']['number']}|" in form.private_metadata
    old = replace(form, private_metadata=form.private_metadata.replace(f"|{facts['candidate']['number']}|", "|9|"))
    told = await desk.sends(person, old, yours=(item,))
    assert told.form and "Nothing changed" in words(told.form)
    assert "was cut while this form was open" in words(told.form)
    assert "1 changed" in words((await desk.sends(person, form, yours=(item,))).form)


async def test_a_form_that_was_open_too_long_keeps_the_words(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(THEO, "hold")).form
    assert form
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "begin")
    again = await desk.sends(THEO, form, reason="waiting for the bank")
    assert again.form and "While this form was open something changed" in words(again.form)
    assert initial(again.form)["reason"] == "waiting for the bank"
    done = await desk.sends(THEO, again.form)
    assert "is on hold" in words(done.form)


async def test_edit_takes_only_what_differs(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "edit")).form
    assert form
    same = await desk.sends(PRIYA, form)
    assert same.errors == {"title": "Nothing was changed in the form."}
    await desk.sends(PRIYA, form, title="Saved searches")
    facts = await desk.facts()
    assert (facts["title"], facts["version"]) == ("Saved searches", "1.3.0")


async def test_the_texts_are_mended_and_shown_as_they_will_be_posted(desk: Desk) -> None:
    await started(desk)
    for audience, sent in (
        ("stakeholders", {"gets": "Saved searches\nStatements as PDF"}),
        ("support", {"new": "Statements as PDF", "contact": "Mira", "say": "All is well."}),
    ):
        notes = (await desk.types(MIRA, f"notes {audience}")).private
        assert notes
        form = (await desk.clicks(MIRA, notes, "Mend the texts…")).form
        assert form and form.title == "Texts of v1.3.0"
        done = await desk.sends(MIRA, form, **sent)
        assert "• Statements as PDF" in words(done.form) and "Mended by <@U0MIRA>" in words(done.form)


async def test_reject_asks_why_and_a_withdrawal_is_told(desk: Desk) -> None:
    await prepared(desk)
    request = (await desk.types(MIRA, "approve")).private
    assert request
    form = (await desk.clicks(MIRA, request, "Reject…")).form
    assert form and form.title == "Reject v1.3.0" and "You answer as *product manager* for rc.1" in words(form)
    done = await desk.sends(MIRA, form, reason="Owner statements show the wrong month")
    assert "You rejected *v1.3.0* (rc.1)" in words(done.form)
    seat = (await desk.facts())["approvals"][0]
    assert seat["rejected"][0]["reason"] == "Owner statements show the wrong month"
    assert "a rejection by <@U0MIRA>" in words((await desk.types(PRIYA, "status")).private)
    back = await desk.types(MIRA, "withdraw I looked at the wrong build")
    assert said(back).startswith("You took your approval of v1.3.0 back.")


async def test_the_retrospective_is_for_later(desk: Desk) -> None:
    await started(desk)
    early = await desk.types(PRIYA, "retro 1.3.0")
    assert early.private and early.private.text == "The retrospective of v1.3.0 comes when it is live."
