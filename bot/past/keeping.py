"""A store that remembers a year: lived in a simulated world, then handed to the workspace that opens on it.

The commits of that year are in no repository. So what production runs is forgotten at the end and adopted anew from
the tags that are there, and the numbers that were used stay used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete

from bot.past.year import play
from bot.policy_start import bring_in
from bot.simulate.present import Present
from bot.simulate.world import World, world
from core.domain.calendar import departures
from core.domain.effects import BOT
from core.domain.policy import Policy, parse_policy
from core.domain.release import BEFORE_DEPLOYMENT, Environment
from core.store import environments, policies, products
from core.store import tables as t
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.policy import sign, standing

BEGAN = "0.8.0"  # what production ran when the year began
MOST_WEEKS = 52  # of the script
FIRST_DAYS = timedelta(days=10)  # in which no train can be taken any more
APPROVES = ("U0MIRA",)
_ANCHOR = re.compile(r"(?m)^anchor = (\d{4}-\d{2}-\d{2})$")
_SERIAL = re.compile(r"(?m)^serial = \d+$")


def policy_then(text: str, weeks: int) -> Policy:
    """The policy of that time: the same but for its number, and with trains that have left since then."""
    back = timedelta(weeks=weeks + weeks % 2)
    then = _ANCHOR.sub(lambda found: f"anchor = {date.fromisoformat(found[1]) - back}", text)
    return parse_policy(_SERIAL.sub("serial = 1", then, count=1))


async def lived(
    folder: Path, text: str, weeks: int, until: datetime, said: Callable[[datetime], object] = lambda _: None
) -> None:
    """Fill the store in `folder` with so many weeks up to `until`; `text` is the policy that counts then."""
    then, start = policy_then(text, weeks), until - timedelta(weeks=weeks)
    groups = dict.fromkeys(then.groups().values(), APPROVES)
    async with world(then, start, now=Present(BEGAN, groups), folder=folder) as w:
        first = next(departures(then.trains["main"].timetable(), start + FIRST_DAYS))
        await play(w, first, weeks, said)
        w.lives.clear()
        await _cancelled(w)
        await _signed(w, parse_policy(text))
        await w.settle()  # asked for and given long ago: nobody who opens the workspace shall be asked for it
        await w.store.unit(lambda unit: _handed_over(w, unit), verb="history", chains=(product_chain(w.ctx.product),))


async def _cancelled(w: World) -> None:
    """What has not left yet belongs to the repository that is gone."""
    for card in await w.ctx.reads.in_flight(w.ctx.product):
        if card.phase in BEFORE_DEPLOYMENT:
            await w.acts("priya", "cancel", card.version, reason="it begins anew with the new repository")


async def _signed(w: World, policy: Policy) -> None:
    """The policy of today counts as any changed one does: with the signatures that the old one asks for."""
    if await bring_in(w.ctx.store, w.clock, policy) == "active":
        return
    while proposed := (await standing(w.ctx))["proposed"]:
        await sign(w.ctx, proposed["may"][0])


async def _handed_over(w: World, unit: Unit) -> None:
    """Production is adopted anew, and no message of that time is edited any more: its Slack was none."""
    ctx = w.ctx
    record = await products.load(unit.conn, ctx.product)
    for name, env in (await environments.of_product(unit.conn, ctx.product)).items():
        await environments.put(unit, ctx.product, Environment(name))
        assert name != "production" or env.lock is None, "nothing is under way at the end of the year"
    await products.put(unit, replace(record, shipped=dict.fromkeys(record.shipped, "")))
    await unit.conn.execute(delete(t.living))
    active = await policies.active(unit.conn)
    body = {"shipped": list(record.shipped)}
    await unit.audit(product_chain(ctx.product), BOT, "history", active.hash if active else "", body, w.now)
