"""Takes single protections out of a child process, to show that the tests notice: the product has no switch for it.

`lock`: units read the head of a chain without FOR UPDATE.   `numbers`: audit entries are not numbered against each
other.   `claim`: every process delivers what is due, whoever else is at it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, select, true

from core.store import outbox as outbox_rows
from core.store import tables as t
from core.store.outbox import Claimed
from core.store.unit import Head, Unit
from core.store.unit_of_work import Store


def take_away(names: Iterable[str]) -> None:
    for name in names:
        _WALLS[name]()


def _without_lock() -> None:
    async def lock(unit: Unit, names: Collection[str]) -> None:
        for name in sorted(names):
            await unit.insert_new(t.chain, {"name": name, "seq": 0, "hash": "", "at": ""})
        known = select(t.chain).where(t.chain.c.name.in_(sorted(names))).order_by(t.chain.c.name)
        for row in await unit.conn.execute(known):
            unit.heads.setdefault(row.name, Head(row.seq, row.hash, row.at, row.seq))

    _put(Unit, lock=lock)


def _without_numbers() -> None:
    async def audit(unit: Unit, chain: str, *entry: Any) -> int:
        head = unit.heads[chain]
        head.seq += 1
        return head.seq

    async def advance(unit: Unit, name: str, head: Head) -> None:
        return None

    _put(Unit, audit=audit, _advance=advance)


def _without_claim() -> None:
    taken: set[int] = set()  # one process does not race with itself, it only sees nothing of the others

    async def claim(store: Store, lease: float = 0.0, at_once: int = 5) -> Sequence[Claimed]:
        o = t.outbox
        older = o.alias()
        first = ~select(older.c.id).where(
            older.c.lane == o.c.lane, older.c.id < o.c.id, older.c.open.is_(True)
        ).exists()
        due = select(o).where(o.c.open.is_(True), first).order_by(o.c.rank, o.c.id).limit(at_once)
        async with store.database.reader.connect() as conn:
            rows = [row for row in (await conn.execute(due)).all() if row.id not in taken]
        taken.update(row.id for row in rows)
        return [Claimed(**{name: getattr(row, name) for name in Claimed.__dataclass_fields__}) for row in rows]

    async def still_mine(conn: Any, row: Claimed) -> bool:
        return bool((await conn.execute(select(true()))).scalar_one())

    def mine_of(number: Any) -> Any:
        return t.outbox.update().where(t.outbox.c.id == number)

    def mine(row: Claimed) -> Any:
        return mine_of(row.id)

    def of_claim() -> Any:
        return mine_of(bindparam("row")).where(bindparam("number", type_=Integer) >= 0)

    _put(outbox_rows, claim=claim, still_mine=still_mine, _mine=mine, _of_claim=of_claim)


def _put(place: object, **instead: Callable[..., Any]) -> None:
    for name, function in instead.items():
        assert hasattr(place, name), f"{place} has no {name} any more"
        setattr(place, name, function)


_WALLS: dict[str, Callable[[], None]] = {"lock": _without_lock, "numbers": _without_numbers, "claim": _without_claim}
