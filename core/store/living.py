"""Messages that are edited in place: compared with what they should show, never queued.

A unit calls `unit.want(release_id)`. A worker: `rows = await claim(store)`; draw from `releases.facts_of`; when the
hash differs from `row.shown_hash` edit; then `await shown(store, row, seq=<the seq that was read>, ...)`; the others
are noted together with `unchanged`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, Text, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.elements import ColumnElement

from core.store.columns import Seconds, db_now
from core.store.tables import home as h
from core.store.tables import living as v
from core.store.tables import release as r
from core.store.unit_of_work import Store, Unit, release_chain

LEASE = 30.0
AFTER_EDIT = 3.0  # further edits of one message wait this long; the first after quiet goes at once
AFTER_HOME = 5.0
HOME_FRESH = 600.0  # only who opened Home lately is kept up to date
RETIRED = "over."  # begins the kind of a message that another one has taken the place of
DECIDES, CARD, PAST = 0, 1, 2  # ranks: who goes first when Slack's budget is short
_RANKS = {"card": CARD, "list": PAST, "run": PAST}  # by the beginning of the kind: what asks somebody goes first


@dataclass(frozen=True, slots=True)
class Living:
    """One message that shows the state of a release; `ts` is empty until its first post has reported."""

    id: int
    release_id: int
    kind: str
    person: str
    channel: str
    ts: str
    rank: int
    wanted: int
    shown: int
    shown_hash: str
    closed: bool


async def begin(unit: Unit, release_id: int, kind: str, *, channel: str, person: str = "") -> int:
    """The row of a message that will be posted through the outbox; the same one again returns its id."""
    values = {
        "release_id": release_id, "kind": kind, "person": person, "channel": channel, "ts": "",
        "rank": _RANKS.get(kind.partition(".")[0], DECIDES), "wanted": unit.seq(release_chain(release_id)), "shown": 0,
        "shown_hash": "", "next_at": 0.0, "owner": "", "lease_until": 0.0, "closed": False,
    }
    await unit.insert_new(v, values)
    same = {"of_release": release_id, "of_kind": kind, "of_person": person}
    return int((await unit.conn.execute(_same(), same)).one().id)


async def retire(unit: Unit, release_id: int, kind: str, person: str) -> None:
    """What was asked is asked anew in another message: the one before gets a last edit, under a kind of its own."""
    before = update(v).where(v.c.release_id == release_id, v.c.kind == kind, v.c.person == person, v.c.ts != "")
    await unit.conn.execute(
        before.values(
            kind=RETIRED + v.c.id.cast(Text), rank=PAST, shown=0, next_at=0.0, owner="", lease_until=0.0
        )
    )


async def posted(
    unit: Unit, living_id: int, *, channel: str, ts: str, seq: int = 0, blocks_hash: str = ""
) -> None:
    """The first post has landed and showed the state of `seq`: from now on it is edited.

    Called in the unit that finishes the outbox row.
    """
    row = update(v).where(v.c.id == living_id)
    await unit.conn.execute(row.values(channel=channel, ts=ts, shown_hash=blocks_hash, shown=seq))


async def load(conn: AsyncConnection, release_id: int, kind: str, person: str = "") -> Living | None:
    row = (await conn.execute(_same(), {"of_release": release_id, "of_kind": kind, "of_person": person})).first()
    return None if row is None else _living(row)


@cache
def _same() -> Select[Any]:
    of = v.c.release_id == bindparam("of_release"), v.c.kind == bindparam("of_kind")
    return select(v).where(*of, v.c.person == bindparam("of_person"))


async def release_at(conn: AsyncConnection, channel: str, ts: str) -> int | None:
    """The release that the message in this place tells of."""
    there = select(v.c.release_id).where(v.c.channel == channel, v.c.ts == ts).limit(1)
    return (await conn.execute(there)).scalar_one_or_none()


async def has_card(conn: AsyncConnection, channel: str, product: str) -> bool:
    """Whether a release of this product has its card in this channel."""
    cards = select(v.c.id).join(r, r.c.id == v.c.release_id)
    cards = cards.where(v.c.channel == channel, v.c.kind == "card", r.c.product == product).limit(1)
    return (await conn.execute(cards)).first() is not None


def _behind() -> ColumnElement[bool]:
    """Messages that are there and do not show the newest state."""
    return and_(v.c.closed.is_(False), v.c.shown < v.c.wanted, v.c.ts != "")


def _due() -> ColumnElement[bool]:
    """What may be edited now; `lease` is given when it is asked."""
    lease = bindparam("lease", type_=Seconds)
    over = or_(v.c.lease_until <= db_now(), v.c.lease_until > db_now() + 2 * lease)  # the clock may go back
    return and_(_behind(), v.c.next_at <= db_now(), over)


async def any_behind(conn: AsyncConnection, lease: float = LEASE) -> bool:
    """Whether a claim could find something: asked of the reader, so that an idle process never takes the write lock."""
    return (await conn.execute(_any_due(), {"lease": lease})).first() is not None


@cache
def _any_due() -> Select[Any]:
    return select(v.c.id).where(_due()).limit(1)


async def unsettled(conn: AsyncConnection) -> float | None:
    """Seconds until the next message that is behind may be edited; None when all show what they should."""
    wait = (await conn.execute(select(func.min(v.c.next_at) - db_now()).where(_behind()))).scalar_one_or_none()
    return None if wait is None else max(0.0, float(wait))


async def claim(store: Store, lease: float = LEASE, at_once: int = 5) -> Sequence[Living]:
    """Messages that are behind and may be edited now."""

    async def work(unit: Unit) -> list[Living]:
        asked = {"process": unit.process, "lease": lease, "at_once": at_once}
        rows = await unit.conn.execute(_claim(), asked)
        return sorted((_living(row) for row in rows), key=lambda row: (row.rank, row.id))

    rows: list[Living] = await store.unit(work, verb="living.claim", interactive=False)
    return rows


@cache
def _claim() -> ReturningUpdate[Any]:
    some = (
        select(v.c.id).where(_due()).order_by(v.c.rank, v.c.next_at, v.c.id)
        .limit(bindparam("at_once", type_=Integer)).with_for_update(skip_locked=True, of=v).cte("some")
    )
    until = db_now() + bindparam("lease", type_=Seconds)
    taken = update(v).where(v.c.id.in_(select(some.c.id)))
    return taken.values(owner=bindparam("process", type_=Text), lease_until=until).returning(v)


async def shown(
    store: Store, row: Living, *, seq: int, blocks_hash: str, close: bool = False, pause: float = AFTER_EDIT
) -> None:
    """It was edited and shows the state of `seq` now."""
    told = {"seq": seq, "blocks_hash": blocks_hash, "pause": pause}
    await store.unit(lambda unit: _note(unit, row, close, told), verb="living.shown", interactive=False)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A message that needs no edit: what it shows is what the state of `seq` asks for."""

    row: Living
    seq: int
    close: bool
    pause: float = 0.0


