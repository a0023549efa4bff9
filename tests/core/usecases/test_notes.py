"""The notes as they stand: nothing before the range was read, and embargoed lines only when it is out."""

from __future__ import annotations

import pytest

from core.errors import NotFound
from core.usecases.diff import diff
from core.usecases.notes import drafted, hidden
from core.usecases.strays import words_of
from core.usecases.where import where
from tests.scenarios.driver import Team


async def test_the_draft_with_what_people_wrote(play: Team) -> None:
    await play.says("priya", "start minor")
    number = (await play.facts("1.3.0"))["id"]
    await play.writes(number, "#331", heading="Improvements", text="Leases are clearer")
    await play.writes(number, "#336", embargoed=True)
    found = await drafted(play.app.ctx, number)
    assert found is not None
    draft, notes = found
    texts = [line.text for lines in notes.sections.values() for line in lines]
    assert "Leases are clearer" in texts and draft.item("#336") is not None
    assert notes.embargoed == ("#336",) and not any("headers" in text for text in texts)
    hide = await hidden(play.app.ctx)
    there = await where(play.app.ctx, "#336", hide)
    assert [c.subject for c in there.found] == [""] and there.releases == ("1.3.0",)
    assert "a change that is hidden until released, by" in words_of(there.found[0], hide)
    between = await diff(play.app.ctx, "1.2.2", "1.3.0", hide)
    assert between.notes.embargoed == ("#336",) and between.hidden == 1
    assert there.found[0].sha not in [c.sha for c in between.commits] and between.count == len(between.commits) + 1
    private = {who: (await play.says(who, "scope 1.3.0")) for who in ("dana", "mira")}
    assert "headers" not in str(private["dana"]) and "1 change is hidden until released" in str(private["dana"])
    assert "headers" in str(private["mira"]), "who may approve reads all of what is signed"
    await play.mira.types("@Release Bot scope", thread=play.card("1.3.0"))
    await play.settles()
    told = play.thread("1.3.0")[-1]
    assert "1 change is hidden until released" in told and "headers" not in told, "all read a thread"


async def test_a_release_that_nobody_knows(play: Team) -> None:
    with pytest.raises(NotFound):
        await drafted(play.app.ctx, 99)
