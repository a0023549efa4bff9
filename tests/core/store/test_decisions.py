"""One standing decision per release, gate, subject, role and person; what was withdrawn is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from core.domain.release import Decision
from core.store import decisions
from core.store import tables as t
from core.store.decisions import Recorded
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT, Stored

YES = Decision("approvals", "0123456789abcdef", "product_manager", "U2", "approve", AT, read_at=AT)


async def record(store: Store, release_id: int, decision: Decision) -> Recorded:
    async def work(unit: Unit) -> Recorded:
        return await decisions.record(unit, release_id, decision)

    recorded: Recorded = await store.unit(work, verb="approve", chains=["release:1"])
    return recorded


async def test_a_second_click_finds_the_first(store: Store, stored: Stored, database: Database) -> None:
    release = await stored()
    assert await record(store, release.id, YES) == Recorded(YES, new=True)
    later = replace(YES, at=AT.replace(hour=16))
    assert await record(store, release.id, later) == Recorded(YES, new=False)
    async with database.reader.connect() as connection:
        assert await decisions.standing(connection, release.id) == [YES]


async def test_two_roles_subjects_and_people_count_each(store: Store, stored: Stored, database: Database) -> None:
    release = await stored()
    others: list[dict[str, Any]] = [{"role": "qa"}, {"person": "U3"}, {"subject": "f" * 16}, {"gate": "uat"}]
    for changes in [{}, *others]:
        assert (await record(store, release.id, replace(YES, **changes))).new
    async with database.reader.connect() as connection:
        assert len(await decisions.standing(connection, release.id)) == 5


async def test_another_verdict_takes_the_place_of_the_first(store: Store, stored: Stored, database: Database) -> None:
    release = await stored()
    await record(store, release.id, YES)
    no = replace(YES, verdict="reject", reason="not tested", at=AT.replace(hour=16))
    assert await record(store, release.id, no) == Recorded(no, new=True, instead_of=YES)
    async with database.reader.connect() as connection:
        assert await decisions.standing(connection, release.id) == [no]
        past = await decisions.history(connection, release.id)
    assert [(one.decision, one.withdrawn_at) for one in past] == [(YES, no.at), (no, None)]


async def test_what_was_taken_back_may_be_given_again(store: Store, stored: Stored) -> None:
    release = await stored()
    await record(store, release.id, YES)

    async def takes_back(unit: Unit) -> bool:
        return await decisions.take_back(unit, release.id, YES, at=AT, why="too early")

    assert [await store.unit(takes_back, verb="take back") for _ in range(2)] == [True, False]
    assert (await record(store, release.id, YES)).new


async def test_a_new_candidate_voids_all_but_what_is_about_it(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()
    fresh = replace(YES, subject="f" * 16)
    await record(store, release.id, YES)
    await record(store, release.id, fresh)

    async def voids(unit: Unit) -> Any:
        return await decisions.void(unit, release.id, at=AT, why="rc.2", keep_subject="f" * 16)

    assert await store.unit(voids, verb="cut") == [YES]
    async with database.reader.connect() as connection:
        assert await decisions.standing(connection, release.id) == [fresh]


async def test_clicks_at_the_same_moment_leave_one_row(store: Store, stored: Stored, database_url: str) -> None:
    release = await stored()
    others = [Store(Database.open(database_url), f"process-{n}") for n in range(3)]
    came = await asyncio.gather(*(record(one, release.id, YES) for _ in range(4) for one in [store, *others]))
    for other in others:
        await other.database.close()
    assert sorted(one.new for one in came) == [False] * 15 + [True]


async def test_the_database_itself_keeps_the_key(stored: Stored, database: Database) -> None:
    release = await stored()
    row = {
        "release_id": release.id, "gate": "g", "subject": "s", "role": "r", "person": "U1", "verdict": "approve",
        "reason": "", "at": AT, "withdrawn_at": AT, "withdrawn_why": "",
    }
    async with database.writing() as connection:
        for _ in range(2):  # withdrawn ones do not count
            await connection.execute(insert(t.decision).values(row))
        await connection.execute(insert(t.decision).values(row | {"withdrawn_at": None}))
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(insert(t.decision).values(row | {"withdrawn_at": None}))
    async with database.reader.connect() as connection:
        assert len((await connection.execute(select(t.decision))).all()) == 3