async def unchanged(store: Store, found: Sequence[Unchanged]) -> None:
    """Note them all in one unit; each may be looked at again at once, or after its pause."""
    alike: dict[tuple[int, bool, float], list[Living]] = {}
    for one in found:
        alike.setdefault((one.seq, one.close, one.pause), []).append(one.row)

    async def work(unit: Unit) -> set[int]:
        noted: set[int] = set()
        for (seq, close, pause), rows in alike.items():
            told = {"rows": [row.id for row in rows], "process": unit.process, "seq": seq, "pause": pause}
            noted.update((await unit.conn.execute(_as_they_stand(close), told)).scalars())
        return noted

    noted: set[int] = await store.unit(work, verb="living.shown", interactive=False) if found else set()
    for one in found:  # what somebody else is changing just now: a unit that waits for a row holds no other one
        if one.row.id not in noted:
            shows = one.row.shown_hash
            await shown(store, one.row, seq=one.seq, blocks_hash=shows, close=one.close, pause=one.pause)


async def _note(unit: Unit, row: Living, close: bool, told: Mapping[str, Any]) -> None:
    key = {"row": row.id, "at": row.ts}
    changed = await unit.conn.execute(_as_shown(close), {**key, "process": unit.process, **told})
    if changed.rowcount == 0:
        await _lost(unit, row)


async def _lost(unit: Unit, row: Living) -> None:
    """The lease was lost: our edit may have landed after a newer one, even after the last one."""
    same = update(v).where(v.c.id == row.id, v.c.ts == row.ts)
    await unit.conn.execute(same.values(shown=0, shown_hash="", closed=False))


