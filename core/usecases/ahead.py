"""Remind people of trains, quarters, release days and retrospectives, by the table of `core/domain/reminders`.

Every process looks at each tick. What was asked is claimed in the unit that writes the message, so it is asked once;
what is due for one person at the same time is one message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from core.domain.calendar import wall
from core.domain.due import Due
from core.domain.effects import CLICK
from core.domain.policy import Policy
from core.domain.reminders import ANY_HOUR, ASKED, TRAINS, Leaving, Reminder, foreseen, quarter
from core.store import due, products, releases
from core.store.engines import Conn
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context, role_members, roster_of
from core.usecases.trains import KEPT, timetable

Key = tuple[str, str, str]
LOOKED_BACK = timedelta(days=40)  # for a retrospective that is owed


async def ask_ahead(ctx: Context) -> int:
    """Send what is due; returns how many people were asked something."""
    async with ctx.store.database.reader.connect() as conn:
        if not await _owed(ctx, conn):
            return 0

    async def work(unit: Unit) -> int:
        owed = await _owed(ctx, unit.conn)
        for person, found in owed.items():
            mine = [one for one in found if await due.claim(unit, _key(one, person), ctx.clock.now())]
            await _tell(ctx, unit, person, mine)
        return len(owed)

    chains = (product_chain(ctx.product),)
    return int(await ctx.store.unit(work, verb="ahead", chains=chains, interactive=False))


async def _owed(ctx: Context, conn: Conn) -> dict[str, list[Reminder]]:
    """Person -> what they are to be asked now, in their working hours; nothing that was asked or answered."""
    now = ctx.clock.now()
    owed: dict[str, list[Reminder]] = {}
    async for at, person, one in _hours(ctx, conn, now):
        if at == now:
            owed.setdefault(person, []).append(one)
    return owed


async def next_ask(ctx: Context, before: datetime) -> Due | None:
    """The next hour before `before` at which somebody is reminded of something if nothing changes until then."""
    now = ctx.clock.now()
    async with ctx.store.database.reader.connect() as conn:
        found = [(at, person, one) async for at, person, one in _hours(ctx, conn, before) if now < at < before]
    first = min(((at, person, one) for at, person, one in found if at < one.until), key=lambda x: x[0], default=None)
    if first is None:
        return None
    at, person, one = first
    version = str(one.about.get("version") or "")
    return Due(at, "reminder", person, f"v{version}" if version else one.subject)


async def _hours(ctx: Context, conn: Conn, horizon: datetime) -> AsyncIterator[tuple[datetime, str, Reminder]]:
    """What was neither asked nor answered yet: from which hour on each person may be asked it, from now on."""
    now = ctx.clock.now()
    policy = await ctx.active_policy(conn)
    found = list(await _due(ctx, conn, policy, horizon))
    if not found:
        return
    done = await due.done(conn, [one.occurrence for one in found])
    members, _ = await role_members(conn, policy, now)
    roster = await roster_of(conn, policy)
    for one in found:
        if one.code in TRAINS and (KEPT, one.subject, one.occurrence) in done:
            continue
        at = max(one.due, now)
        for person in _people(one, policy, members):
            if _key(one, person) not in done:
                yield at if one.code in ANY_HOUR else roster.next_hour(person, at), person, one


async def _due(ctx: Context, conn: Conn, policy: Policy, horizon: datetime) -> Sequence[Reminder]:
    now = ctx.clock.now()
    record = await products.load(conn, ctx.product)
    tables = {name: timetable(policy, record, name) for name in policy.trains}
    first = min(wall(quarter(t.local(now).date())[0], time(), t.zone) for t in tables.values())
    rows = await releases.leaving(conn, ctx.product, tables, min(first, now - LOOKED_BACK))
    known = foreseen(policy, tables, [Leaving(**row) for row in rows], now, horizon)
    return [one for one in known if one.due <= horizon and now < one.until]


def _people(one: Reminder, policy: Policy, members: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    roles = (one.role,) if one.role else policy.permissions[ASKED]
    return (one.to,) if one.to else tuple(dict.fromkeys(p for role in roles for p in members.get(role, ())))


def _key(one: Reminder, person: str) -> Key:
    return one.code, f"{one.subject}:{person}", one.occurrence


async def _tell(ctx: Context, unit: Unit, person: str, found: Sequence[Reminder]) -> None:
    policy = await ctx.active_policy(unit.conn)
    things = [{"code": one.code, **one.about} for one in found]
    data = {"actor": "", "reason": "", "names": policy.names, "zone": policy.zone, "things": things}
    body = {"release": 0, "place": f"dm:{person}", "moment": "ahead", "data": data}
    chain, last = product_chain(ctx.product), max(one.until for one in found)
    await unit.outbox(f"dm:{person}", "slack.post", body, cause=chain, rank=CLICK, expires_at=last)
