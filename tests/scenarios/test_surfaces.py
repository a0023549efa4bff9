"""What people type and which release they mean; the checklist and the texts that are sent."""

from __future__ import annotations

import pytest

from tests.scenarios.driver import Team
from tests.scenarios.hands import types

calm = pytest.mark.asyncio(loop_scope="module")


# --- what is typed --------------------------------------------------------------------------------------------------


@calm
@pytest.mark.parametrize(("typed", "meant"), [("stauts", "status"), ("hlep", "help"), ("calender", "calendar")])
async def test_a_typo_is_answered_with_the_word_that_was_meant(shared: Team, typed: str, meant: str) -> None:
    dana = await types(shared, "dana", typed)
    assert f"I do not know {typed}. Did you mean {meant}?" in dana.private()
    answered = len(dana.messages("releases"))
    await dana.clicks(f"Run: {meant}")
    await shared.app.replies.after.idle()
    assert len(dana.messages("releases")) == answered + 1 and "I do not know" not in dana.private()


@calm
async def test_a_typo_keeps_what_stood_behind_the_word(shared: Team) -> None:
    dana = await types(shared, "dana", "stauts 1.3.0")
    await dana.clicks("Run: status 1.3.0")
    await shared.app.replies.after.idle()
    assert "v1.3.0 · minor release" in dana.private()


@calm
async def test_a_word_that_nobody_knows_leads_to_all_words(shared: Team) -> None:
    dana = await types(shared, "dana", "xyzzy plugh")
    assert "I do not know xyzzy" in dana.private()
    await dana.clicks("All words")
    await shared.app.replies.after.idle()
    assert "Every word, in six groups" in dana.private()


@calm
@pytest.mark.parametrize("words", ["status 1.3.1", "why v9.9", "approve 7.0.0", "hold 2.2.2 because"])
async def test_a_version_that_is_not_there_is_answered_with_those_that_are(shared: Team, words: str) -> None:
    dana = await types(shared, "dana", words)
    assert "There is no v" in dana.private() and "In flight is v1.3.0" in dana.private()
    await dana.clicks("v1.3.0")
    await shared.app.replies.after.idle()
    assert "v1.3.0 · minor release" in dana.private()


@calm
async def test_nothing_typed_shows_what_waits_for_you(shared: Team) -> None:
    mira = await types(shared, "mira", "")
    assert "1 thing waits for you" in mira.private() and "Scope is final" in mira.private()
    assert "Start a release" not in mira.buttons(mira.private_message())
    dana = await types(shared, "dana", "")
    assert "Nothing waits for you" in dana.private() and "v1.3.0" in dana.private()
    priya = await types(shared, "priya", "")
    assert "Start a release" in priya.buttons(priya.private_message())


@calm
async def test_help_is_about_now_and_about_each_word(shared: Team) -> None:
    dana = await types(shared, "dana", "help")
    assert "v1.3.0 is in planning. Possible now" in dana.private() and "Begin development" in dana.buttons()
    assert "Who: release manager, tech lead" in (await types(shared, "dana", "help freeze")).private()
    await types(shared, "dana", "help frezee")
    await dana.clicks("Run: help freeze")
    await shared.app.replies.after.idle()
    assert "Example: /release freeze" in dana.private()


@calm
async def test_only_those_who_may_can_and_the_others_can_ask_them(shared: Team) -> None:
    dana = await types(shared, "dana", "cancel 1.3.0 I do not like it")
    assert "Only a release manager can cancel v1.3.0: @Priya. Nothing was changed." in dana.private()
    assert await shared.phase("1.3.0") == "planning"
    await types(shared, "dana", "begin 1.3.0")
    await dana.clicks("Ask Priya")
    await shared.settles()
    assert any("@Dana reminds you of v1.3.0" in shared.priya.reads(m) for m in shared.priya.dm())
    await types(shared, "dana", "begin 1.3.0")
    await dana.clicks("Ask Priya")
    await shared.settles()
    assert "was reminded of this within the last 4 hours" in dana.private()


# --- which release is meant -----------------------------------------------------------------------------------------


