"""What is stored for readers is what the rows say, all the way to the end; what somebody damages is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from core.store.tables import decision, environment, release
from core.usecases.agreement import UNREADABLE, differing
from tests.scenarios.driver import Team


async def agrees(play: Team) -> None:
    assert await differing(play.app.ctx) == {}


async def test_nothing_differs_from_the_start_of_a_release_to_its_end(play: Team) -> None:
    """With another release beside it, which sees what it does to production."""
    await play.says("priya", "start minor")
    await play.says("priya", "start patch wrong month")
    await agrees(play)
    play.product.commit("release/1.2.3", "app/month.py", "M = 1\n", author="Dana", subject="fix: the month (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.2.3")
    await play.to_preparation("1.2.3")
    await agrees(play)
    await play.theo.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await agrees(play)
    await play.ships("1.2.3")
    await agrees(play)
    await play.signs("1.2.3", "close")
    await play.says("priya", "close 1.2.3")
    assert await play.phase("1.2.3") == "closed"
    await play.says("priya", "hold 1.3.0 waiting for the bank")
    await agrees(play)


async def _damage(play: Team, statement: Any) -> dict[str, tuple[str, ...]]:
    async with play.app.ctx.store.database.writing() as conn:
        await conn.execute(statement)
    return await differing(play.app.ctx)


async def test_a_damaged_row_is_named_with_what_differs(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.signs("1.3.0", "begin")
    async with play.app.ctx.store.database.reader.connect() as conn:
        row = (await conn.execute(select(release.c.record, release.c.facts))).one()
    of_it = update(release).where(release.c.version == "1.3.0")

    assert await _damage(play, of_it.values(facts={**row.facts, "lead": "U0EVIL"})) == {"1.3.0": ("lead",)}
    older = {name: fact for name, fact in row.facts.items() if name != "evidence"}
    assert await _damage(play, of_it.values(facts=older)) == {}, "a version that knew no evidence stored it"
    fewer = [{k: v for k, v in item.items() if k not in ("state", "lists")} for item in row.facts["signoffs"]]
    assert await _damage(play, of_it.values(facts={**row.facts, "signoffs": fewer})) == {}, "nor how an item stands"
    older = row.facts | {"may": {k: v for k, v in row.facts["may"].items() if k != "carry"}}
    older["approvals"] = [{k: v for k, v in a.items() if k != "called"} for a in row.facts["approvals"]]
    assert await _damage(play, of_it.values(facts=older)) == {}, "nor all that is said of anything"
    worse = [a | {"need": 0} for a in older["approvals"]]
    assert await _damage(play, of_it.values(facts={**older, "approvals": worse})) == {"1.3.0": ("approvals",)}
    told = await _damage(play, of_it.values(facts=row.facts, record={**row.record, "lead": "U0THEO"}))
    assert "lead" in told["1.3.0"]
    assert await _damage(play, of_it.values(record=row.record)) == {}
    told = await _damage(play, update(environment).where(environment.c.name == "production").values(version="1.0.0"))
    assert "environments" in told["1.3.0"]
    told = await _damage(play, text("UPDATE decision SET at = 'some day'"))
    assert told == {"1.3.0": UNREADABLE}
    told = await _damage(play, delete(decision))
    assert "signoffs" in told["1.3.0"]


@pytest.mark.parametrize("broken", ["{", json.dumps({"version": "1.3.0"})])
async def test_a_row_that_cannot_be_read_is_named(play: Team, broken: str) -> None:
    await play.says("priya", "start minor")
    await play.says("priya", "start patch wrong month")
    damage = "UPDATE release SET record = ? WHERE version = '1.3.0'"
    async with play.app.ctx.store.database.writing() as conn:
        before = (await conn.exec_driver_sql("SELECT record FROM release WHERE version = '1.3.0'")).scalar_one()
        await conn.exec_driver_sql(damage, (broken,))
    assert await differing(play.app.ctx) == {"1.3.0": UNREADABLE}
    async with play.app.ctx.store.database.writing() as conn:
        await conn.exec_driver_sql(damage, (before,))
    await agrees(play)
