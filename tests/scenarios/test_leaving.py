"""How releases leave the train, end, and are looked at again: who is told what, in the people's own places."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.driver import FIX, Team
from tests.scenarios.test_announcements import once


def told(play: Team, who: str, words: str) -> list[str]:
    """The direct messages of one person that hold these words."""
    person = play.slack.person(who.capitalize())
    return [text for m in person.dm() if words in (text := person.reads(m))]


async def test_a_hold_that_gives_up_its_place_frees_the_train_and_goes_on_with_another_one(minor: Team) -> None:
    play = minor
    await play.says("theo", "hold 1.3.0")
    answers = {"Why?": "waiting for the bank", "What happens to the train?": "Give it up"}
    assert await play.theo.submits(answers) == {}
    await play.settles()
    await play.theo.closes(everything=True)
    card = play.card_text("1.3.0")
    assert "gave up its place on the train of" in card and "Has no place on a train now" in card, card
    assert "its place on the train of" in "\n".join(play.thread("1.3.0"))
    assert "v1.3.0 is on it" not in await play.says("dana", "calendar")
    assert "does not leave" in once(play, "product-news", "The new date follows")
    await play.says("priya", "start minor")
    assert (await play.facts("1.4.0"))["departs_at"].startswith("2026-12-30")
    assert (await play.priya.clicks("Resume", within=play.card("1.3.0"))).ok
    asked = play.priya.reads(await play.priya.waits_for_form())
    assert "It gave up its place on the train" in asked
    assert await play.priya.submits({"Or on another day": "2026-12-30"}) != {}, "that one is taken by v1.4.0"
    await play.priya.closes(everything=True)
    answer = await play.says("priya", "resume 1.3.0 13 jan the bank has answered")
    assert "goes on. It leaves" in answer, answer
    assert "January 13" in once(play, "product-news", "moves to")
    assert (await play.facts("1.3.0"))["hold"] is None


async def test_who_wrote_what_missed_its_departure_is_told_and_nobody_else(minor: Team) -> None:
    play = minor
    facts = await play.facts("1.3.0")
    wrote = {person for person in ("dana", "theo", "qadir") if person.capitalize() in facts["scope"]["authors"]}
    assert wrote, "somebody of the policy wrote something"
    await play.moves_to(play.clock.now() + timedelta(days=20))
    for who in ("theo", "qadir", "mira", "olu", "sana", "erika", "dana"):
        mine = told(play, who, "missed its departure")
        assert len(mine) == (1 if who in wrote else 0), (who, mine)
    first = told(play, min(wrote), "missed its departure")[0]
    assert "in it. @Priya decides how it goes on; you need not do anything." in first


async def test_a_flag_off_after_going_live_asks_for_verification_again(live: Team) -> None:
    play = live
    await play.says("olu", "flag new_search off")
    assert await play.olu.submits({"Which flag?": "new_search", "Why?": "search is wrong"}) == {}
    await play.settles()
    assert told(play, "qadir", "Manual verification completed")
    await play.signs("1.3.0", "close")
    assert await play.phase("1.3.0") == "post-release"
    assert "Manual verification" in await play.says("priya", "why 1.3.0")
    await play.signs("1.3.0", "deployed")
    assert await play.phase("1.3.0") == "closed"
    [numbers] = [t for t in play.thread("1.3.0") if "in numbers" in t]
    assert "It was live 15 days after its start.\n• Lead time: " in numbers and "• Channel posts " in numbers


async def test_a_rollback_waits_for_a_second_person_about_the_database(live: Team) -> None:
    play = live
    await play.says("theo", "untick 1.3.0 schema.back a column was dropped")
    await play.says("olu", "rollback 1.3.0 payments fail")
    assert await play.olu.submits({"How bad is it?": "Customers cannot work"}) == {}
    refused = play.olu.reads(play.olu.form)
    assert "The version before runs on this database" in refused and "@Theo" in refused, refused
    await play.olu.closes(everything=True)
    await play.says("theo", "tick 1.3.0 schema.back")
    await play.says("theo", "rollback 1.3.0 payments fail")
    assert await play.theo.submits({"How bad is it?": "Customers cannot work"}) == {}
    own = play.theo.reads(play.theo.form)
    assert "You signed “The version before runs on this database” yourself, so somebody else rolls back" in own, own
    assert "@Olu" in own
    await play.theo.closes(everything=True)
    await play.says("olu", "rollback 1.3.0 payments fail")
    assert await play.olu.submits({"How bad is it?": "Customers cannot work"}) == {}
    await play.settles()
    assert (await play.facts("1.3.0"))["outcome"] == "rolled back"


async def test_a_cancelled_release_is_taken_back_where_it_was_planned_and_its_own_fixes_are_named(minor: Team) -> None:
    play = minor
    late = play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: the lease's *own* month <!here>")
    play.product.commit("develop", FIX[0], "TIMEOUT = 5\n", author="Theo", subject="fix: shorter waits")  # in its way
    await play.settles()
    await play.says("priya", "cancel 1.3.0 scope fell apart")
    await play.priya.submits()
    await play.settles()
    gone = once(play, "product-news", "does not come")
    assert "scope fell apart" in gone and "Asset Anchor v1.3.0" in gone
    assert play.channel("support") == [], "support had not heard of it"
    named = told(play, "priya", "only on release/1.3.0")
    assert len(named) == 1 and late[:7] in named[0] and "by Dana" in named[0] and "not in develop" in named[0], named
    assert "<!here>" in named[0] and "∗own∗" in named[0], "as text, not as a call or bold"
    assert any(late[:7] in line for line in play.thread("1.3.0"))


async def test_a_merged_release_says_with_which_version_its_changes_come(minor: Team) -> None:
    play = minor
    await play.says("priya", "start minor")
    await play.says("priya", "merge 1.3.0")
    assert await play.priya.submits({"Why?": "one test round is enough"}) == {}
    await play.settles()
    assert "comes with v1.4.0" in once(play, "product-news", "Asset Anchor v1.3.0 comes with")
    assert not told(play, "priya", "only on release/1.3.0"), "develop has all of it"
