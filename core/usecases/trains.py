"""Skip a departure, move it, add one, and show the next ones. What people change lies in the product's record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from core.domain.calendar import Timetable, departures, is_departure, wall
from core.domain.course import of_departure, of_release, plain
from core.domain.gates.hours import when_of
from core.domain.gates.people import reason_lacks
from core.domain.policy import Policy
from core.domain.release import ProductRecord, Release, TrainChanges
from core.domain.reminders.trains import NEAR
from core.domain.situation import Act
from core.errors import Blocker, Refused
from core.store import due, products, releases
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context, permitted
from core.usecases.environments import tell

MOST_AHEAD = 60  # departures among which one that is named is looked for
KEPT = "train_kept"  # somebody said that a departure stays: nobody else is asked about it


def timetable(policy: Policy, record: ProductRecord, name: str) -> Timetable:
    """The train's timetable with what people changed about it."""
    changes = record.trains.get(name, TrainChanges())
    return policy.trains[name].timetable((datetime.fromisoformat(d).date() for d in changes.skipped), changes.extra)


async def next_trains(ctx: Context, n: int = 6, *, each: bool = False) -> list[dict[str, Any]]:
    """The next departures by their hour, skipped ones included: at, freeze, version on it, skipped (why), and the
    course of a release on it. There are `n` of them, of several trains together, or so many of `each`."""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        record = await products.load(conn, ctx.product)
        found = await releases.open_releases(conn, ctx.product)
    now = ctx.clock.now()
    rows = (row for name in policy.trains for row in _rows(policy, record, found, (name, now, n)))
    return sorted(rows, key=lambda row: (row["at"], row["train"]))[: None if each else max(n, 1)]


def _rows(
    policy: Policy, record: ProductRecord, found: Sequence[Release], asked: tuple[str, datetime, int]
) -> Iterator[dict[str, Any]]:
    """The next departures of one train; `asked` are its name, from when on, and how many."""
    name, now, n = asked
    changes = record.trains.get(name, TrainChanges())
    every = policy.trains[name].timetable((), changes.extra)
    for when in islice(departures(every, now), max(n, 1)):
        on_it = next((r for r in found if r.train == name and r.departs_at == when), None)
        legs = of_release(policy, on_it) if on_it else of_departure(policy, name, every, when)
        yield {
            "train": name,
            "at": when.isoformat(),
            "freeze_at": next(leg.begins for leg in legs if leg.what == "stabilization").isoformat(),
            "version": on_it.version if on_it else "",
            "release": on_it.id if on_it else 0,
            "phase": on_it.phase.value if on_it else "",
            "skipped": changes.skipped.get(every.local(when).date().isoformat(), ""),
            "moved": to.isoformat() if (to := changes.moved.get(every.local(when).date().isoformat())) else "",
            "extra": when in changes.extra,
            "course": plain(legs),
            "near": _near(every, when),
        }


def _near(table: Timetable, when: datetime) -> dict[str, Any]:
    """The public holiday that is close to a departure: its name, and how many days it lies after it."""
    day = table.local(when).date()
    found = table.off.near(day, NEAR)
    return {"holiday": found[1], "days": (found[0] - day).days} if found else {}


async def skip(ctx: Context, ask: Ask) -> dict[str, Any]:
    """A departure does not happen. Refused when a release stands on it (move that first) or there is none then."""
    return await _change(ctx, ask, _skipped)


async def shift(ctx: Context, ask: Ask) -> dict[str, Any]:
    """A departure without a release happens at another time: `at` is skipped and `to` added, both or neither."""
    return await _change(ctx, ask, _shifted)


async def keep(ctx: Context, ask: Ask) -> dict[str, Any]:
    """A departure stays although it is close to a holiday: nobody else is asked about it. Input: train, at.

    Refused when none leaves then any more."""
    when, name = _when(ask), str(ask.input.get("train") or "")

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await permitted(ctx, unit.conn, "train", ask.actor, ask.event)
        table = timetable(policy, await products.load(unit.conn, ctx.product), name) if name in policy.trains else None
        if table is None or when not in islice(departures(table, ctx.clock.now()), MOST_AHEAD):
            raise Refused([Blocker("train_none", {"at": when.isoformat()}, (ask.actor,))], asked=ask.event)
        if await due.claim(unit, (KEPT, name, when.isoformat()), ctx.clock.now()):
            said = {"train": name, "at": when.isoformat()}
            await unit.audit(product_chain(ctx.product), ask.actor, KEPT, policy.hash, said, ctx.clock.now())
        return {"event": ask.event, "at": when.isoformat(), "train": name}

    return dict(await ctx.store.unit(work, verb="train_kept", key=ask.key, chains=(product_chain(ctx.product),)))


async def extra(ctx: Context, ask: Ask) -> dict[str, Any]:
    """A departure is added."""
    return await _change(ctx, ask, _added)