async def test_with_several_open_releases_there_is_a_choice_and_never_a_guess(play: Team) -> None:
    for words in ("start minor", "start major"):
        await play.says("priya", words)
    theo = await types(play, "theo", "hold waiting for the bank")
    assert "More than one is open" in theo.private()
    assert [b for b in theo.buttons(theo.private_message()) if b.startswith("v")] == ["v1.3.0", "v2.0.0"]
    assert not (await play.facts("1.3.0"))["hold"] and not (await play.facts("2.0.0"))["hold"]
    await theo.clicks("v2.0.0")
    await play.settles()
    assert "v2.0.0 is on hold" in theo.private()
    assert (await play.facts("2.0.0"))["hold"]["reason"] == "waiting for the bank"
    assert not (await play.facts("1.3.0"))["hold"]
    await play.says("theo", "resume")
    assert not (await play.facts("2.0.0"))["hold"], "only one of them can be resumed, so it is meant"
    assert "v1.3.0" in (await types(play, "dana", "status")).private(), "words that show: what leaves soonest"
    assert "v1.3.0" in (await types(play, "dana", "why next")).private()


async def test_edit_corrects_before_the_first_candidate_and_stands_in_the_record(play: Team) -> None:
    await play.says("priya", "start minor")
    priya = await types(play, "priya", "edit 1.3.0")
    assert await priya.submits({"Title": "Winter", "When does it leave?": "Wed 30 Dec 2026"}) == {}
    await play.settles()
    facts = await play.facts("1.3.0")
    assert facts["title"] == "Winter" and facts["departs_at"].startswith("2026-12-30")
    assert "Winter" in play.card_text("1.3.0") and "December 30" in play.card_text("1.3.0")
    assert "Correct it: corrects" in (await types(play, "dana", "audit 1.3.0")).private()
    priya = await types(play, "priya", "edit 1.3.0")
    errors = await priya.submits({"Version": "1.2.0"})
    assert list(errors) == ["version"] and "does not fit a minor release on v1.2.2" in errors["version"]
    assert await priya.submits({"Version": "1.4.0"}) == {}
    await play.settles()
    assert await play.phase("1.4.0") == "planning" and "v1.4.0 · minor release" in play.card_text("1.4.0")
    await play.to_stabilization("1.4.0")
    priya = await types(play, "priya", "edit 1.4.0")
    if priya.form:
        await priya.submits({"Title": "too late"})
    shown = priya.reads(priya.form) if priya.form else priya.private()
    assert "candidate" in shown and (await play.facts("1.4.0"))["title"] == "Winter"


# --- checklist and notes --------------------------------------------------------------------------------------------


async def test_the_checklist_ticks_and_asks_why_when_a_tick_is_taken_back(play: Team) -> None:
    await play.says("priya", "start minor")
    mira = await types(play, "mira", "checklist")
    assert await mira.submits({"Yours": ["Scope is final"]}) == {}
    assert "1 changed." in mira.reads(mira.form)
    await play.settles()
    assert any("Mira signed off: Scope is final" in line for line in play.thread("1.3.0"))
    await mira.closes(everything=True)
    await types(play, "mira", "checklist")
    assert "say why" in "".join((await mira.submits({"Yours": []})).values())
    assert await mira.submits({"Why is one no longer done?": "one issue came back"}) == {}
    await play.settles()
    assert any("one issue came back" in line for line in play.thread("1.3.0"))
    items = {s["name"]: s["done"] for s in (await play.facts("1.3.0"))["signoffs"]}
    assert items["scope.final"] is None


async def test_the_texts_that_the_product_manager_mends_are_the_ones_that_are_sent(play: Team) -> None:
    await play.says("priya", "start minor")
    mira = await types(play, "mira", "notes stakeholders")
    await mira.clicks("Mend the texts…")
    form = await mira.waits_for_form()
    assert "Save a property search" in mira.reads(form), "the draft stands in the fields"
    assert await mira.submits({"What customers get": "Searches can be saved\nStatements as PDF"}) == {}
    assert "Searches can be saved" in mira.reads(mira.form)
    await mira.closes(everything=True)
    mended = {
        "New for customers": "Properties, then Save this search",
        "May still come up": "The PDF of an old lease can be empty",
        "What helps": "Open the lease once",
        "What to say to a customer": "Please open the lease once and try again.",
    }
    mira = await types(play, "mira", "notes support")
    await mira.clicks("Mend the texts…")
    await mira.waits_for_form()
    assert await mira.submits(mended) == {}
    assert "The PDF of an old lease can be empty" in mira.reads(mira.form)
    await mira.closes(everything=True)
    await play.to_stabilization()
    planned = play.channel("product-news")[0]
    assert "Searches can be saved" in planned and "Tidy up lease model" not in planned
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    support = play.channel("support")[-1]
    for words in mended.values():
        assert words in support, words
