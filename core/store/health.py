"""How the store does, in numbers for whoever watches the bot: open effects, claims, messages behind, releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select

from core.store.columns import db_now
from core.store.engines import Conn
from core.store.run_tables import run as n
from core.store.tables import living as v
from core.store.tables import outbox as o
from core.store.tables import release as r

STATES = ("ready", "sending", "parked", "unsure")
WORK = ("outbox", "messages", "runs")


@dataclass(frozen=True, slots=True)
class Health:
    """`effects` are the open ones by state, `oldest` the seconds that the oldest due one has waited, `claims` what is
    held by kind of work, `behind` the messages in Slack that show an older state, `releases` the open ones by phase."""

    effects: Mapping[str, int]
    oldest: float
    claims: Mapping[str, int]
    behind: int
    releases: Mapping[str, int]


async def health(conn: Conn, product: str) -> Health:
    """As it is now; effects and claims of the whole store, releases of the product."""
    opened, living = o.c.open.is_(True), v.c.closed.is_(False)
    since = case((o.c.not_before > o.c.created_at, o.c.not_before), else_=o.c.created_at)
    due = and_(opened, o.c.state.in_(("ready", "sending")), o.c.not_before <= db_now())
    waited = (await conn.execute(select(db_now() - func.min(since)).where(due))).scalar_one_or_none()
    held = (
        and_(opened, o.c.lease_until > db_now()),
        and_(living, v.c.lease_until > db_now()),
        and_(n.c.state == "running", n.c.lease_until > db_now()),
    )
    of_product = and_(r.c.product == product, r.c.open.is_(True))
    return Health(
        dict.fromkeys(STATES, 0) | await _by(conn, o.c.state, opened),
        float(waited or 0.0),
        {name: await _count(conn, which) for name, which in zip(WORK, held, strict=True)},
        await _count(conn, and_(living, v.c.shown < v.c.wanted, v.c.ts != "")),
        await _by(conn, r.c.phase, of_product),
    )


async def _count(conn: Conn, which: ColumnElement[bool]) -> int:
    return int((await conn.execute(select(func.count()).where(which))).scalar_one())


async def _by(conn: Conn, name: ColumnElement[str], which: ColumnElement[bool]) -> dict[str, int]:
    found = select(name, func.count()).where(which).group_by(name)
    return {str(row[0]): int(row[1]) for row in (await conn.execute(found)).all()}
