"""A unit of work is done once, whole, and in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from core.errors import Blocker, Busy, Refused
from core.store import tables as t
from core.store import unit_of_work
from core.store.clashes import UnitClash
from core.store.engines import Database
from core.store.unit_of_work import Store, Unit, inside_unit
from tests.core.store.conftest import AT, Processes


async def signs(unit: Unit) -> Any:
    seq = await unit.audit("release:1", "U1", "approve", "p1", {"gate": "qa"}, AT)
    return {"seq": seq}


async def count(database: Database, table: Any) -> int:
    async with database.reader.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_a_unit_leaves_entry_effect_and_head_together(store: Store, database: Database) -> None:
    async def work(unit: Unit) -> Any:
        assert inside_unit()
        seq = await unit.audit("release:1", "U1", "approve", "p1", {"gate": "qa"}, AT)
        await unit.outbox("release:1/C1", "post", {"text": "hello"}, cause="release:1")
        return {"seq": seq}

    assert await store.unit(work, verb="approve", chains=["release:1"]) == {"seq": 1}
    assert not inside_unit()
    assert await count(database, t.audit) == await count(database, t.outbox) == 1
    async with database.reader.connect() as connection:
        head = (await connection.execute(select(t.chain))).one()
        entry = (await connection.execute(select(t.audit))).one()
        effect = (await connection.execute(select(t.outbox))).one()
    assert (head.seq, head.hash, head.at) == (1, entry.hash, "2026-11-25T15:00:00.000000Z")
    assert (effect.cause_chain, effect.cause_seq, effect.state, effect.open) == ("release:1", 1, "ready", True)


async def test_a_refusal_leaves_nothing_and_frees_the_key(store: Store, database: Database) -> None:
    async def refuses(unit: Unit) -> Any:
        await signs(unit)
        raise Refused([Blocker("not.you")])

    with pytest.raises(Refused):
        await store.unit(refuses, verb="approve", chains=["release:1"], key="view:V1")
    assert [await count(database, table) for table in (t.audit, t.chain, t.inbox)] == [0, 0, 0]
    assert await store.unit(signs, verb="approve", chains=["release:1"], key="view:V1") == {"seq": 1}


async def test_the_same_key_returns_the_first_answer(store: Store, database: Database) -> None:
    answers = [
        await store.unit(signs, verb="approve", chains=["release:1"], key="trigger:1.2") for _ in range(3)
    ]
    assert answers == [{"seq": 1}] * 3
    assert await count(database, t.audit) == 1


async def test_the_same_key_at_the_same_moment_is_done_once(store: Store, database: Database) -> None:
    answers = await asyncio.gather(
        *(store.unit(signs, verb="approve", chains=["release:1"], key="trigger:1.2") for _ in range(8))
    )
    assert answers == [{"seq": 1}] * 8
    assert await count(database, t.audit) == 1


async def test_audit_time_never_runs_back(store: Store, database: Database) -> None:
    async def earlier(unit: Unit) -> Any:
        await unit.audit("release:1", "U1", "approve", "p1", {}, AT)
        await unit.audit("release:1", "U1", "approve", "p1", {}, AT.replace(hour=3))

    await store.unit(earlier, verb="approve", chains=["release:1"])
    async with database.reader.connect() as connection:
        times = (await connection.execute(select(t.audit.c.at).order_by(t.audit.c.seq))).scalars().all()
    assert times == ["2026-11-25T15:00:00.000000Z"] * 2


@pytest.mark.parametrize("actor", ["U1\nforged", "U1\x00"])
async def test_a_field_cannot_forge_a_second_line(store: Store, actor: str) -> None:
    async def forges(unit: Unit) -> Any:
        await unit.audit("release:1", actor, "approve", "p1", {}, AT)

    with pytest.raises(ValueError, match="line break"):
        await store.unit(forges, verb="approve", chains=["release:1"])


async def test_only_a_locked_chain_grows(store: Store) -> None:
    with pytest.raises(RuntimeError, match="not locked"):
        await store.unit(signs, verb="approve")


async def test_a_unit_inside_a_unit_is_a_bug(store: Store) -> None:
    async def nests(unit: Unit) -> Any:
        await store.unit(signs, verb="approve", chains=["release:1"])

    with pytest.raises(RuntimeError, match="inside another"):
        await store.unit(nests, verb="approve", interactive=False)


async def test_loops_are_woken_after_a_commit_and_not_after_a_refusal(store: Store) -> None:
    woken: list[int] = []
    store.on_commit(lambda: woken.append(1))
    await store.unit(signs, verb="approve", chains=["release:1"])

    async def refuses(unit: Unit) -> Any:
        raise Refused([Blocker("not.you")])

    with pytest.raises(Refused):
        await store.unit(refuses, verb="approve")
    assert woken == [1]


async def test_a_unit_that_takes_too_long_is_busy_and_leaves_nothing(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "INTERACTIVE_SECONDS", 0.1)

    async def slow(unit: Unit) -> Any:
        await signs(unit)
        await asyncio.sleep(5)

    with pytest.raises(Busy):
        await store.unit(slow, verb="approve", chains=["release:1"], key="trigger:1")
    assert [await count(database, table) for table in (t.audit, t.inbox)] == [0, 0]


async def test_a_clash_is_run_again_as_a_whole_once(store: Store, database: Database) -> None:
    tries: list[int] = []

    async def clashes(unit: Unit) -> Any:
        tries.append(1)
        await signs(unit)
        if len(tries) == 1:
            raise UnitClash("anchor 1")
        return "done"

    assert await store.unit(clashes, verb="approve", chains=["release:1"]) == "done"
    assert len(tries) == 2
    assert await count(database, t.audit) == 1

    async def always(unit: Unit) -> Any:
        raise UnitClash("anchor 1")

    with pytest.raises(Busy):
        await store.unit(always, verb="approve")


class Breaking:
    """A database whose connection breaks around COMMIT, once."""

    def __init__(self, real: Database, after_commit: bool) -> None:
        self._real, self._after = real, after_commit
        self.broken = False

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Any]:
        async with self._real.writing() as connection:
            yield connection
            if not self.broken and not self._after:
                self.broken = True
                raise ConnectionResetError("before COMMIT arrived")
        if not self.broken:
            self.broken = True
            raise ConnectionResetError("after COMMIT was done")


@pytest.mark.parametrize("after_commit", [False, True])
@pytest.mark.parametrize("key", [None, "trigger:1"])
async def test_a_connection_lost_at_commit_is_done_exactly_once(
    database: Database, after_commit: bool, key: str | None
) -> None:
    breaking = Breaking(database, after_commit)
    store = Store(cast(Database, breaking), "process-1")
    assert await store.unit(signs, verb="approve", chains=["release:1"], key=key) == {"seq": 1}
    assert breaking.broken
    assert await count(database, t.audit) == 1


async def test_killed_before_commit_nothing_happened_and_the_same_click_works(
    processes: Processes, store: Store, database: Database
) -> None:
    code, out = await processes.run("sign", "trigger:1", fail="commit.before:sign=kill")
    assert (code, out) == (-9, "")
    assert [await count(database, table) for table in (t.audit, t.chain, t.outbox, t.inbox)] == [0, 0, 0, 0]
    assert await store.unit(signs, verb="sign", chains=["release:1"], key="trigger:1") == {"seq": 1}


async def test_killed_after_commit_it_is_done_and_the_same_click_says_so(
    processes: Processes, store: Store, database: Database
) -> None:
    code, out = await processes.run("sign", "trigger:1", fail="commit.after:sign=kill")
    assert (code, out) == (-9, "")
    assert await store.unit(signs, verb="sign", chains=["release:1"], key="trigger:1") == {"seq": 1}
    assert [await count(database, table) for table in (t.audit, t.outbox)] == [1, 1]
