"""Slack is not well, and channels that people archive, rename or lock: nothing is lost, nothing doubled."""

from __future__ import annotations

import pytest

from tests.scenarios.driver import Team
from tests.scenarios.hands import LAST


@pytest.mark.parametrize("kind", ["error_before", "rate_limited", "drop"])
async def test_slack_is_down_for_a_while_and_nothing_is_lost_or_doubled(minor: Team, kind: str) -> None:
    play = minor
    for method in ("chat.postMessage", "chat.update"):
        play.slack.faults.add(method, kind, times=1 if kind == "rate_limited" else 3, seconds=0.1)
    assert "is on hold" in await play.says("theo", "hold 1.3.0 waiting for the bank")
    assert "goes on" in await play.says("theo", "resume 1.3.0")
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    lines = play.thread("1.3.0")
    assert len(lines) == len(set(lines)), "something was said twice"
    for words in ("Theo put", "Theo resumed", "Mira approved"):
        assert sum(words in line for line in lines) == 1, (words, lines)
    assert "rc.1 since" in play.card_text("1.3.0")


async def test_a_form_that_slack_did_not_open_comes_as_a_button(minor: Team) -> None:
    play = minor
    play.slack.faults.add("views.open", "error_before", times=1)
    await play.theo.types("/release hold")
    await play.app.replies.after.idle()
    assert "Slack took too long, so the form did not open. Nothing was changed." in play.theo.private()
    await play.theo.clicks("Open it again")
    await play.app.replies.after.idle()
    assert "Why?" in play.theo.reads(play.theo.form)


async def test_a_private_answer_that_slack_loses_is_lost_alone(minor: Team) -> None:
    play = minor
    play.watch.expect("no answer: press by U0MIRA")
    play.slack.faults.add("chat.postEphemeral", "error_before", times=9)
    assert (await play.mira.clicks(LAST, within="dm")).ok
    await play.settles()
    assert len((await play.facts("1.3.0"))["approvals"][0]["given"]) == 1


async def posts_what_is_stuck(play: Team, names: str = "") -> None:
    """Priya was asked about each message that could not be posted, and presses Post it."""
    asked = [m for m in play.priya.dm() if "Post it" in play.priya.buttons(m)]
    assert asked and names in play.priya.reads(asked[0]), [play.priya.reads(m) for m in play.priya.dm()]
    for message in asked:
        await play.priya.clicks("Post it", message)
        await play.settles()


async def test_an_archived_channel_is_a_question_to_the_release_manager(minor: Team) -> None:
    play = minor
    play.watch.expect("is_archived", "effect_waits_for_a_person", "channel_not_found", "no channel")
    news = play.slack.state.channel("product-news")
    play.slack.people.archive(news)
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert await play.phase("1.3.0") == "post-release", "the release itself went on"
    assert not any("is live" in t for t in play.channel("product-news"))
    play.slack.people.unarchive(news)
    await play.slack.settled()
    await posts_what_is_stuck(play, "stakeholders")
    assert sum("v1.3.0 is live" in t for t in play.channel("product-news")) == 1


async def test_a_renamed_channel_is_known_by_its_name_in_the_policy(minor: Team) -> None:
    play = minor
    play.watch.expect("effect_waits_for_a_person", "no channel", "channel_not_found")
    support = play.slack.state.channel("support")
    play.slack.people.rename(support, "help-desk")
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    await play.to_the_hour("1.3.0")
    assert "Support told" in await play.says("dana", "why 1.3.0"), "nobody has read it, so it does not go out"
    play.slack.people.rename(support, "support")
    await play.slack.settled()
    await posts_what_is_stuck(play)
    await play.ships("1.3.0")
    for words in ("is updated", "was updated today"):
        assert sum(words in t for t in play.channel("support")) == 1, (words, play.channel("support"))


async def test_the_bot_was_removed_from_the_channel(minor: Team) -> None:
    play = minor
    play.watch.expect("not_in_channel", "effect_waits_for_a_person", "channel_not_found")
    support = play.slack.state.channel("support")
    play.slack.people.leave(support, "U0BOT")
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    await play.to_the_hour("1.3.0")
    play.slack.people.join(support, "U0BOT")
    await play.slack.settled()
    await posts_what_is_stuck(play, "support")
    await play.ships("1.3.0")
    assert sum("was updated today" in t for t in play.channel("support")) == 1


async def test_a_card_that_somebody_deleted_is_posted_anew(minor: Team) -> None:
    play = minor
    play.watch.expect("message_not_found", "cant_update_message", "effect_failed")
    play.slack.people.delete(play.card("1.3.0"))
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    assert "Preparation" in play.card_text("1.3.0")
    cards = [m for m in play.priya.messages("releases") if m.blocks and m.blocks[0].get("block_id") == "title"]
    assert len(cards) == 1
