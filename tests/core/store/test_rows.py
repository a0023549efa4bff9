"""Environments, groups and policies as rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.release import Environment, Lock
from core.errors import NotFound
from core.store import environments, members, policies
from core.store.engines import Database
from core.store.members import Moves
from core.store.policies import StoredPolicy
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT

Does = Callable[..., Awaitable[Any]]


@pytest.fixture
def does(store: Store) -> Does:
    """Calls one repository function in a unit of its own."""

    async def do(what: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
        async def work(unit: Unit) -> Any:
            return await what(unit, *arguments, **named)

        return await store.unit(work, verb="test")

    return do


async def test_an_environment_comes_back_as_it_was_put(does: Does, database: Database) -> None:
    lock = Lock(1, "1.3.0", "U1", AT, "roll-back", until_cleared=True)
    production = Environment("production", "1.2.2", "a" * 40, "", AT, lock, "1.2.1", "b" * 40)
    await does(environments.put, "shop", Environment("production", "1.2.1"))
    await does(environments.put, "shop", production)
    await does(environments.put, "other", Environment("production"))
    async with database.reader.connect() as connection:
        assert await environments.of_product(connection, "shop") == {"production": production}
        assert await environments.load(connection, "shop", "staging") == Environment("staging")


async def test_a_group_follows_slack_and_never_an_older_answer(does: Does, database: Database) -> None:
    later = AT + timedelta(minutes=5)
    assert await does(members.read_group, "S1", "qa", ["U1", "U2"], AT) == Moves(frozenset({"U1", "U2"}), frozenset())
    moves = await does(members.read_group, "S1", "qa", ["U2", "U3"], later)
    assert moves == Moves(frozenset({"U3"}), frozenset({"U1"}))
    assert await does(members.read_group, "S1", "qa", ["U1"], AT) == Moves(frozenset(), frozenset())
    await does(members.read_group, "S2", "none", [], AT)
    async with database.reader.connect() as connection:
        groups = await members.groups(connection)
    assert (groups["S1"].people, groups["S1"].read_at) == ({"U2", "U3"}, later)
    assert groups["S2"].people == frozenset()
    assert await does(members.read_group, "S1", "qa", ["U1"], later) == Moves(
        frozenset({"U1"}), frozenset({"U2", "U3"})
    )


async def test_one_policy_is_active(does: Does, database: Database) -> None:
    first = StoredPolicy("h1", "a = 1", 1, "proposed", None, "U1")
    assert await does(policies.propose, first)
    assert not await does(policies.propose, first)
    await does(policies.activate, "h1", "U1", AT)
    await does(policies.propose, replace(first, hash="h2", serial=2))
    await does(policies.propose, replace(first, hash="h3", serial=3))
    async with database.reader.connect() as connection:
        assert await policies.active(connection) == replace(first, state="active", activated_at=AT)
        waiting = await policies.proposed(connection)
        assert waiting is not None
        assert (waiting.hash, await policies.newest_serial(connection)) == ("h3", 3)
    await does(policies.activate, "h3", "U2", AT)
    async with database.reader.connect() as connection:
        states = [(await policies.load(connection, name)).state for name in ("h1", "h2", "h3")]
        with pytest.raises(NotFound):
            await policies.load(connection, "h4")
    assert states == ["retired", "retired", "active"]


