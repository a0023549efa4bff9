"""The notes as they stand: nothing before the range was read, and embargoed lines only when it is out."""

from __future__ import annotations

import pytest

from core.errors import NotFound
from core.usecases.notes import drafted
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


async def test_a_release_that_nobody_knows(play: Team) -> None:
    with pytest.raises(NotFound):
        await drafted(play.app.ctx, 99)