async def _change(ctx: Context, ask: Ask, change: Any) -> dict[str, Any]:
    chain, reason = product_chain(ctx.product), str(ask.input.get("reason") or "")

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await permitted(ctx, unit.conn, "train", ask.actor, ask.event)
        record = await products.load(unit.conn, ctx.product)
        found = await releases.open_releases(unit.conn, ctx.product)
        name = str(ask.input.get("train") or _train(ask, policy, record))
        if name not in policy.trains:
            unknown = Blocker("train_none", {"at": str(ask.input.get("at") or "")}, (ask.actor,))
            raise Refused([unknown], asked=ask.event)
        changed, at = change(ctx, ask, policy, record, found, name)
        await products.put(unit, changed)
        entry = {"train": name, "at": at.isoformat(), "reason": reason}
        await unit.audit(chain, ask.actor, ask.event, policy.hash, entry, ctx.clock.now())
        said = {"actor": ask.actor, "reason": reason, "at": at.isoformat(), "before": str(ask.input.get("at") or "")}
        await tell(ctx, unit, policy, "team", f"train_{ask.event}", said | {"zone": policy.trains[name].zone})
        return {"event": ask.event, "at": at.isoformat(), "train": name}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(chain,)))


def _train(ask: Ask, policy: Policy, record: ProductRecord) -> str:
    """The train that leaves at this instant, else the one that leaves on this day; the first one where none does."""
    when = when_of(Act(ask.actor, ask.event, ask.input), "at")
    if when is None:
        return next(iter(policy.trains))
    tables = {name: timetable(policy, record, name) for name in policy.trains}
    exact = (name for name, table in tables.items() if is_departure(table, when))
    that_day = (name for name, table in tables.items() if _leaves_on(table, when)) if ask.event != "extra" else ()
    return next(exact, next(iter(that_day), next(iter(policy.trains))))


def _leaves_on(table: Timetable, when: datetime) -> bool:
    midnight = wall(table.local(when).date(), time(), table.zone)
    return table.local(next(departures(table, midnight - timedelta(seconds=1)))).date() == table.local(when).date()


def _when(ask: Ask) -> datetime:
    when = when_of(Act(ask.actor, ask.event, ask.input), "at")
    if when is None:
        raise Refused([Blocker("train_when", {"given": str(ask.input.get("at") or "")}, (ask.actor,))], asked=ask.event)
    return when


def _skipped(
    ctx: Context,
    ask: Ask,
    policy: Policy,
    record: ProductRecord,
    found: list[Release],
    name: str,
) -> tuple[ProductRecord, datetime]:
    when = _when(ask)
    table = timetable(policy, record, name)
    day = table.local(when).date()
    at = next((d for d in islice(departures(table, ctx.clock.now()), MOST_AHEAD) if table.local(d).date() == day), None)
    if at is None:
        raise Refused([Blocker("train_none", {"at": when.isoformat()}, (ask.actor,))], asked=ask.event)
    on_it = next((r for r in found if r.train == name and r.departs_at == at), None)
    if on_it is not None:
        raise Refused(
            [
                Blocker(
                    "departure_free",
                    {"at": at.isoformat(), "version": on_it.version, "release": on_it.id},
                    (on_it.lead,),
                )
            ],
            asked=ask.event,
        )
    if lacks := reason_lacks(str(ask.input.get("reason") or "").strip(), ask.actor):
        raise Refused(lacks, asked=ask.event)
    old = record.trains.get(name, TrainChanges())
    changed = replace(
        old,
        skipped=old.skipped | {day.isoformat(): str(ask.input["reason"]).strip()[:200]},
        extra=tuple(e for e in old.extra if e != at),
    )
    return replace(record, trains={**record.trains, name: changed}), at


def _shifted(
    ctx: Context,
    ask: Ask,
    policy: Policy,
    record: ProductRecord,
    found: list[Release],
    name: str,
) -> tuple[ProductRecord, datetime]:
    without, _ = _skipped(ctx, ask, policy, record, found, name)
    later = replace(ask, input={**ask.input, "at": ask.input.get("to")})
    both, when = _added(ctx, later, policy, without, found, name)
    changes = both.trains[name]
    day = timetable(policy, record, name).local(_when(ask)).date().isoformat()
    changed = replace(changes, moved={**changes.moved, day: when})
    return replace(both, trains={**both.trains, name: changed}), when


def _added(
    ctx: Context,
    ask: Ask,
    policy: Policy,
    record: ProductRecord,
    found: list[Release],
    name: str,
) -> tuple[ProductRecord, datetime]:
    when = _when(ask)
    if when <= ctx.clock.now():
        raise Refused([Blocker("departure_past", {"at": when.isoformat()}, (ask.actor,))], asked=ask.event)
    table = timetable(policy, record, name)
    if is_departure(table, when):
        raise Refused([Blocker("train_exists", {"at": when.isoformat()}, (ask.actor,))], asked=ask.event)
    old = record.trains.get(name, TrainChanges())
    changed = replace(old, extra=tuple(sorted({*old.extra, when})))
    return replace(record, trains={**record.trains, name: changed}), when
