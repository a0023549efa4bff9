"""Home, shortcuts and mentions: what a person reaches without a command."""

from __future__ import annotations

import pytest

from tests.scenarios.driver import Team

calm = pytest.mark.asyncio(loop_scope="module")


async def test_home_is_about_the_person_who_opens_it(play: Team) -> None:
    await play.says("priya", "start minor")
    for who in ("priya", "mira", "sana"):
        await getattr(play, who).opens_home()
    await play.settles()
    priya, mira, sana = (play.slack.person(n).reads(play.slack.person(n).home) for n in ("Priya", "Mira", "Sana"))
    assert "[Start a release]" in priya and "In flight · 1" in priya and "Next trains" in priya
    assert "Scope is final" not in priya
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
    assert "Your checklist" not in play.mira.reads(play.mira.home)
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
