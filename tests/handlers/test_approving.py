"""Approving: the content first, then the signature."""

from __future__ import annotations

from tests.handlers.desk import Desk, labels
from tests.handlers.play import NOTHING, prepared, said
from tests.handlers.story import DANA, MIRA


async def test_approve_shows_the_content_first_and_its_button_signs(desk: Desk) -> None:
    await prepared(desk)
    look_first = await desk.types(MIRA, "approve")
    assert said(look_first).startswith("Priya asks you to approve v1.3.0 (minor) as product manager")
    assert look_first.private
    done = await desk.clicks(MIRA, look_first.private, "Approve (last signature)")
    assert "Yours was the last signature: rc.1 goes to staging now." in said(done)
    again = await desk.clicks(MIRA, look_first.private, "Approve (last signature)")
    assert "Nothing changed." in said(again) and again.private and "Take it back…" in labels(again.private.blocks)


async def test_naming_the_current_commit_signs_at_once_and_another_does_not(desk: Desk) -> None:
    await prepared(desk)
    sha = (await desk.facts())["candidate"]["sha"]
    wrong = await desk.types(MIRA, "approve 1.3.0 1234567")
    assert f"is not the candidate's commit of v1.3.0: rc.1 at {sha[:7]} is current" in said(wrong)
    assert "is not the candidate's commit" in said(await desk.types(MIRA, "approve 1.3.0 deadbee"))
    assert (await desk.facts())["approvals"][0]["given"] == []
    await desk.types(MIRA, f"approve 1.3.0 {sha[:7]}")
    assert [g["person"] for g in (await desk.facts())["approvals"][0]["given"]] == [MIRA]


async def test_strangers_and_the_starter_are_told_who_signs(desk: Desk) -> None:
    await prepared(desk)
    card = (await desk.types(DANA, "status")).private
    assert card
    text = said(await desk.clicks(DANA, card, "Approve…"))
    assert text.startswith("Only the product manager answers this for v1.3.0: Mira.") and NOTHING.rstrip(".") in text
    assert (await desk.facts())["approvals"][0]["given"] == []
