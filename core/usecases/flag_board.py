"""All that is known of the flags at one moment: whom they are on for, how old they are, and what waits about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.domain.flags.guarding import GUARDED
from core.domain.flags.lifetime import Life, Seen, Used, life_of
from core.domain.flags.model import ENVIRONMENTS, Flag, Setting
from core.domain.flags.waiting import Proposal, Review, Rollout
from core.domain.policy import Policy
from core.domain.product import ProductRecord
from core.store import flag_waiting, flags, products
from core.store.engines import Conn
from core.store.flags import Stored
from core.usecases.context import Context


@dataclass(frozen=True, slots=True)
class Row:
    """One flag. `versions` are those of its settings, for a form that was opened on them."""

    flag: Flag
    settings: Mapping[str, Setting]
    versions: Mapping[str, int]
    life: Life
    rollout: Rollout | None = None

    def setting(self, environment: str = GUARDED) -> Setting:
        return self.settings.get(environment) or Setting()


@dataclass(frozen=True, slots=True)
class Board:
    """`rows` by name; proposals and reviews are those that wait for somebody, the oldest first."""

    rows: tuple[Row, ...]
    proposals: tuple[Proposal, ...] = ()
    reviews: tuple[Review, ...] = ()
    named: Mapping[str, Row] = field(default_factory=dict)


async def board(ctx: Context, name: str = "") -> Board:
    """Of all flags that are not archived, or of the one of this name."""
    async with ctx.store.database.reader.connect() as conn:
        return await board_in(ctx, conn, await ctx.active_policy(conn), name)


async def board_in(ctx: Context, conn: Conn, policy: Policy, name: str = "") -> Board:
    """The same on a connection that is open."""
    stored = await flags.everywhere(conn, name)
    record = await products.load(conn, ctx.product)
    used = await flags.last_used(conn, GUARDED)
    apps = bool(await flags.clients(conn, GUARDED))
    going = {one.key: one for one in await flag_waiting.open_ones(conn, Rollout) if one.environment == GUARDED}
    rows = tuple(
        Row(
            flag, {e: mine[e].setting if e in mine else Setting() for e in ENVIRONMENTS},
            {e: one.version for e, one in mine.items()},
            _life(ctx, policy, record, mine.get(GUARDED) or Stored(flag), used.get(flag.name), apps),
            going.get(flag.key),
        )
        for flag, mine in stored
    )  # fmt: skip
    known = {row.flag.name: row for row in rows}
    proposals = await flag_waiting.open_ones(conn, Proposal)
    reviews = await flag_waiting.open_ones(conn, Review)
    return Board(
        rows,
        tuple(p for p in proposals if name in ("", p.name)),
        tuple(r for r in reviews if name in ("", r.name)),
        known,
    )


def _life(
    ctx: Context, policy: Policy, record: ProductRecord, one: Stored, used: tuple[str, int] | None, apps: bool
) -> Life:
    last, times = used or ("", 0)
    if last < one.flag.created_at.date().isoformat():  # of another one that had its name
        last, times = "", 0
    told = Used(date.fromisoformat(last) if last else None, times, apps)
    seen = Seen(one.flag, one.setting, one.at, told)
    return life_of(seen, shipped_of(record), policy.flags, ctx.clock.now())


def shipped_of(record: ProductRecord) -> frozenset[str]:
    """The versions that are out and were not taken back."""
    return frozenset(v for v in record.shipped if v not in record.burnt)
