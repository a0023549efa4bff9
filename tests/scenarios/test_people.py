"""A week in which an approver is hard to reach: who fills the role, who is asked instead, who signs for whom."""

from __future__ import annotations

from sandbox.workspace.person import Person
from tests.scenarios.driver import Team
from tests.scenarios.test_approvals import LAST, clicks, product_managers, request_of


async def sends(play: Team, who: Person, fields: dict[str, object]) -> dict[str, str]:
    errors = await who.submits(fields)
    await play.settles()
    return errors


async def test_a_role_is_handed_over_lent_and_signed_for_in_somebodys_place(minor: Team) -> None:
    play, jo = minor, minor.slack.person("Jo")
    await product_managers(play, "mira", "jo")

    # Priya hands the role over; what cannot work is said at the field
    assert "product manager  @Jo and @Mira · approves" in await play.says("priya", "roles 1.3.0")
    await play.priya.clicks("Change the roles…")
    wrong = await sends(play, play.priya, {"Product manager": "Dana"})
    assert "Dana does not hold the role product manager" in wrong["role.product_manager"]
    assert await sends(play, play.priya, {"Product manager": "Jo"}) == {}
    await play.priya.closes(everything=True)
    assert "Priya changed the roles of v1.3.0: product manager is @Jo." in play.thread("1.3.0")
    handed = next(jo.reads(m) for m in jo.dm() if "hands v1.3.0 over to you" in jo.reads(m))
    assert "Approval as product manager, 0 of 1 given" in handed and "Duty: Scope definition" in handed
    assert (await play.facts("1.3.0"))["approvals"][0]["called"] == ["U0JO"]

    # Jo names a delegate; an hour before Jo's day ends without an answer, Erika is asked too
    await jo.types("/release delegate <@U0ERIKA>")
    assert "stands in for you while you are away, and when your day ends before an answer is due" in jo.private()
    await play.settles()
    assert "@Jo names you to stand in" in play.erika.reads(play.erika.dm()[-1])
    await play.moves_to("2026-12-10 16:00")
    asked = play.erika.reads(request_of(play.erika))
    assert "@Jo has not answered and the working day there ends at" in asked and "the first counts" in asked, asked
    assert any("@Jo has not answered as product manager" in line for line in play.thread("1.3.0"))

    # the delegation ends while Erika still has the old message on her screen
    spot = request_of(play.erika)
    old = [dict(block) for block in spot.blocks]
    await jo.types("/release delegate off")
    await play.settles()
    assert "no longer stand in for @Jo" in play.erika.reads(play.erika.dm()[-1])
    assert "hold no approving role of v1.3.0 any more" in play.erika.reads(spot)
    spot.blocks = old
    told = await clicks(play, "erika", LAST, spot)
    assert "You stood in for @Jo until" in told and "Thank you" in told and "still open" in told, told

    # lent for a time: she signs for Jo, and it counts after the time is over
    await jo.types("/release delegate <@U0ERIKA> until friday as product manager")
    await play.settles()
    assert "stands in for you as product manager until" in jo.private()
    assert "Your 1 open request goes to @Erika too" in jo.private()
    await clicks(play, "erika", LAST, spot)
    assert any("Erika approved v1.3.0 as product manager for @Jo (1 of 1)" in line for line in play.thread("1.3.0"))
    await jo.types(f"/release approve 1.3.0 {(await play.facts('1.3.0'))['candidate']['sha'][:7]}")
    assert "Erika has signed as product manager already" in jo.private()
    await play.moves_to("2026-12-14 10:00")
    facts = await play.facts("1.3.0")
    assert "U0ERIKA" not in facts["members"]["product_manager"]
    assert facts["approvals"][0]["given"][0]["stands_for"] == "U0JO", "what was signed stays signed"

    # hours and absences; the zone is Slack's
    await play.qadir.types("/release mute")
    assert "Your time zone is London time (Europe/London), from your Slack profile." in play.qadir.reads(
        play.qadir.form)
    assert "begins before it ends" in (await sends(play, play.qadir, {"begins": "18:00"}))["ends"]
    assert await sends(play, play.qadir, {"begins": "08:00", "days": ["Tuesday"]}) == {}
    await play.qadir.closes(everything=True)
    assert "Nobody stands in for you then" in await play.says("qadir", "away 15 dec 16 dec")
    assert "I could not read" in await play.says("qadir", "away a while") or play.qadir.form
    await play.qadir.closes(everything=True)
    assert "You are there again" in await play.says("qadir", "away off")
    await play.qadir.opens_home()
    home = play.qadir.reads(play.qadir.home)
    assert "My duties now" in home and "✅ Test planning, regression testing" in home, home
