"""Slack's rates, shared by all processes: who may call when is one row per key."""

from __future__ import annotations

from sqlalchemy import case, literal
from sqlalchemy.sql.elements import ColumnElement

from core.store.columns import Seconds, db_now
from core.store.tables import slack_pace as p
from core.store.unit_of_work import Store, Unit


async def reserve(store: Store, key: str, gap: float, burst: int = 1) -> float:
    """Take the next slot for `key`, `gap` seconds after the one before; returns the seconds to wait for it.

    After quiet `burst` calls may go at once. A slot is taken for good: use it or give the row back until then.
    """

    async def work(unit: Unit) -> float:
        floor = db_now() - gap * (burst - 1)
        begin: ColumnElement[float] = case((p.c.next_at > floor, p.c.next_at), else_=floor)
        fresh = unit.insert(p).values(key=key, next_at=floor + gap)
        taken = fresh.on_conflict_do_update(index_elements=[p.c.key], set_={"next_at": begin + gap})
        row = await unit.conn.execute(taken.returning((p.c.next_at - gap - db_now()).label("wait")))
        return max(0.0, float(row.scalar_one()))

    wait: float = await store.unit(work, verb="pace.reserve", interactive=False)
    return wait


async def hold_off(store: Store, key: str, seconds: float) -> None:
    """Slack said 429: nobody calls before `Retry-After` is over."""

    async def work(unit: Unit) -> None:
        until = db_now() + literal(seconds, Seconds)
        longer = case((p.c.next_at > until, p.c.next_at), else_=until)
        row = unit.insert(p).values(key=key, next_at=until)
        await unit.conn.execute(row.on_conflict_do_update(index_elements=[p.c.key], set_={"next_at": longer}))

    await store.unit(work, verb="pace.hold_off", interactive=False)
