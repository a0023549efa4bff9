"""The drafted notes lie beside the release, once for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.domain.notes.model import Draft, Finding, Gap, Heading, Item, Reverted, Shipped
from core.store import notes
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import Stored

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
ITEM = Item("#341", "Search by city", Heading.FEATURES, "prefix:feat", 341, ("AA-7",), ("c" * 40,), ("dana",), "", True)
DRAFT = Draft(
    "a" * 40,
    "b" * 40,
    (ITEM, replace(ITEM, id="0123456789ab", heading=None)),
    (Shipped(ITEM, "1.2.2"),),
    (Reverted(ITEM, replace(ITEM, id="#342")),),
    (Finding("migration", "migrations/0042.sql", "adds a table"),),
    (Gap("no_upgrade_note", "upgrade:migrations/0042.sql", {"path": "migrations/0042.sql"}, True),),
    redacted=2,
)


async def test_a_draft_comes_back_whole_and_the_newest_one_stands(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    other = replace(DRAFT, head="d" * 40, items=())
    for draft in (other, DRAFT):

        async def work(unit: Unit, draft: Draft = draft) -> None:
            await notes.put(unit, release.id, draft, AT)

        await store.unit(work, verb="test")
    async with database.reader.connect() as conn:
        assert await notes.load(conn, release.id) == DRAFT
        assert await notes.digest_of(conn, release.id) != ""
        assert await notes.load(conn, release.id + 1) is None
        assert await notes.digest_of(conn, release.id + 1) == ""
