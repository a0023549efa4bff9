"""Whole releases of each kind, by the words that people type, on real Slack requests and a real git remote."""

from __future__ import annotations

from datetime import datetime

from tests.scenarios.driver import FIX, Team


async def hotfix_to_staging(play: Team, version: str = "1.2.2-hotfix.1") -> None:
    """A hotfix with its fix on the branch, signed by tech lead and DevOps."""
    await play.says("priya", "start hotfix card payments time out")
    play.product.commit(f"hotfix/{version}", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    await play.says("theo", f"candidate {version}")
    await play.to_preparation(version)
    for who in ("theo", "olu"):
        await getattr(play, who).clicks("Approve" if who == "theo" else "Approve (last signature)", within="dm")
        await play.settles()


async def test_a_minor_from_start_to_closed(play: Team) -> None:
    await play.says("priya", "start minor")
    assert "v1.3.0 · minor release" in play.card_text("1.3.0")
    await play.to_stabilization()
    assert play.product.commit_of("refs/tags/v1.3.0-rc.1")
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert play.product.tree_of("refs/tags/v1.3.0") == play.product.tree_of("refs/tags/v1.3.0-rc.1")
    assert play.product.commit_of("refs/heads/main") == play.product.commit_of("refs/tags/v1.3.0")
    await play.signs("1.3.0", "close")
    assert await play.phase("1.3.0") == "closed"
    for channel in ("releases", "product-news", "support"):
        texts = play.channel(channel)
        assert len(texts) == len(set(texts)), f"something was said twice in {channel}"
    for text in play.channel("product-news") + play.channel("support"):
        for inner in ("release/1.3.0", "rc.1", play.product.commit_of("refs/tags/v1.3.0")[:7], "#34"):
            assert inner not in text, f"{inner!r} is nothing for people outside the team: {text}"


async def test_a_patch_leaves_when_it_is_ready(play: Team) -> None:
    await play.says("priya", "start patch wrong month in statements")
    play.product.commit("release/1.2.3", *FIX, author="Dana", subject="fix: wrong month in statements (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.2.3")
    await play.to_preparation("1.2.3")
    await play.theo.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.2.3")
    assert (await play.facts("1.2.3"))["environments"]["production"]["version"] == "1.2.3"


async def test_a_major_needs_notice_the_executive_and_two_for_go(play: Team) -> None:
    await play.says("priya", "start major")
    facts = await play.facts("2.0.0")
    assert (datetime.fromisoformat(facts["departs_at"]) - play.clock.now()).days >= 28
    await play.to_stabilization("2.0.0")
    await play.to_preparation("2.0.0")
    await play.erika.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.to_the_hour("2.0.0")
    for who in ("priya", "olu"):
        await play.says(who, "go 2.0.0")
        await getattr(play, who).clicks("Go")
        await play.settles()
    assert await play.phase("2.0.0") == "deployment"
    await play.signs("2.0.0", "deployed")
    assert await play.phase("2.0.0") == "post-release"


async def test_a_hotfix_goes_out_today_and_is_back_in_develop(play: Team) -> None:
    await hotfix_to_staging(play)
    await play.ships("1.2.2-hotfix.1", who="olu")
    fix = play.product.commit_of("refs/tags/v1.2.2-hotfix.1.rc.1")
    assert fix in play.product.git("rev-list", "refs/heads/develop").split()
    assert any("Card payments" in t or "card payments" in t for t in play.channel("support"))


async def test_a_hotfix_while_a_minor_stabilizes_asks_for_a_new_candidate(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.to_stabilization()
    await hotfix_to_staging(play)
    await play.ships("1.2.2-hotfix.1", who="olu")
    await play.signs("1.3.0", "ready")
    refused = await play.says("priya", "ready 1.3.0")
    assert "1.2.2-hotfix.1" in refused and await play.phase("1.3.0") == "stabilization"
    await play.says("priya", "candidate 1.3.0")
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert "TIMEOUT = 30" in play.product.read("refs/heads/main", FIX[0])


async def test_a_rejected_release_says_why_and_comes_again(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Reject…", within="dm")
    assert "What has to change?" in play.mira.reads(await play.mira.waits_for_form())
    assert await play.mira.submits({"What has to change?": "Owner statements show the wrong month"}) == {}
    await play.settles()
    assert any("wrong month" in line for line in play.thread("1.3.0"))
    play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: the lease's own month (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.3.0")
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")


async def test_a_new_candidate_withdraws_the_approval_and_shows_what_is_different(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    for number in range(12):
        subject = f"fix: *late* <!here> {number}"
        play.product.commit("release/1.3.0", "app/late.py", f"{number}", author="Dana", subject=subject)
    await play.settles()
    await play.says("qadir", "candidate 1.3.0")
    assert await play.phase("1.3.0") == "stabilization"
    told = [text for m in play.mira.dm() if "changed after you approved it" in (text := play.mira.reads(m))]
    assert len(told) == 1 and "Different: 12 changes" in told[0], told
    assert "fix: ∗late∗ <!here> 11, by Dana" in told[0] and "+2 more" in told[0], "as text; ten, then a count"
    assert "Save a property search" not in told[0], "what was signed already is not shown again"


async def test_rolled_back_by_record_tells_three_audiences_and_locks_production(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.to_the_hour("1.3.0")
    play.app.host.faults["production:1.3.0"] = "2 of 12 smoke tests failed"
    await play.says("priya", "go 1.3.0")
    await play.priya.clicks("Go")
    await play.settles()
    assert "2 of 12 smoke tests failed" in play.card_text("1.3.0")
    for who in ("olu", "theo"):
        await play.says(who, "record 1.3.0")
        assert await getattr(play, who).submits({"runs": "1.2.2", "reason": "I looked at the host"}) == {}
        await play.settles()
    facts = await play.facts("1.3.0")
    assert (facts["phase"], facts["outcome"]) == ("post-release", "rolled back")
    assert facts["environments"]["production"]["lock"]["until_cleared"]
    for channel in ("product-news", "support"):
        assert any("taken back" in text for text in play.channel(channel)), channel
    assert "rolled back to v1.2.2" in "\n".join(play.channel("releases"))


async def test_a_cancelled_release_withdraws_its_requests(minor: Team) -> None:
    play = minor
    await play.says("priya", "cancel 1.3.0 scope fell apart")
    await play.priya.submits()
    await play.settles()
    assert await play.phase("1.3.0") == "cancelled"
    assert "scope fell apart" in play.card_text("1.3.0")
    assert "Approve (last signature)" not in play.mira.buttons("dm")
