"""A day on which the ground is shaky: everything is paused, production is locked, and nothing of it is lost."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.driver import Team


async def test_what_waits_through_a_pause_goes_out_afterwards_and_locks_speak_to_their_holders(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Approve (last signature)", within="dm")  # the deployment to staging is ordered ...
    assert await play.priya.types("/release pause the data centre moves")  # ... and not begun
    await play.settles()
    host = play.app.host
    assert (await play.facts("1.3.0"))["staging_run"]["state"] == "running" and "staging" not in host.runs()
    assert any("Everything is paused" in text for text in play.channel("releases")), "messages do go out"
    assert "the pause of" in play.card_text("1.3.0")
    assert "paused by @Priya" in await play.says("qadir", "back 1.3.0 the export is broken")
    await play.says("theo", "resume all")
    assert (await play.facts("1.3.0"))["environments"]["staging"]["candidate"] == "v1.3.0-rc.1"
    assert host.runs()["staging"]["version"] == "1.3.0", "what waited went out"

    await play.says("olu", "lock production the database moves")
    await play.moves_to(play.clock.now() + timedelta(days=1, minutes=1))
    assert "Is it still needed?" in play.olu.reads(play.olu.dm()[-1])
    await play.says("priya", "unlock production Olu says it is done")
    assert "Priya cleared your lock on production" in play.olu.reads(play.olu.dm()[-1])
    await play.says("olu", "lock staging the load test runs until 18:00")
    await play.moves_to(play.clock.now() + timedelta(days=1))
    assert "Your lock on staging has ended" in play.olu.reads(play.olu.dm()[-1])