@cache
def _as_they_stand(close: bool) -> ReturningUpdate[Any]:
    """Whoever takes a message from us, or posts it anew, takes its owner away, so that is all that is looked at."""
    mine = v.c.id.in_(bindparam("rows", expanding=True)), v.c.owner == bindparam("process")
    free = select(v.c.id).where(*mine).order_by(v.c.id).with_for_update(skip_locked=True, of=v).cte("free")
    ending = {"closed": True} if close else {}
    pause = bindparam("pause", type_=Seconds)
    noted = update(v).where(v.c.id.in_(select(free.c.id))).values(
        shown=bindparam("seq"), next_at=db_now() + pause, owner="", lease_until=0.0, **ending
    )  # fmt: skip
    return noted.returning(v.c.id)


@cache  # what is asked for every message at every change takes longer to build than to run
def _as_shown(close: bool) -> Update:
    mine = v.c.id == bindparam("row"), v.c.ts == bindparam("at"), v.c.owner == bindparam("process")
    pause = bindparam("pause", type_=Seconds)
    ending = {"closed": True} if close else {}
    return update(v).where(*mine).values(
        shown=bindparam("seq"), shown_hash=bindparam("blocks_hash"), next_at=db_now() + pause, owner="",
        lease_until=0.0, **ending,
    )  # fmt: skip


async def later(store: Store, row: Living, seconds: float) -> None:
    """It could not be edited now (Slack is slow or limits us)."""

    async def work(unit: Unit) -> None:
        mine = update(v).where(v.c.id == row.id)
        await unit.conn.execute(mine.values(next_at=db_now() + seconds, owner="", lease_until=0.0))

    await store.unit(work, verb="living.later", interactive=False)


async def gone(unit: Unit, living_id: int) -> None:
    """A person deleted the message: the same unit writes the outbox row that posts it anew."""
    row = update(v).where(v.c.id == living_id)
    await unit.conn.execute(row.values(ts="", shown=0, shown_hash="", owner="", lease_until=0.0))


async def free_claims_of(unit: Unit, dead: Collection[str]) -> int:
    """An edit may be repeated at once."""
    theirs = update(v).where(v.c.closed.is_(False), v.c.lease_until > 0, v.c.owner.in_(sorted(dead)))
    return (await unit.conn.execute(theirs.values(owner="", lease_until=0.0))).rowcount


async def home_opened(unit: Unit, person: str, blocks_hash: str) -> None:
    """Home was opened and published."""
    values = {"opened_at": db_now(), "shown_hash": blocks_hash, "next_at": db_now() + AFTER_HOME}
    row = unit.insert(h).values(person=person, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[h.c.person], set_=values))


async def any_home(conn: AsyncConnection) -> bool:
    """Whether a claim could find something, asked of the reader."""
    turn = and_(h.c.opened_at > db_now() - HOME_FRESH, h.c.next_at <= db_now())
    return (await conn.execute(select(h.c.person).where(turn).limit(1))).first() is not None


async def claim_homes(store: Store, at_once: int = 5) -> Sequence[tuple[str, str]]:
    """(person, hash last shown) of lately opened Homes whose turn it is; each is drawn and compared."""

    async def work(unit: Unit) -> list[tuple[str, str]]:
        turn = and_(h.c.opened_at > db_now() - HOME_FRESH, h.c.next_at <= db_now())
        some = (
            select(h.c.person).where(turn).order_by(h.c.next_at).limit(at_once)
            .with_for_update(skip_locked=True, of=h).cte("some")
        )
        taken = update(h).where(h.c.person.in_(select(some.c.person))).values(next_at=db_now() + AFTER_HOME)
        return [(row.person, row.shown_hash) for row in await unit.conn.execute(taken.returning(h))]

    rows: list[tuple[str, str]] = await store.unit(work, verb="home.claim", interactive=False)
    return rows


async def home_shown(store: Store, person: str, blocks_hash: str) -> None:
    async def work(unit: Unit) -> None:
        await unit.conn.execute(update(h).where(h.c.person == person).values(shown_hash=blocks_hash))

    await store.unit(work, verb="home.shown", interactive=False)


async def forget_shown(conn: AsyncConnection) -> None:
    """After a restore nobody knows what Slack shows: everything is drawn and edited once."""
    await conn.execute(update(v).where(v.c.closed.is_(False)).values(shown=0, shown_hash="", next_at=0.0))
    await conn.execute(update(h).values(shown_hash="", next_at=0.0))


def _living(row: Any) -> Living:
    return Living(**{name: getattr(row, name) for name in Living.__dataclass_fields__})
