"""Slack's rates, shared by all processes: who may call when is one row per key."""

from __future__ import annotations

from sqlalchemy import case, literal, select
from sqlalchemy.sql.elements import ColumnElement

from core.store.columns import Seconds, db_now
from core.store.tables import slack_pace as p
from core.store.unit_of_work import Store, Unit


async def reserve(store: Store, key: str, gap: float, burst: int = 1, most: float | None = None) -> float:
    """Take the next slot for `key`, `gap` seconds after the one before; returns the seconds to wait for it.

    After quiet `burst` calls may go at once. A slot is taken for good. One that is further away than `most` seconds
    is not taken: who gives a row back and comes again would otherwise queue behind its own empty slots.
    """

    async def work(unit: Unit) -> float:
        floor = db_now() - gap * (burst - 1)
        begin: ColumnElement[float] = case((p.c.next_at > floor, p.c.next_at), else_=floor)
        fresh = unit.insert(p).values(key=key, next_at=floor + gap)
        near = None if most is None else begin - db_now() <= literal(most, Seconds)
        taken = fresh.on_conflict_do_update(index_elements=[p.c.key], set_={"next_at": begin + gap}, where=near)
        row = await unit.conn.execute(taken.returning((p.c.next_at - gap - db_now()).label("wait")))
        wait = row.scalar_one_or_none()
        if wait is None:  # too far away
            wait = (await unit.conn.execute(select(p.c.next_at - db_now()).where(p.c.key == key))).scalar_one()
        return max(0.0, float(wait))

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
