"""Approvals: how signing goes, and what Slack says of the roles at the moment of go."""

from __future__ import annotations

import asyncio

from tests.scenarios.driver import HOTFIX, Team
from tests.scenarios.hands import LAST, clicks, product_managers, request_of, sha

# --- the way it goes ------------------------------------------------------------------------------------------------


async def test_the_last_signature_says_what_it_sets_off_and_sets_it_off(hotfix: Team) -> None:
    play = hotfix
    assert LAST not in play.theo.buttons("dm") and LAST not in play.olu.buttons("dm"), "two are missing"
    assert "You approve exactly rc.1" in (await play.theo.clicks("Approve", "dm", confirm=False)).dialog
    assert "You approved v1.2.2-hotfix.1 (rc.1) as tech lead" in await clicks(play, "theo", "Approve")
    assert "staging" not in (await play.facts(HOTFIX))["environments"] or not (await play.facts(HOTFIX))["staging_run"]
    asked = play.olu.reads(request_of(play.olu))
    assert "Yours is the last signature: rc.1 then goes to staging. Production still needs a go." in asked
    dialog = (await play.olu.clicks(LAST, "dm", confirm=False)).dialog
    assert "Approve v1.2.2-hotfix.1?" in dialog and "It goes to staging at once" in dialog
    answer = await clicks(play, "olu", LAST)
    assert "@Theo signed before you. Yours was the last signature" in answer
    assert (await play.facts(HOTFIX))["staging_run"]["state"] == "done"
    assert await play.phase(HOTFIX) == "preparation", "production never follows from a signature"
    for who, words in (("theo", "as tech lead (1 of 1)"), ("olu", "as DevOps (1 of 1)")):
        assert any(words in line for line in play.thread(HOTFIX)), (who, play.thread(HOTFIX))
        shown = getattr(play, who).reads(request_of(getattr(play, who)))
        assert shown.startswith("✅ You approved v1.2.2-hotfix.1 (rc.1,") and "Take it back…" in shown


async def test_two_who_sign_in_the_same_second_both_count(hotfix: Team) -> None:
    play = hotfix
    await asyncio.gather(play.theo.clicks("Approve", "dm"), play.olu.clicks("Approve", "dm"))
    await play.settles()
    seats = {a["role"]: [g["person"] for g in a["given"]] for a in (await play.facts(HOTFIX))["approvals"]}
    assert seats == {"tech_lead": ["U0THEO"], "devops": ["U0OLU"]}
    told = [play.theo.private(), play.olu.private()]
    assert sum("signed before you. Yours was the last signature" in t for t in told) == 1, told
    assert sum("is going to staging" in line for line in play.thread(HOTFIX)) == 1


async def test_a_click_twice_at_once_is_one_signature_and_two_answers(minor: Team) -> None:
    play = minor
    spot = request_of(play.mira)
    pressed = await asyncio.gather(*(play.mira.clicks(LAST, spot) for _ in range(3)))
    await play.settles()
    assert all(p.ok for p in pressed)
    assert sum("Mira approved v1.3.0 as product manager" in line for line in play.thread("1.3.0")) == 1
    told = [play.mira.reads(m) for m in play.mira.dm() if m.only_for]
    assert len(told) == 3 and sum("Nothing changed." in t for t in told) == 2, told


async def test_taking_back_asks_why_and_opens_the_request_again(minor: Team) -> None:
    play = minor
    await clicks(play, "mira", LAST)
    assert "Why?" in await clicks(play, "mira", "Take it back…", request_of(play.mira))
    assert "reason" in await play.mira.submits({"Why?": "x"})
    assert await play.mira.submits({"Why?": "I looked at the wrong build"}) == {}
    await play.mira.closes(everything=True)
    await play.settles()
    assert "I looked at the wrong build" in play.thread("1.3.0")[-1]
    assert LAST in play.mira.buttons(request_of(play.mira)), "her request is open again"
    assert "Waits for @Mira" in play.card_text("1.3.0")
    await clicks(play, "mira", LAST, request_of(play.mira))
    await play.ships("1.3.0")
    late = await play.says("mira", "withdraw 1.3.0 too late I know")
    assert "possible in stabilization and preparation" in late, "not after production has started"


# --- Slack's groups -------------------------------------------------------------------------------------------------


async def test_groups_come_by_event_and_by_the_sweep(play: Team) -> None:
    await play.says("priya", "start minor")
    await product_managers(play, "jo")
    assert "product manager  @Jo" in await play.says("dana", "roles")
    await product_managers(play, "mira", silently=True)
    assert "product manager  @Jo" in await play.says("dana", "roles"), "Slack said nothing, so nobody knows yet"
    await play.app.scheduler.sweep_groups()
    await play.settles()
    assert "product manager  @Mira" in await play.says("dana", "roles")


async def test_who_left_the_role_unnoticed_is_noticed_at_go(due: Team) -> None:
    play = due
    await product_managers(play, "jo", silently=True)
    await play.says("priya", "go 1.3.0")
    told = await clicks(play, "priya", "Go", None)
    assert "Got it: go for v1.3.0. I answer in the thread as soon as the remote has confirmed." in told
    assert await play.phase("1.3.0") == "preparation"
    assert "refs/tags/v1.3.0" not in play.product.refs(), "nothing has moved"
    refused = [play.priya.reads(m) for m in play.priya.dm() if "did not fire" in play.priya.reads(m)]
    assert len(refused) == 1 and "@Jo" in refused[0] and "Nothing has moved" in refused[0], refused
    jo = play.slack.person("Jo")
    await jo.types(f"/release approve 1.3.0 {await sha(play, '1.3.0')}")
    await play.settles()
    await play.priya.closes(everything=True)
    await play.ships("1.3.0")
    assert await play.phase("1.3.0") == "post-release"


async def test_go_waits_for_slack_and_tells_so_meanwhile(due: Team) -> None:
    play = due
    rule = play.slack.faults.add("usergroups.users.list", "error_before", times=2)
    await play.says("priya", "go 1.3.0")
    pressed = await play.priya.clicks("Go")
    assert pressed.ok and pressed.delivery is not None and pressed.delivery.seconds < 3
    await play.app.replies.after.idle()
    assert "Got it: go for v1.3.0. I answer" in play.priya.reads(play.priya.form)
    assert await play.phase("1.3.0") == "preparation" and "refs/tags/v1.3.0" not in play.product.refs()
    await play.settles()
    assert rule.hits == 2
    await play.signs("1.3.0", "deployed")
    assert await play.phase("1.3.0") == "post-release", "it went when Slack answered, once"
    assert sum("v1.3.0 is going to production" in text for text in play.channel("releases")) == 1
