"""A changed policy: read by rule, signed in Slack by two people, and a release in flight that is moved to it."""

from __future__ import annotations

from bot.policy_start import bring_in
from core.domain.policy import parse_policy
from tests.scenarios.driver import Team
from tests.scenarios.hands import clicks, types

SEAT = 'approvals = [{ role = "product_manager" }]'


async def test_a_policy_is_signed_in_slack_and_a_release_moves_to_it_with_what_that_costs(minor: Team) -> None:
    play = minor
    await clicks(play, "mira", "Approve (last signature)")
    assert "No changed policy waits for signatures" in await play.says("dana", "policy")
    text = (await play.app.ctx.policy()).body
    serial = (await play.app.ctx.policy()).serial
    changed = text.replace(f"serial = {serial}", f"serial = {serial + 1}")
    changed = changed.replace(SEAT, SEAT.replace("product_manager", "qa"))
    await bring_in(play.app.ctx.store, play.clock, parse_policy(changed))

    shown = await play.says("dana", "policy")
    assert "a minor release: approved by: product manager → QA lead" in shown and "[Sign it]" not in shown, shown
    assert "Priya" in shown and "Erika" in shown
    await play.says("priya", "policy")
    assert "waits for a signature as executive" in await clicks(play, "priya", "Sign it", None)
    await play.says("erika", "policy")
    assert f"Policy {serial + 1} is active" in await clicks(play, "erika", "Sign it", None)
    assert "v1.3.0 is still judged by an older one" in await play.says("priya", "policy")

    person = await types(play, "priya", "policy adopt 1.3.0")
    form = person.reads(person.form)
    assert "the approval of @Mira (product manager)" in form and "approved by: product manager → QA lead" in form, form
    assert await person.submits({"reason": "QA knows this one better"}) == {}
    await play.settles()
    facts = await play.facts("1.3.0")
    assert facts["policy"] == parse_policy(changed).hash and [a["role"] for a in facts["approvals"]] == ["qa"]
    line = play.thread("1.3.0")[-1]
    assert f"Priya moved v1.3.0 from policy {serial} to {serial + 1}: “QA knows this one better”" in line, line
    assert "judged by the active policy already" in await play.says("priya", "policy adopt 1.3.0")
    assert "Approve" in play.qadir.reads(play.qadir.dm()[-1]), "who can give it now is asked"
