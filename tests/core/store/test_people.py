"""The roster in both databases: what people said stays when Slack is asked, and nobody is asked about twice a day."""

from __future__ import annotations

from datetime import timedelta

from core.domain.people import Away, Colleague, Delegation, Hours
from core.store import people
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT

LENT = (Delegation("U3", AT, AT + timedelta(days=1), "qa"), Delegation("U4", AT))
GONE = (Away(AT, AT + timedelta(days=2)),)
MIRA = Colleague("U2", "", Hours(8 * 60, 12 * 60, (0, 2)), LENT, GONE, ("missed_author",))


async def test_what_somebody_said_and_what_slack_knows_share_a_row(store: Store, database: Database) -> None:
    async def say(unit: Unit) -> None:
        await people.put(unit, MIRA)

    async def read(unit: Unit) -> list[bool]:
        return [await people.put_zone(unit, who, zone, AT) for who, zone in
                (("U2", "Europe/Berlin"), ("U2", "Europe/Berlin"), ("U9", ""))]  # fmt: skip

    await store.unit(say, verb="say", chains=[people.ROSTER])
    assert await store.unit(read, verb="read", chains=[people.ROSTER]) == [True, False, False]
    await store.unit(say, verb="say", chains=[people.ROSTER])
    async with database.reader.connect() as connection:
        assert (await people.everybody(connection))["U2"] == MIRA
        assert await people.load(connection, "U7") == Colleague("U7")
        assert await people.unread(connection, ("U9", "U7", "U2"), AT) == ["U7"]
        assert await people.unread(connection, ("U9", "U7"), AT + timedelta(seconds=1)) == ["U9", "U7"]
