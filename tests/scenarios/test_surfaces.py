"""What people type, press and open: forms, pickers, Home, shortcuts, mentions; everything typed can also be clicked."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

import pytest

from sandbox.workspace.person import Person
from tests.scenarios.driver import Team

calm = pytest.mark.asyncio(loop_scope="module")


async def types(play: Team, who: str, words: str) -> Person:
    """Somebody types; the private answer or the form is there when this returns."""
    person: Person = getattr(play, who)
    await person.types(f"/release {words}".strip())
    await play.app.replies.after.idle()
    return person


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


# --- the start form -------------------------------------------------------------------------------------------------


async def test_the_start_form_follows_the_kind(play: Team) -> None:
    priya = await types(play, "priya", "start")
    form = priya.reads(await priya.waits_for_form())
    assert re.search(r"Proposed: v1.3.0, because v1.2.2 is in production and \d of the 12 changes since then", form), (
        form
    )
    assert "Wed 16 Dec 2026, 10:00 Eastern (next free train)" in form and "What fails?" not in form
    await priya.fills({"What kind?": "Hotfix"})
    await play.app.replies.after.idle()
    form = priya.reads(priya.form)
    assert "v1.2.2-hotfix.1" in form and "What fails?" in form and "When does it leave?" not in form
    assert "tech lead (@Theo) and DevOps (@Olu)" in form
    await priya.fills({"What fails?": "Card payments time out", "What kind?": "Patch"})
    await play.app.replies.after.idle()
    form = priya.reads(priya.form)
    assert "v1.2.3" in form and "Card payments time out" in form, "what was typed is kept"
    await priya.fills({"What kind?": "Major"})
    await play.app.replies.after.idle()
    assert "v2.0.0" in priya.reads(priya.form) and "16 Dec" not in priya.reads(priya.form)
    assert priya.form is not None and priya.form.body["submit"]["text"] == "Start v2.0.0"
    assert await priya.submits() == {}
    await play.settles()
    assert (datetime.fromisoformat((await play.facts("2.0.0"))["departs_at"]) - play.clock.now()).days >= 28
    assert "v2.0.0 · major release" in play.card_text("2.0.0")


async def test_faults_in_the_start_form_stand_at_their_field(play: Team) -> None:
    priya = await types(play, "priya", "start")
    for version, words in (
        ("1.2.1", "is taken already"),
        ("banana", "does not fit"),
        ("1.2.3", "does not fit a minor"),
    ):
        errors = await priya.submits({"Version": version})
        assert [*errors] == ["version.minor"], errors
        assert words in errors["version.minor"] and errors["version.minor"].endswith("Next free: 1.3.0"), errors
    await priya.fills({"What kind?": "Hotfix"})
    await play.app.replies.after.idle()
    assert [*(await priya.submits({"What fails?": "x"}))] == ["reason"]
    assert await priya.submits({"What fails?": "Card payments time out"}) == {}
    await play.settles()
    assert await play.phase("1.2.2-hotfix.1") == "development"
    await types(play, "priya", "start hotfix")
    errors = await priya.submits({"Version": "1.2.2-hotfix.1", "What fails?": "the same again"})
    assert "v1.2.2-hotfix.1 is already in flight." in "".join(errors.values())


async def test_a_form_sent_twice_opens_one_release(play: Team) -> None:
    await types(play, "priya", "start")
    first, second = await play.sends_twice("priya")
    assert first and second, "both are answered"
    assert len(play.channel("releases")) == 0 and len(play.priya.messages("releases")) == 1
    assert await play.phase("1.3.0") == "planning"


async def test_who_may_not_start_is_told_who_may(play: Team) -> None:
    dana = await types(play, "dana", "start minor")
    assert "Only a release manager can start" in dana.private() and "Priya" in dana.private()
    theo = await types(play, "theo", "start hotfix card payments time out")
    assert "v1.2.2-hotfix.1" in theo.private() and "approve" in theo.private(), "nobody else could sign as tech lead"


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
    assert "edit" in (await types(play, "dana", "audit 1.3.0")).private()
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


# --- Home, shortcuts, mentions --------------------------------------------------------------------------------------


async def test_home_is_about_the_person_who_opens_it(play: Team) -> None:
    await play.says("priya", "start minor")
    for who in ("priya", "mira", "sana"):
        await getattr(play, who).opens_home()
    await play.settles()
    priya, mira, sana = (play.slack.person(n).reads(play.slack.person(n).home) for n in ("Priya", "Mira", "Sana"))
    assert "[Start a release]" in priya and "In flight · 1" in priya and "Next trains" in priya
    assert "Milestone created" in priya and "Scope is final" not in priya
    assert "Your checklist · 1" in mira and "Scope is final" in mira and "[Start a release]" not in mira
    assert "v1.3.0 will ask you around" in mira
    assert "A customer has a problem…" in sana and "Live now" in sana and "Coming" in sana
    assert "Planning" not in sana and "Staging" not in sana


async def test_a_button_on_home_works_and_home_shows_what_came_of_it(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.mira.opens_home()
    await play.settles()
    before = play.mira.home and play.mira.home.hash
    pressed = await play.mira.clicks("Sign it off", within="home")
    assert pressed.ok
    await play.settles()
    assert play.mira.home and play.mira.home.hash != before
    assert "Scope is final" not in play.mira.reads(play.mira.home)
    assert (await play.facts("1.3.0"))["signoffs"][0]["done"]["person"] == "U0MIRA"


async def test_home_follows_when_it_is_your_turn(play: Team) -> None:
    await play.mira.opens_home()
    await play.settles()
    assert "Nothing waits for you" in play.mira.reads(play.mira.home)
    await play.says("priya", "start minor")
    await play.homes_follow()
    assert "Scope is final" in play.mira.reads(play.mira.home)
    await play.to_stabilization()
    await play.to_preparation()
    await play.homes_follow()
    assert "Waits for you · 1" in play.mira.reads(play.mira.home)
    await play.mira.clicks("Look and decide", within="home")
    await play.settles()
    shown = play.mira.reads(play.mira.form) or play.mira.private()
    assert "Approve v1.3.0?" in shown


@calm
async def test_shortcuts_open_what_they_name(shared: Team) -> None:
    for name, words in (("start", "What kind?"), ("waiting", "waits for you"), ("incident", "incident|in production")):
        delivery = await shared.priya.shortcut(name)
        assert delivery.ok
        await shared.app.replies.after.idle()
        shown = shared.priya.reads(shared.priya.form)
        assert any(w in shown for w in words.split("|")), (name, shown)
        await shared.priya.closes(everything=True)


async def test_a_message_becomes_a_concern_or_a_note(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.dana.types("Search takes 9 s on staging & <it> worries me")
    message = play.dana.newest("releases")
    assert (await play.dana.shortcut("concern", on=message)).ok
    await play.app.replies.after.idle()
    assert "Search takes 9 s on staging" in play.dana.reads(play.dana.form)
    assert await play.dana.submits() == {}
    await play.settles()
    assert "Search takes 9 s on staging" in play.card_text("1.3.0")
    assert (await play.facts("1.3.0"))["concerns"][0]["by"] == "U0DANA"
    assert (await play.mira.shortcut("notes", on=message)).ok
    await play.app.replies.after.idle()
    assert "Search takes 9 s" in play.mira.reads(play.mira.form)


async def test_a_mention_in_the_cards_thread_knows_the_release(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.says("priya", "start major")
    card = play.card("1.3.0")
    await play.dana.types("@Release Bot why", thread=card)
    await play.settles()
    assert "What v1.3.0 still needs" in play.thread("1.3.0")[-1], "what only shows is said for all"
    await play.theo.types("@Release Bot hold waiting for the bank", thread=card)
    await play.settles()
    assert (await play.facts("1.3.0"))["hold"] and not (await play.facts("2.0.0"))["hold"]
    assert "v1.3.0 is on hold" in play.theo.private()
    await play.priya.types("@Release Bot cancel", thread=card)
    await play.settles()
    await play.priya.clicks("Open the form")
    await play.app.replies.after.idle()
    assert "Cancel v1.3.0" in play.priya.reads(play.priya.form)
    await play.dana.types("@Release Bot stauts")
    await play.settles()
    assert "Did you mean status" in play.dana.private()


# --- everything typed can also be clicked ---------------------------------------------------------------------------


async def presses(play: Team, who: str, label: str, within: str | None = None) -> None:
    person: Person = getattr(play, who)
    assert (await person.clicks(label, within)).ok
    await play.app.replies.after.idle()


async def ticks_all(play: Team, *who: str) -> None:
    """Each opens the checklist on the card and ticks what is theirs and due."""
    for name in who:
        person: Person = getattr(play, name)
        card = play.card("1.3.0")
        await person.clicks("Checklist", card)
        await play.app.replies.after.idle()
        form = await person.waits_for_form()
        groups = [b for b in form.blocks if str(b.get("block_id")).startswith("yours")]
        ticked = {b["label"]["text"]: [o["value"] for o in b["element"]["options"]] for b in groups}
        await person.submits(ticked)
        await person.closes(everything=True)
        await play.settles()


async def writes_the_notes(play: Team) -> None:
    """Priya opens the notes from the card and fills what they need, without typing a word."""
    await presses(play, "priya", "Release notes", "releases")
    await presses(play, "priya", "Edit the notes…")
    form = (await play.priya.waits_for_form()).body
    labels = [str(b["label"]["text"]) for b in form["blocks"] if "label" in b]
    fields = {x: "It runs by itself" for x in labels if "Upgrade note" in x}
    fields |= {x: "Improvement" for x in labels if x.startswith("Tidy up lease model")}
    assert len(fields) == 3 and await play.priya.submits(fields) == {}
    assert "3 changes kept" in play.priya.reads(play.priya.form)
    await play.priya.closes(everything=True)
    await play.settles()


async def test_a_whole_minor_release_by_clicks_and_forms_alone(play: Team) -> None:
    await play.priya.opens_home()
    await play.settles()
    await presses(play, "priya", "Start a release", "home")
    assert await play.priya.submits() == {}
    await play.priya.closes(everything=True)
    await play.settles()
    await ticks_all(play, "mira", "priya")
    await presses(play, "priya", "Begin development", "releases")
    await play.settles()
    await writes_the_notes(play)
    await play.moves_to(datetime.fromisoformat((await play.facts("1.3.0"))["freeze_at"]))
    await ticks_all(play, "qadir", "theo", "priya")
    await presses(play, "qadir", "Make it ready", "releases")
    await play.settles()
    await presses(play, "mira", "Approve (last signature)", "dm")
    await play.settles()
    await ticks_all(play, "qadir", "olu")
    for moment in ("coming_at", "departs_at"):
        await play.moves_to(datetime.fromisoformat((await play.facts("1.3.0"))[moment]))
    await presses(play, "priya", "Go…", "releases")
    await presses(play, "priya", "Go")
    await play.priya.closes(everything=True)
    await play.settles()
    await ticks_all(play, "qadir", "olu")
    assert await play.phase("1.3.0") == "post-release"
    await ticks_all(play, "sana", "qadir", "olu")
    await presses(play, "priya", "Give feedback", "releases")
    assert await play.priya.submits({"What went well?": "Everything left on time"}) == {}
    await play.settles()
    assert await play.phase("1.3.0") == "closed"
    typed = [d.payload["text"] for d in play.slack.deliveries if d.kind == "command"]
    assert typed == [], "nobody typed a word"


async def test_each_command_is_answered_within_three_seconds_also_when_ten_come_at_once(play: Team) -> None:
    await play.says("priya", "start minor")
    people = [
        play.slack.person(n) for n in ("Priya", "Theo", "Qadir", "Mira", "Olu", "Sana", "Erika", "Dana", "Ben", "Kim")
    ]
    answers = await asyncio.gather(*(p.types("/release status") for p in people))
    assert all(a is not None and a.ok and a.seconds < 3 for a in answers)
    assert all("v1.3.0 · minor release" in p.private() for p in people)
