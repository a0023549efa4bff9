"""Evidence lies by its commit, once for each thing that was reported, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.domain.evidence.model import Build, Evidence
from core.store import evidence
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
FOUND = Evidence(
    0, "a" * 40, "regression", "ci", "web", "failed", AT, "d1", {"tests": 3.0, "failed": 1.0}, "https://ci/1", "U1",
    "a\x00\ud800note", "junit", ("cart.sums",), (Build("web", "sha256:00", "registry/web"),),
)  # fmt: skip


async def test_it_comes_back_whole_by_its_commit_and_what_nobody_has_is_forgotten(
    store: Store, database: Database
) -> None:
    async def again(unit: Unit) -> None:
        for _ in range(2):
            await evidence.add(unit, "shop", FOUND)

    with pytest.raises(IntegrityError):
        await store.unit(again, verb="test")  # who adds has looked what is there

    async def twice(unit: Unit) -> None:
        first = await evidence.add(unit, "shop", FOUND, matched=False)
        await evidence.add(unit, "shop", FOUND, after=first, matched=False)
        await evidence.add(unit, "shop", replace(FOUND, sha="b" * 40, digest="d2"), matched=False)
        await evidence.add(unit, "other", FOUND, matched=False)

    await store.unit(twice, verb="test")
    async with database.reader.connect() as conn:
        found = await evidence.of_commit(conn, "shop", "a" * 40)
        assert [replace(e, id=0) for e in found] == [FOUND, FOUND] and found[0].id < found[1].id
        assert await evidence.of_commit(conn, "shop", "c" * 40) == ()

    async def tidied(unit: Unit) -> int:
        await evidence.match(unit, "shop", "a" * 40)
        return await evidence.forget(unit, "shop", AT + timedelta(days=30))

    assert await store.unit(tidied, verb="test") == 1
    async with database.reader.connect() as conn:
        assert len(await evidence.of_commit(conn, "shop", "a" * 40)) == 2
        assert await evidence.of_commit(conn, "shop", "b" * 40) == ()
        assert len(await evidence.of_commit(conn, "other", "a" * 40)) == 1
