"""Who waits for whom: answers that are due, people who come and go, and a channel that has had enough."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.scenarios.driver import POLICY, Team, team
from tests.scenarios.hands import LAST, clicks, product_managers, request_of


async def test_an_answer_is_asked_for_by_an_hour_and_the_card_says_when_that_is_over(minor: Team) -> None:
    play = minor
    assert "Please answer by" in play.mira.reads(request_of(play.mira))
    why = await play.says("priya", "why 1.3.0")
    assert "@Mira was asked" in why and "An answer is due" in why
    await play.moves_to(play.clock.now() + timedelta(hours=24))
    assert "Waits for @Mira to approve as product manager, asked" in play.card_text("1.3.0")
    assert "longer than agreed" in play.card_text("1.3.0")
    assert "An answer was due" in await play.says("priya", "why 1.3.0")
    told = [line for line in play.thread("1.3.0") if "was due by now" in line]
    assert len(told) == 1 and "@Mira" in told[0], told
    await clicks(play, "mira", LAST)
    assert "longer than agreed" not in play.card_text("1.3.0")


async def test_an_answer_in_time_is_not_missed_by_anybody(minor: Team) -> None:
    play = minor
    await clicks(play, "mira", LAST)
    await play.moves_to(play.clock.now() + timedelta(hours=25))
    assert not [line for line in play.thread("1.3.0") if "was due by now" in line]


async def test_who_joins_the_role_is_asked_and_who_leaves_it_is_not_asked_any_more(minor: Team) -> None:
    play = minor
    jo, asked = play.slack.person("Jo"), request_of(play.mira)
    assert not jo.dm()
    await product_managers(play, "mira", "jo")
    assert LAST in jo.buttons("dm") and len(jo.dm()) == 1
    assert any("@Jo may approve v1.3.0 now" in line for line in play.thread("1.3.0"))
    await product_managers(play, "jo")
    left = play.mira.reads(asked)
    assert "You hold no approving role of v1.3.0 any more" in left and LAST not in left
    await product_managers(play, "mira", "jo")
    assert LAST in play.mira.reads(asked), "back in the role, back in the same message"
    assert len(jo.dm()) == 1
    await clicks(play, "jo", LAST)
    assert "@Jo approved v1.3.0 as product manager" in play.mira.reads(asked)


async def test_a_channel_that_has_had_its_posts_is_left_in_peace(tmp_path: Path) -> None:
    policy = tmp_path / "quiet.toml"
    policy.write_text(POLICY.read_text().replace("channel_posts = 6", "channel_posts = 2"))
    async with team(tmp_path, policy=policy) as play:
        await play.says("priya", "start minor")
        assert "The channel has had" not in play.card_text("1.3.0")
        await play.to_stabilization()
        await play.to_preparation()
        await clicks(play, "mira", LAST)
        await play.ships("1.3.0")
        assert any("is going to production" in text for text in play.channel("releases")), "a go is not counted"
        assert not any("is live since" in text for text in play.channel("releases"))
        live = [line for line in play.thread("1.3.0") if "is live since" in line]
        assert len(live) == 1 and "Release notes" in live[0], "the same words, as a reply in the thread"
        assert "The channel has had its 2 posts about it: more is told in the thread." in play.card_text("1.3.0")
        assert any("is live" in text for text in play.channel("product-news")), "other channels have their own"
