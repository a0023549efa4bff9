"""Runs are claimed by one process at a time, one in each environment, found by their indices."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from core.domain.pipeline.model import Attempt, StepState
from core.store import attempts, runs
from core.store.columns import db_now
from core.store.engines import Database
from core.store.outbox import LeaseLost
from core.store.run_tables import run as r
from core.store.runs import NewRun
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT


def new(number: int, environment: str = "staging", product: str = "shop") -> NewRun:
    return NewRun(product, environment, 7, number, "deploy", {"steps": []})


async def in_unit(store: Store, what: Any, *arguments: Any, **named: Any) -> Any:
    return await store.unit(lambda unit: what(unit, *arguments, **named), verb="runs.test", interactive=False)


async def test_one_run_in_an_environment_and_the_next_one_ends_what_waits(store: Store, database: Database) -> None:
    first = await in_unit(store, runs.begin, new(1), AT)
    assert await in_unit(store, runs.begin, new(1), AT) == first
    assert await in_unit(store, runs.begin, new(2), AT) is None
    assert await in_unit(store, runs.begin, new(3, "production"), AT) is not None
    (mine, _) = await runs.claim(store)
    await in_unit(store, runs.change, mine.id, state="waiting", owner="")
    second = await in_unit(store, runs.begin, new(2), AT)
    async with database.reader.connect() as conn:
        assert [x.id for x in await runs.all_open(conn, "shop")] == [second - 1, second]
        known = await runs.load(conn, first)
    assert known is not None and (known.state, known.ended_at) == ("failed", AT)


async def test_two_processes_never_have_the_same_run(store: Store) -> None:
    for n in range(12):
        await in_unit(store, runs.begin, new(n, product=f"p{n}"), AT)
    others = [Store(store.database, f"w{n}") for n in range(4)]
    found = await asyncio.gather(*(runs.claim(one, at_once=3) for one in others for _ in range(2)))
    ids = [x.id for some in found for x in some]
    assert len(ids) == len(set(ids)) == 12
    pairs = zip([one for one in others for _ in "ab"], found, strict=True)
    owner, mine = next((one, some[0]) for one, some in pairs if some)
    thief = next(one for one in others if one is not owner)
    await in_unit(owner, runs.change, mine.id)
    with pytest.raises(LeaseLost):
        await in_unit(thief, runs.change, mine.id)

    async def late(unit: Unit) -> None:
        await unit.conn.execute(update(r).where(r.c.id == mine.id).values(lease_until=db_now() - 1))

    await in_unit(store, late)
    assert [x.id for x in await runs.claim(thief)] == [mine.id]
    with pytest.raises(LeaseLost):
        await in_unit(owner, runs.change, mine.id)


async def test_a_run_that_is_given_back_may_be_taken_after_its_pause(store: Store, database: Database) -> None:
    await in_unit(store, runs.begin, new(1), AT)
    (mine,) = await runs.claim(store)
    await in_unit(store, runs.give_back, mine.id, 60.0)
    assert not await runs.claim(store)
    async with database.reader.connect() as conn:
        assert 50 < (await runs.earliest(conn) or 0) <= 60
    await in_unit(store, runs.give_back, mine.id)
    assert not await runs.claim(store), "it was not ours any more"


async def test_the_number_of_an_attempt_is_taken_once(store: Store) -> None:
    run_id = await in_unit(store, runs.begin, new(1), AT)
    one = Attempt("smoke", 1, StepState.RUNNING, AT)
    await in_unit(store, attempts.add, run_id, one)
    with pytest.raises(IntegrityError):
        await in_unit(store, attempts.add, run_id, one)
    done = Attempt("smoke", 1, StepState.DONE, AT, AT, found={"count": 1})
    assert await in_unit(store, attempts.close, run_id, done)
    assert not await in_unit(store, attempts.close, run_id, Attempt("smoke", 1, StepState.FAILED, AT, AT))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_claims_use_the_index_of_open_runs(store: Store, database: Database) -> None:
    async with database.reader.connect() as conn:
        asked = runs.claim_statement().compile(dialect=database.reader.dialect)
        due = "SELECT id FROM run WHERE state = 'running' AND look_at <= 1"
        plan = await conn.execute(text(f"EXPLAIN QUERY PLAN {due}"))
        assert "ix_run_open" in str(plan.all())
    assert "state = 'running'" in str(asked).replace("run.state", "state")
