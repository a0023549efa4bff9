"""Which release is meant when several are open."""

from __future__ import annotations

from tests.handlers.desk import Desk, labels
from tests.handlers.play import said, started
from tests.handlers.story import PRIYA, THEO


async def test_with_several_open_releases_there_is_a_choice_and_never_a_guess(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "start minor 1.4.0")
    choice = await desk.types(THEO, "hold waiting for the bank")
    assert said(choice) == "Which release do you mean: v1.3.0 or v1.4.0?" and choice.private
    assert labels(choice.private.blocks) == ["v1.3.0", "v1.4.0"]
    done = await desk.clicks(THEO, choice.private, "v1.4.0")
    assert said(done).startswith("✅ v1.4.0 is on hold.")
    assert (await desk.facts("1.4.0"))["hold"]["reason"] == "waiting for the bank"
    assert (await desk.facts("1.3.0"))["hold"] is None


async def test_a_mistyped_version_is_answered_and_never_becomes_part_of_the_reason(desk: Desk) -> None:
    await started(desk)
    for line in ("hold 1.3.O waiting for the bank", "status 1.3.O", "why v1.3x"):
        told = await desk.types(THEO, line)
        token = line.split()[1].removeprefix("v")
        assert said(told).startswith(f"There is no v{token}. In flight is v1.3.0."), said(told)
        assert "Nothing was changed" in said(told)
    assert (await desk.facts())["hold"] is None
    assert "on hold" in said(await desk.types(THEO, "hold 1.3.0 1.3.O was a slip of the pen"))
    assert (await desk.facts())["hold"]["reason"] == "1.3.O was a slip of the pen"


async def test_a_reason_keeps_names_and_no_ids(desk: Desk) -> None:
    await started(desk)
    await desk.types(THEO, "hold 1.3.0 waiting for <@U0MIRA> and <@U0KIM|kim>")
    assert (await desk.facts())["hold"]["reason"] == "waiting for @Mira and @kim"
