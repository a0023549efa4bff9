"""Whether one release's record is whole."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from core.store.tables import audit, audit_body
from core.usecases.trail import first_fault
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk
from tests.handlers.play import started
from tests.handlers.story import DANA, THEO

CHANGES = {
    "actor": update(audit).where(audit.c.seq == 2, audit.c.chain == "release:1").values(actor="U0EVIL"),
    "body": update(audit_body).where(audit_body.c.seq == 2, audit_body.c.chain == "release:1").values(body="{}"),
    "missing": delete(audit).where(audit.c.seq == 2, audit.c.chain == "release:1"),
    "tail": delete(audit).where(audit.c.seq == 4, audit.c.chain == "release:1"),
}


async def played(desk: Desk) -> int:  # noqa: F811
    await started(desk)
    await desk.types(THEO, "hold waiting for the bank")
    await desk.types(DANA, "concern search is slow")
    return int((await desk.facts())["id"])


async def test_an_untouched_record_is_whole(desk: Desk) -> None:  # noqa: F811
    assert await first_fault(desk.ctx, await played(desk)) is None


@pytest.mark.parametrize(("what", "entry"), [("actor", 2), ("body", 2), ("missing", 2), ("tail", 4)])
async def test_the_first_entry_that_does_not_fit_is_named(desk: Desk, what: str, entry: int) -> None:  # noqa: F811
    number = await played(desk)
    async with desk.ctx.store.database.writer.begin() as conn:
        await conn.execute(CHANGES[what])
    assert await first_fault(desk.ctx, number) == entry
