"""Whether one release's record is whole."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from core.store.tables import audit, audit_body
from core.usecases.trail import record_of
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk, words
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
    record = await record_of(desk.ctx, await played(desk), last=2)
    assert record["whole"] and record["count"] == 4 and len(record["head"]) == 64
    assert [(e["seq"], e["actor"], e["verb"]) for e in record["entries"]] == [(4, DANA, "concern"), (3, THEO, "hold")]


@pytest.mark.parametrize("what", CHANGES)
async def test_whatever_was_done_to_it_is_told_and_it_is_still_shown(desk: Desk, what: str) -> None:  # noqa: F811
    number = await played(desk)
    async with desk.ctx.store.database.writer.begin() as conn:
        await conn.execute(CHANGES[what])
    record = await record_of(desk.ctx, number)
    assert not record["whole"] and record["entries"]
    told = words((await desk.types(DANA, "audit 1.3.0")).private)
    assert "does not fit its chain" in told
