"""Releases come back as they were stored, and the keys hold what no click may break."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.release import (
    Candidate,
    Change,
    Concern,
    Dependency,
    Ending,
    GitWork,
    GoAsked,
    Hold,
    Incident,
    Phase,
    Release,
    ReleaseType,
    Run,
    RunState,
    StakeholderText,
    SupportText,
    Texts,
)
from core.errors import NotFound, Refused
from core.store import audit, due, releases
from core.store import tables as t
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit, release_chain
from tests.core.store.conftest import AT, Stored

FULL: dict[str, Any] = {
    "hold": Hold("U2", AT, "vendor is down\x00 \ud800", AT + timedelta(days=1), keep_place=False),
    "scope": (Change("b" * 40, "Add a cart", "Ana", "ana@shop.test", 12, "body"), Change("c" * 40, "Fix", "Bo", "bo")),
    "candidates": (Candidate(1, "v1.3.0-rc.1", "d" * 40, AT, "U1", "0123456789abcdef", ("1.2.2-hotfix.1",)),),
    "git": GitWork("cut", "U1", AT, {"branch": "release/1.3.0", "n": [1, {"a": None}]}, problem=({"code": "drift"},)),
    "go": GoAsked("U1", AT, members_read=True),
    "runs": (Run(7, "production", "deploy", RunState.WAITING, "1.3.0", "e" * 40, "U1", AT, changed=True),),
    "concerns": (Concern(1, "U3", AT, "no alarm yet"),),
    "dependencies": (Dependency("payments", "U4", AT), Dependency("search", "U5", None, "done")),
    "incidents": (Incident(1, "U3", "slow", AT, "high", AT, "U3"),),
    "texts": Texts(StakeholderText(("faster",), "b", "g"), SupportText(new=("x", "y"), contact="U9"), "U1", AT),
    "announced": {"go:team": "2026-11-25T15:00:00.000000Z"}, "outcome": Ending.FIXED_BY,
    "train": "main", "departs_at": AT + timedelta(days=14), "fixes": 5, "type": ReleaseType.MAJOR,
}


async def save(store: Store, release: Release, **how: Any) -> None:
    async def work(unit: Unit) -> Any:
        await unit.audit(release_chain(release.id), "U1", "edit", "p1", {}, AT)
        await releases.save(unit, release, facts=how.get("facts", {}), wake_at=how.get("wake_at"))

    await store.unit(work, verb="edit", chains=[release_chain(release.id)])


async def test_a_release_comes_back_whole(store: Store, stored: Stored, database: Database) -> None:
    plain = await stored()
    full = await stored(version="2.0.0", **FULL)
    async with database.reader.connect() as connection:
        assert await releases.load(connection, plain.id) == plain
        assert await releases.load(connection, full.id) == full
        assert await releases.find(connection, "shop", "2.0.0") == full
        assert await releases.find(connection, "shop", "9.9.9") is None
        row = (await connection.execute(select(t.release).where(t.release.c.id == full.id))).one()
    assert (row.held, row.digest, row.open, row.departs_at) == (True, "0123456789abcdef", True, full.departs_at)
    with pytest.raises(NotFound):
        async with database.reader.connect() as connection:
            await releases.load(connection, 99)


async def test_each_release_has_its_chain(stored: Stored, database: Database) -> None:
    new = await stored()
    async with database.reader.connect() as connection:
        head = (await connection.execute(select(t.chain))).one()
        facts, seq = await releases.facts_of(connection, new.id)
    assert (head.name, head.seq) == (release_chain(new.id), 1)
    assert (facts, seq) == ({"version": "1.3.0"}, 1)


async def test_facts_stand_for_the_last_entry_even_when_it_came_after_them(
    store: Store, stored: Stored, database: Database
) -> None:
    new = await stored()

    async def work(unit: Unit) -> Any:
        await unit.audit(release_chain(new.id), "U1", "edit", "p1", {}, AT)
        await releases.save(unit, new, facts={"n": 1}, wake_at=None)
        await unit.audit(release_chain(new.id), "U1", "again", "p1", {}, AT)

    await store.unit(work, verb="edit", chains=[release_chain(new.id)])
    async with database.reader.connect() as connection:
        assert await releases.facts_of(connection, new.id) == ({"n": 1}, 3)


def codes(refused: Refused) -> Sequence[str]:
    return [blocker.code for blocker in refused.blockers]


async def test_a_number_is_taken_until_its_release_is_cancelled(
    store: Store, stored: Stored, database: Database
) -> None:
    first = await stored()
    with pytest.raises(Refused) as refused:
        await stored()
    assert codes(refused.value) == ["version.taken"]
    await save(store, replace(first, phase=Phase.CANCELLED))
    again = await stored()
    assert again.id != first.id
    async with database.reader.connect() as connection:
        assert await releases.find(connection, "shop", "1.3.0") == again
        assert [one.id for one in await releases.open_releases(connection, "shop")] == [again.id]


async def test_a_departure_is_taken_by_one(store: Store, stored: Stored) -> None:
    leaving = {"train": "main", "departs_at": AT}
    first = await stored(**leaving)
    with pytest.raises(Refused) as refused:
        await stored(version="1.4.0", **leaving)
    assert codes(refused.value) == ["departure.taken"]
    second = await stored(version="1.4.0", train="main", departs_at=AT + timedelta(days=14))
    with pytest.raises(Refused) as refused:
        await save(store, replace(second, **leaving))
    assert codes(refused.value) == ["departure.taken"]
    with pytest.raises(Refused) as refused:
        await save(store, replace(second, version="1.3.0"))
    assert codes(refused.value) == ["version.taken"]
    await save(store, replace(first, phase=Phase.CLOSED))
    with pytest.raises(Refused):
        await stored(version="1.5.0", **leaving)


async def test_the_open_ones_come_in_the_order_they_leave(stored: Stored, database: Database) -> None:
    await stored(version="1.5.0", departs_at=AT + timedelta(days=28))
    await stored(version="1.4.1", departs_at=None)
    await stored(version="1.4.0", departs_at=AT + timedelta(days=14))
    async with database.reader.connect() as connection:
        assert [one.version for one in await releases.open_releases(connection, "shop")] == ["1.4.0", "1.5.0", "1.4.1"]
        assert await releases.open_releases(connection, "other") == []


async def test_what_is_due_is_found_by_its_hour_and_what_ended_has_none(
    store: Store, stored: Stored, database: Database
) -> None:
    late = await stored(wake_at=AT)
    await stored(version="1.4.0", wake_at=AT + timedelta(hours=1))
    closed = await stored(version="1.5.0", wake_at=AT)
    await save(store, replace(closed, phase=Phase.CLOSED), wake_at=None)
    async with database.reader.connect() as connection:
        assert await due.releases_to_wake(connection, AT - timedelta(seconds=1)) == []
        assert await due.releases_to_wake(connection, AT) == [late.id]


async def test_reminders_read_what_is_open_and_only_the_dates_of_what_has_ended(
    store: Store, stored: Stored, database: Database
) -> None:
    open_ = await stored(train="main", departs_at=AT, hold=Hold("U2", AT, "the bank"), announced={"planned:team": "x"})
    ended = await stored(version="1.2.0", train="main", departs_at=AT - timedelta(days=14))
    await save(store, replace(ended, phase=Phase.CLOSED))
    await stored(version="1.2.3", type=ReleaseType.PATCH)
    async with database.reader.connect() as connection:
        rows = await releases.leaving(connection, "shop", ["main"], AT - timedelta(days=20))
        found = await releases.open_facts(connection, "shop")
    by = {row["release"]: row for row in rows}
    assert set(by) == {open_.id, ended.id}
    assert (by[open_.id]["lead"], by[open_.id]["stands"], by[open_.id]["told"]) == ("U1", True, False)
    assert (by[ended.id]["lead"], by[ended.id]["phase"], by[ended.id]["departs_at"]) == (
        "", Phase.CLOSED, AT - timedelta(days=14),
    )  # fmt: skip
    assert [json.loads(text)["version"] for text in found] == ["1.3.0", "1.2.3"]


async def test_what_was_claimed_and_done_lately_is_read_by_its_instant(
    store: Store, stored: Stored, database: Database
) -> None:
    release = await stored()

    async def work(unit: Unit) -> None:
        for n in range(3):
            assert await due.claim(unit, ("items", f"release:{release.id}:U{n}", "plan"), AT + timedelta(minutes=n))
        assert not await due.claim(unit, ("items", f"release:{release.id}:U1", "plan"), AT)

    await store.unit(work, verb="ahead")
    async with database.reader.connect() as connection:
        late = await due.since(connection, AT)
        acts = await audit.acts_since(connection, [release_chain(release.id)], ["start", "tick"], AT)
        assert await audit.acts_since(connection, [release_chain(release.id)], ["start"], AT + timedelta(hours=1)) == []
    assert sorted(late) == [
        ("items", f"release:{release.id}:U{n}", AT + timedelta(minutes=n)) for n in (1, 2)
    ]
    assert acts == [(release_chain(release.id), "U1", "start", AT)]
