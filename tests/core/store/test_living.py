"""Messages that follow a release: many changes cost one edit, and the last state is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select, update

from core.store import living
from core.store import tables as t
from core.store.columns import db_now
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit, release_chain
from tests.core.store.conftest import AT, Stored


async def change(store: Store, release_id: int) -> int:
    async def work(unit: Unit) -> int:
        seq = await unit.audit(release_chain(release_id), "U1", "approve", "p1", {}, AT)
        unit.want(release_id)
        return seq

    seq: int = await store.unit(work, verb="approve", chains=[release_chain(release_id)])
    return seq


async def begin(store: Store, release_id: int, kind: str = "card", person: str = "", ts: str = "1.1") -> int:
    async def work(unit: Unit) -> int:
        new = await living.begin(unit, release_id, kind, channel="C1", person=person)
        again = await living.begin(unit, release_id, kind, channel="C1", person=person)
        assert again == new
        if ts:
            seq = unit.seq(release_chain(release_id))
            await living.posted(unit, new, channel="C1", ts=ts, seq=seq, blocks_hash="first")
        return new

    new: int = await store.unit(work, verb="post", chains=[release_chain(release_id)])
    return new


async def let_time_pass(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(update(t.living).values(next_at=0.0))


async def test_hundred_changes_cost_one_edit(store: Store, stored: Stored) -> None:
    release = await stored()
    await begin(store, release.id)
    assert await living.claim(store) == []  # what was posted shows all there is
    for _ in range(20):
        newest = await change(store, release.id)
    (row,) = await living.claim(store)
    assert (row.wanted, row.shown, row.shown_hash, row.ts) == (newest, 1, "first", "1.1")
    assert await living.claim(store) == []  # leased
    await living.shown(store, row, seq=newest, blocks_hash="second")
    assert await living.claim(store) == []


async def asks(database: Database, what: Callable[..., Awaitable[Any]]) -> Any:
    async with database.reader.connect() as connection:
        return await what(connection)


async def test_an_idle_worker_asks_before_it_takes_the_write_lock(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    await begin(store, release.id)
    assert not await asks(database, living.any_behind)
    assert await asks(database, living.unsettled) is None
    newest = await change(store, release.id)
    assert await asks(database, living.any_behind)
    assert await asks(database, living.unsettled) == 0.0
    (row,) = await living.claim(store)
    assert not await asks(database, living.any_behind)
    async with database.writing() as connection:  # the machine's clock was put back
        await connection.execute(update(t.living).values(lease_until=db_now() + 3 * living.LEASE))
    assert await asks(database, living.any_behind)
    assert len(await living.claim(store)) == 1
    await living.shown(store, row, seq=newest, blocks_hash="second")
    assert not await asks(database, living.any_behind)


async def test_a_change_during_the_edit_is_shown_after_the_pause(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    await begin(store, release.id)
    read = await change(store, release.id)
    (row,) = await living.claim(store)
    newest = await change(store, release.id)
    await living.shown(store, row, seq=read, blocks_hash="second")
    assert await living.claim(store) == []  # one edit in three seconds
    await let_time_pass(database)
    (row,) = await living.claim(store)
    assert (row.shown, row.wanted, row.shown_hash) == (read, newest, "second")


async def test_an_edit_on_a_lost_lease_is_drawn_again(
    store: Store, stored: Stored, database: Database, database_url: str
) -> None:
    release = await stored()
    await begin(store, release.id)
    await change(store, release.id)
    (frozen,) = await living.claim(store)
    async with database.writing() as connection:
        await connection.execute(update(t.living).values(lease_until=0.0))
    other = Store(database, "process-2")
    (row,) = await living.claim(other)
    newest = await change(store, release.id)
    await living.shown(other, row, seq=newest, blocks_hash="new")
    await living.shown(store, frozen, seq=frozen.wanted, blocks_hash="old")  # Slack may show the old one now
    await let_time_pass(database)
    (again,) = await living.claim(other)
    assert (again.shown, again.shown_hash) == (0, "")


async def test_an_edit_that_may_have_landed_after_the_last_one_is_followed_by_another(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    await begin(store, release.id, "dm", "U3")
    await change(store, release.id)
    (frozen,) = await living.claim(store)

    async def asked_anew(unit: Unit) -> None:
        await living.retire(unit, release.id, "dm", "U3")

    await store.unit(asked_anew, verb="post")
    other = Store(database, "process-2")
    (row,) = await living.claim(other)
    await living.shown(other, row, seq=row.wanted, blocks_hash="over", close=True)
    assert await living.claim(other) == []
    await living.shown(store, frozen, seq=frozen.wanted, blocks_hash="old")  # Slack may show the old one now
    await let_time_pass(database)
    assert [again.id for again in await living.claim(other)] == [row.id]


async def test_what_needs_no_edit_is_noted_together_but_for_a_lost_lease(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    for person in ("U1", "U2", "U3"):
        await begin(store, release.id, "dm", person)
    newest = await change(store, release.id)
    rows = await living.claim(store)
    lost = rows[1].id
    async with database.writing() as connection:
        await connection.execute(update(t.living).where(t.living.c.id == lost).values(owner="process-2"))
    await living.unchanged(store, [living.Unchanged(row, newest, False) for row in rows])
    async with database.reader.connect() as connection:
        found = {row.id: row for row in await connection.execute(select(t.living))}
    assert [(found[row.id].shown, found[row.id].owner) for row in rows if row.id != lost] == [(newest, "")] * 2
    assert (found[lost].shown, found[lost].shown_hash, found[lost].owner) == (0, "", "process-2")


async def test_who_must_decide_is_edited_first_and_what_was_asked_anew_last(store: Store, stored: Stored) -> None:
    release = await stored()
    for kind, person in (("dm", "U3"), ("card", ""), ("turn.go", "U2")):
        await begin(store, release.id, kind, person)

    async def asks_anew(unit: Unit) -> Any:
        await living.retire(unit, release.id, "dm", "U3")

    await store.unit(asks_anew, verb="ask")
    await begin(store, release.id, "dm", "U4")
    await change(store, release.id)
    told = [(row.kind.partition(".")[0], row.person) for row in await living.claim(store)]
    assert told == [("turn", "U2"), ("dm", "U4"), ("card", ""), ("over", "U3")]


async def test_a_message_not_posted_yet_or_closed_is_left_alone(store: Store, stored: Stored) -> None:
    release = await stored()
    await begin(store, release.id, ts="")
    await change(store, release.id)
    assert await living.claim(store) == []

    async def posted(unit: Unit) -> Any:
        await living.posted(unit, 1, channel="C1", ts="1.1")

    await store.unit(posted, verb="posted")
    (row,) = await living.claim(store)
    await living.shown(store, row, seq=row.wanted, blocks_hash="last", close=True)
    await change(store, release.id)
    assert await living.claim(store) == []
    async with store.database.reader.connect() as connection:
        found = await living.load(connection, release.id, "card")
    assert found is not None
    assert found.closed


async def test_a_deleted_message_is_posted_anew(store: Store, stored: Stored, database: Database) -> None:
    release = await stored()
    new = await begin(store, release.id)
    await change(store, release.id)
    (row,) = await living.claim(store)

    async def gone(unit: Unit) -> Any:
        await living.gone(unit, new)

    await store.unit(gone, verb="gone")
    await living.shown(store, row, seq=row.wanted, blocks_hash="late")  # about a message that is no more
    async with database.reader.connect() as connection:
        found = await living.load(connection, release.id, "card")
    assert found is not None
    assert (found.ts, found.shown, found.shown_hash) == ("", 0, "")


async def test_a_request_asked_anew_retires_the_one_before(store: Store, stored: Stored, database: Database) -> None:
    """The one before is just being edited when the new one lands: both come to show what they should, at once."""
    release = await stored()
    await begin(store, release.id, "dm", "U2")
    await change(store, release.id)
    (row,) = await living.claim(store)

    async def retire(unit: Unit) -> None:
        await living.retire(unit, release.id, "dm", "U2")

    await store.unit(retire, verb="retire", chains=[release_chain(release.id)])
    await begin(store, release.id, "dm", "U2", ts="2.2")
    await living.shown(store, row, seq=row.wanted, blocks_hash="late")  # drawn as the request that it no longer is
    newest = await change(store, release.id)
    await let_time_pass(database)
    old, new = sorted(await living.claim(store), key=lambda one: one.ts)
    assert (old.ts, old.kind, old.shown_hash) == ("1.1", f"{living.RETIRED}{old.id}", "")
    assert (new.ts, new.kind, new.wanted, new.shown_hash) == ("2.2", "dm", newest, "first")
    await living.shown(store, old, seq=old.wanted, blocks_hash="over", close=True)
    await change(store, release.id)
    await let_time_pass(database)
    assert [one.ts for one in await living.claim(store)] == []  # the new one is leased, the old one is closed


async def test_facts_that_change_without_an_entry_are_drawn_too(
    store: Store, stored: Stored, database: Database
) -> None:
    """Another release was shipped: this one's trail does not grow, its card changes all the same."""

    async def wanted(unit: Unit) -> None:
        unit.want(release.id)

    async def noted() -> None:
        await store.unit(wanted, verb="settle", chains=[release_chain(release.id)])

    release = await stored()
    await begin(store, release.id)
    await noted()
    (row,) = await living.claim(store)
    assert (row.shown_hash, row.wanted) == ("first", 1)
    await noted()  # while somebody draws the older facts
    await living.shown(store, row, seq=row.wanted, blocks_hash="old")
    await let_time_pass(database)
    (again,) = await living.claim(store)
    await living.shown(store, again, seq=again.wanted, blocks_hash="new", pause=0.0)
    assert await living.claim(store) == []


