"""Approving: the content first, then the signature."""

from __future__ import annotations

from dataclasses import replace

from core.domain.notes.model import Finding
from core.store import notes
from core.store.unit_of_work import Unit
from core.usecases.advance import Report, advance, chains_of
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import NOTHING, prepared, said
from tests.handlers.story import DANA, MIRA

TABLE = Finding("migration", "db/0099.py", "drops `deposits`", removed=True)


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


async def test_who_approved_this_commit_before_sees_what_is_different_before_it_is_signed_again(desk: Desk) -> None:
    await prepared(desk)
    await desk.clicks(MIRA, (await desk.types(MIRA, "approve")).private, "Approve (last signature)")
    release = (await desk.facts())["id"]
    sha = (await desk.facts())["candidate"]["sha"]

    async def work(unit: Unit) -> None:
        draft = await notes.load(unit.conn, release)
        assert draft is not None
        await notes.put(unit, release, replace(draft, findings=(TABLE,)), desk.ctx.clock.now())

    await desk.ctx.store.unit(work, verb="test.notes", chains=chains_of(desk.ctx, release), interactive=False)
    await advance(desk.ctx, Report("look_again", release))
    again = await desk.facts()
    assert again["approvals"][0]["given"] == [] and again["again"][MIRA]["sha"] == sha
    shown = (await desk.types(MIRA, f"approve 1.3.0 {sha[:9]}")).private
    assert "1 migration more" in words(shown) and (await desk.facts())["approvals"][0]["given"] == []
    told = said(await desk.types(MIRA, f"approve 1.3.0 {again['candidate']['digest'][:12]}"))
    assert "You approved v1.3.0 (rc.1) as product manager" in told
