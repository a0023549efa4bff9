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