async def test_claims_of_the_dead_are_free_at_once_and_slow_slack_delays(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    await begin(store, release.id)
    await change(store, release.id)
    await living.claim(Store(database, "dead"))

    async def frees(unit: Unit) -> int:
        return await living.free_claims_of(unit, ["dead"])

    assert await store.unit(frees, verb="free") == 1
    (row,) = await living.claim(store)
    await living.later(store, row, 30.0)
    assert await living.claim(store) == []


async def test_home_is_kept_for_who_looked_lately(store: Store, database: Database) -> None:
    async def opens(unit: Unit) -> Any:
        for person in ("U1", "U2"):
            await living.home_opened(unit, person, "h1")

    await store.unit(opens, verb="home")
    assert await living.claim_homes(store) == []  # just published
    async with database.writing() as connection:
        await connection.execute(update(t.home).values(next_at=0.0))
        await connection.execute(update(t.home).where(t.home.c.person == "U2").values(opened_at=db_now() - 700))
    assert await asks(database, living.any_home)
    assert await living.claim_homes(store) == [("U1", "h1")]
    assert not await asks(database, living.any_home)
    assert await living.claim_homes(store) == []
    await living.home_shown(store, "U1", "h2")
    async with database.reader.connect() as connection:
        hashes = (await connection.execute(select(t.home.c.shown_hash).order_by(t.home.c.person))).scalars().all()
    assert hashes == ["h2", "h1"]
