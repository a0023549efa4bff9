"""Remind people by the table of `core/domain/reminders`.

Every process looks at each tick. What was asked is claimed in the unit that writes the message, so it is asked once;
what is due for one person within ten minutes is one message. What is pointless by now is dropped, with a trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.domain.due import Due
from core.domain.effects import BOT, REMINDER
from core.domain.reminders import TOGETHER, Reminder
from core.store import due
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Report, advance
from core.usecases.context import Context
from core.usecases.owed import DROPPED, look

AT_ONCE, APART = 25, 0.15  # people, then seconds: Slack takes some hundred messages a minute of one workspace
OTHER_CLOCKS = timedelta(days=2)  # by which the clock of who claimed it may be ahead of ours
GONE, LATE = "its reason is gone", "it came too late to be of use"


async def ask_ahead(ctx: Context) -> int:
    """Send what is due; returns how many people and threads were told something."""
    async with ctx.store.database.reader.connect() as conn:
        looked = await look(ctx, conn, ctx.clock.now() + TOGETHER)
    mornings = [one for one in looked.mornings if one.at <= looked.now]
    for morning in mornings:
        await advance(ctx, Report("progress", morning.release))
    if not looked.ripe() and not any(looked.pointless()):
        return len(mornings)

    async def work(unit: Unit) -> int:
        now = ctx.clock.now()
        looked = await look(ctx, unit.conn, now + TOGETHER)
        owed = looked.ripe()
        keys = {(person, one.token): looked.key(one, person) for person, found in owed.items() for one in found}
        claimed = await due.claim_all(unit, list(keys.values()), now)
        told = {
            person: [thing_of(one) for one in found if keys[person, one.token] in claimed]
            for person, found in owed.items()
        }
        await tell_all(ctx, unit, {person: things for person, things in told.items() if things})
        for person, one in list(looked.pointless()):
            await drop(ctx, unit, person, thing_of(one), LATE)
        return len(owed)

    chains = (product_chain(ctx.product),)
    return len(mornings) + int(await ctx.store.unit(work, verb="ahead", chains=chains, interactive=False))


async def next_ask(ctx: Context, before: datetime, *, waiting: bool = False) -> Due | None:
    """The next hour before `before` at which somebody is reminded of something if nothing changes until then;
    `waiting`: also now."""
    async with ctx.store.database.reader.connect() as conn:
        looked = await look(ctx, conn, before)
    coming = [Due(at, "reminder", person, _subject(one)) for at, person, one in looked.hours()]
    coming += [Due(one.at, "reminder", "", f"v{one.version}") for one in looked.mornings]
    coming = [one for one in coming if one.at < before and (one.at > looked.now or waiting)]
    return min(coming, key=lambda one: one.at, default=None)


def _subject(one: Reminder) -> str:
    """What it is about, in words for the sandbox's clock."""
    if one.about.get("version"):
        return f"v{one.about['version']}"
    return "an action item" if one.code.startswith("action_") else f"the train {one.subject}"


# --- what is written -------------------------------------------------------------------------------------------------


def thing_of(one: Reminder) -> dict[str, Any]:
    """A reminder as a message tells it."""
    return {"code": one.code, "token": one.token, "subject": one.subject, "occurrence": one.occurrence, **one.about}


async def tell(ctx: Context, unit: Unit, person: str, things: Sequence[Mapping[str, Any]]) -> None:
    """One message with all of these; when it is delivered it is judged again, so it carries no end of its own."""
    await tell_all(ctx, unit, {person: things})


async def tell_all(ctx: Context, unit: Unit, told: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """One message for each person, in the pace that Slack takes them."""
    policy = await ctx.active_policy(unit.conn)
    data = {"actor": "", "reason": "", "names": policy.names, "zone": policy.zone}
    found = []
    for number, (person, things) in enumerate(told.items()):
        body = {"release": 0, "place": f"dm:{person}", "moment": "ahead", "data": {**data, "things": list(things)}}
        found.append((f"dm:{person}", body, max(0, number - AT_ONCE) * APART))
    await unit.outbox_all(found, "slack.post", cause=product_chain(ctx.product), rank=REMINDER)


async def still(ctx: Context, person: str, things: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What still holds of a message that is about to be sent; the rest is dropped, with a trace."""
    async with ctx.store.database.reader.connect() as conn:
        looked = await look(ctx, conn, ctx.clock.now() + OTHER_CLOCKS, person)
    kept, gone = [], []
    for thing in things:
        one = looked.of(str(thing.get("token") or ""), person)
        if "token" not in thing:  # written by the version before
            kept.append(thing)
        elif one is None or not looked.wants(one, person) or person not in looked.people(one):
            gone.append((thing, GONE))
        elif one.until <= looked.now:
            gone.append((thing, LATE))
        else:
            kept.append(thing)
    if gone:

        async def work(unit: Unit) -> None:
            for thing, why in gone:
                await drop(ctx, unit, person, thing, why)

        await ctx.store.unit(work, verb="ahead.drop", chains=(product_chain(ctx.product),), interactive=False)
    return kept


async def holding(ctx: Context, place: str, moment: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The data of a message as they are now; None for a reminder of which nothing holds any more."""
    if moment != "ahead":
        return data
    kept = await still(ctx, place.removeprefix("dm:"), data.get("things") or ())
    return {**data, "things": kept} if kept else None


async def drop(ctx: Context, unit: Unit, person: str, thing: Mapping[str, Any], why: str) -> None:
    """It is not said any more: noted once, with its kind, whom it was for and why."""
    now, code = ctx.clock.now(), str(thing["code"])
    if await due.claim(unit, (f"{DROPPED}:{code}", f"{thing['subject']}:{person}", str(thing["occurrence"])), now):
        policy = await ctx.active_policy(unit.conn)
        said = {"kind": code, "person": person, "version": str(thing.get("version") or ""), "why": why,
                "occurrence": str(thing["occurrence"])}  # fmt: skip
        chain = product_chain(ctx.product)
        await unit.audit(chain, BOT, "reminder_dropped", policy.hash, said, now)
