"""`/readyz` says no as soon as the store is of no use, in its own words, and yes again afterwards."""

from __future__ import annotations

import pytest

from bot import readiness
from bot.readiness import Readiness
from core.store.engines import Database
from core.store.reads import Reads
from core.store.tables import pulse
from tests.plugins.disk import full_disk


class Slack:
    """The only thing that is asked of it."""

    skew = 0.0


@pytest.fixture
def ready(database: Database) -> Readiness:
    return Readiness(database, Reads(database), Slack())  # type: ignore[arg-type]


async def written(database: Database) -> float:
    async with database.reader.connect() as conn:
        return float((await conn.execute(pulse.select())).one().at)


async def test_a_write_counts_for_a_while_however_often_somebody_asks(ready: Readiness, database: Database) -> None:
    assert (await ready.report())[0]
    first = await written(database)
    assert (await ready.report())[0] and await written(database) == first


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_full_disk_is_told_and_so_is_its_end(ready: Readiness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "WRITTEN", 0.0)
    assert (await ready.report())[0]
    with full_disk():
        good, facts = await ready.report()
    assert not good and not facts["ready"] and facts["store"].startswith("the database takes no write: ")
    assert (await ready.report())[0]


async def test_a_store_without_its_tables_is_told(empty_url: str) -> None:
    database = Database.open(empty_url)
    good, facts = await Readiness(database, Reads(database), Slack()).report()  # type: ignore[arg-type]
    await database.close()
    assert not good and "outbox" in facts["store"]
