"""Announcements: each audience once, at its hour, in its own words; nothing inner reaches people outside the team."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.scenarios.driver import HOTFIX, Team
from tests.scenarios.watching import INNER, everything_said, of_blocks, of_fallback

AUDIENCES = ("releases", "product-news", "support")
LAST = "Approve (last signature)"


async def approved(play: Team) -> None:
    await play.mira.clicks(LAST, within="dm")
    await play.settles()


def once(play: Team, channel: str, words: str) -> str:
    """The one text in a channel that holds these words."""
    found = [text for text in play.channel(channel) if re.search(words, text)]
    assert len(found) == 1, f"{words!r} stands {len(found)} times in {channel}: {play.channel(channel)}"
    return found[0]


async def test_each_audience_hears_what_concerns_it_when_it_concerns_it(minor: Team) -> None:
    play = minor
    planned = once(play, "product-news", "is planned for")
    assert "Save a property search" in planned and "you hear from us if the date moves" in planned
    assert play.channel("support") == [], "support hears a day before, not weeks"
    once(play, "releases", "is frozen")
    await approved(play)
    await play.signs("1.3.0", "go")
    departs = datetime.fromisoformat((await play.facts("1.3.0"))["departs_at"])
    coming = datetime.fromisoformat((await play.facts("1.3.0"))["coming_at"])
    assert 20 <= (departs - coming).total_seconds() / 3600 <= 26, "a day before"
    await play.moves_to(coming)
    told = once(play, "support", "is updated")
    assert "About 7 minutes" in told and "Solved" in told and "Questions: @Mira" in told
    assert "Read the answers" in play.sana.buttons("support")
    await play.ships("1.3.0")
    once(play, "releases", "is going to production. Go by Priya")
    once(play, "releases", "is live since")
    live = once(play, "product-news", "is live")
    assert "What customers get" in live and "Questions: @Mira" in live
    told = once(play, "support", "was updated today")
    for part in ("New for customers", "Solved", "If a customer asks", "Questions: @Mira"):
        assert part in told, part
    assert "> “" in told, "a text to copy for the customer"
    posts = len(play.channel("releases")) + 1
    assert posts <= 6, f"the noise budget of the team's channel: {posts}"
    for channel in AUDIENCES[1:]:
        for text in play.channel(channel):
            assert not INNER.search(text), (INNER.search(text), text)


async def test_support_reads_known_issues_and_a_way_around_and_says_when_the_team_has_read_it(minor: Team) -> None:
    play = minor
    await play.says("mira", "notes support")
    await play.mira.clicks("Mend the texts…")
    mended = {"May still come up": "The PDF of an old lease can be empty", "What helps": "Open the lease once"}
    assert await play.mira.submits(mended) == {}
    await play.mira.closes(everything=True)
    await approved(play)
    await play.ships("1.3.0")
    told = once(play, "support", "was updated today")
    for text in mended.values():
        assert text in told
    assert (await play.sana.clicks("Team has read this", within="support")).ok
    await play.settles()
    items = {s["name"]: s["done"] for s in (await play.facts("1.3.0"))["signoffs"]}
    assert items["post.support"]["person"] == "U0SANA"


async def test_a_hotfix_has_its_own_words(hotfix: Team) -> None:
    play = hotfix
    await play.theo.clicks("Approve", within="dm")
    await play.settles()
    await play.olu.clicks(LAST, within="dm")
    await play.settles()
    await play.ships(HOTFIX, who="olu")
    team = once(play, "releases", "is live since")
    assert "card payments time out" in team and "Theo" in team and "Olu" in team
    once(play, "product-news", "[Ff]ix.* is live")
    told = once(play, "support", "is solved since")
    assert "Card payments time out" in told and "If a customer asks" in told
    assert "twice" not in told and "charged" not in told, "nobody promised that"


async def test_who_was_told_a_date_is_told_when_it_moves(minor: Team) -> None:
    play = minor
    await play.says("priya", "move 1.3.0 30 dec")
    assert await play.priya.submits({"Why?": "the bank is late"}) == {}
    await play.settles()
    moved = once(play, "product-news", "moves to")
    assert "December 30" in moved and "the bank is late" in moved
    assert play.channel("support") == [], "support was not told yet, so nothing has moved for them"


async def test_a_rollback_is_told_to_all_three_in_their_words(live: Team) -> None:
    play = live
    await play.says("olu", "rollback 1.3.0 card payments answer with an error")
    assert await play.olu.submits({"How bad is it?": "Customers cannot work"}) == {}
    await play.settles()
    team = once(play, "releases", "was rolled back to v1.2.2")
    assert "card payments answer with an error" in team and "Production is locked" in team
    taken = once(play, "product-news", "was taken back")
    assert ("v1.2.2" in taken and "card payments answer" not in taken) or "as before" in taken
    told = once(play, "support", "taken back")
    assert "If a customer asks" in told


@pytest.mark.parametrize(
    "faults",
    [
        {"C0RELEASES": "drop", "C0NEWS": "error_after", "C0SUPPORT": "rate_limited"},
        {"C0RELEASES": "store_late", "C0NEWS": "reset", "C0SUPPORT": "error_before"},
    ],
)
async def test_each_is_posted_once_also_when_slack_fails_at_that_moment(due: Team, faults: dict[str, str]) -> None:
    play = due
    await play.says("priya", "go 1.3.0")
    more = {"seconds": 0.1, "times": 2}
    rules = [play.slack.faults.add("chat.postMessage", kind, channel=c, **more) for c, kind in faults.items()]
    await play.priya.clicks("Go")
    await play.settles()
    await play.signs("1.3.0", "deployed")
    assert all(rule.hits for rule in rules), "the faults have happened"
    for channel, words in zip(AUDIENCES, ("is live since", "is live", "was updated today"), strict=True):
        once(play, channel, words)
    once(play, "releases", "is going to production")
    lines = play.thread("1.3.0")
    assert len(lines) == len(set(lines)), "nothing stands twice in the thread"


async def test_a_change_that_names_inner_things_reaches_nobody_outside_with_them(play: Team) -> None:
    inner = (
        "feat(search): faster <!channel> & <@U0STRANGER> `release/1.3.0` at 9dbd09b1f, see enable_new_search (#360)",
        "fix: candidate rc.4 lost *bold* <https://evil.example|click me> :tada: AA-9 (#361)",
    )
    for number, subject in enumerate(inner):
        play.product.commit("develop", f"app/inner{number}.py", "x = 1\n", author="Dana", subject=subject)
    await play.says("priya", "start minor")
    await play.to_stabilization()
    await play.to_preparation()
    await approved(play)
    await play.ships("1.3.0")
    for channel in AUDIENCES[1:]:
        for text in play.channel(channel):
            assert not INNER.search(text), (INNER.search(text), text)
    for message in [m for c in AUDIENCES for m in play.slack.messages(c)]:
        assert "<!channel>" not in str(message.blocks) and "<@U0STRANGER>" not in str(message.blocks)
        assert "<https://evil.example" not in str(message.blocks)


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "Hi <!channel>"}}], "token of somebody else"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "a <b and c"}}], "unescaped"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "this & that"}}], "unescaped"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "\U0001f680 to the moon"}}], "not in the table"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "live :tada: now"}}], "emoji by its name"),
        ([{"type": "actions", "elements": [{"style": "primary"}, {"style": "primary"}]}], "2 coloured buttons"),
    ],
)
def test_the_house_rules_notice_what_breaks_them(blocks: list[dict[str, object]], fault: str) -> None:
    assert any(fault in found for found in of_blocks(blocks))


@pytest.mark.parametrize("text", ["", "Release update", "v1.3.0", "Done now\nand more.", "Please look <!here> all."])
def test_a_fallback_that_is_no_sentence_is_noticed(text: str) -> None:
    assert list(of_fallback(text))


async def test_the_rules_look_at_every_kind_of_message(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.priya.opens_home()
    await play.says("dana", "why")
    await play.says("dana", "concern search is slow")
    await play.priya.shortcut("start")
    await play.settles()
    places = {said.place.split(" ")[0] for said in everything_said(play.slack)}
    assert {"C0RELEASES", "D0PRIYA", "views.publish", "views.open", "answer"} <= places
