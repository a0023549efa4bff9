"""Whether what people see of a release is what its rows say: the stored facts against a projection made anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.domain.facts import TIMELY, project
from core.domain.facts_parts import content_of, plain_of
from core.store import releases
from core.store.columns import to_json
from core.store.engines import Conn
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.scene import Scene

ENDED = 20  # of the ended releases, the newest: the older ones are looked up, and no rule reads them
BY_THE_HOUR = ("allowed", "met")  # they may differ because time has passed since they were stored
UNREADABLE: tuple[str, ...] = ("a row that cannot be read",)
DAMAGED = (ValueError, KeyError, TypeError)  # what reading rows ends with that no version of this code has written


async def differing(ctx: Context) -> dict[str, tuple[str, ...]]:
    """Version -> the names of the facts that differ from the rows; nothing is locked and nothing is changed.

    What another process writes meanwhile may look like a difference, so ask twice before you believe it.
    """
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.numbers(conn, ctx.product, ENDED)
        broken = {version: UNREADABLE for number, version in found.items() if not await _readable(conn, number)}
        if broken:  # a rule looks at all open releases, so the others cannot be judged
            return broken
        told = {version: await _difference(ctx, conn, number) for number, version in found.items()}
    return {version: names for version, names in told.items() if names}


async def _readable(conn: Conn, number: int) -> bool:
    try:
        await releases.load(conn, number)
        await releases.facts_of(conn, number)
    except DAMAGED:
        return False
    return True


async def _difference(ctx: Context, conn: Conn, number: int) -> tuple[str, ...]:
    try:
        return await _compared(ctx, conn, number)
    except DAMAGED:  # a signature, an environment, or what the product remembers
        return UNREADABLE


async def _compared(ctx: Context, conn: Conn, number: int) -> tuple[str, ...]:
    release = await releases.load(conn, number)
    stored, _ = await releases.facts_of(conn, number)
    scene = await Scene.around(ctx, Unit(conn, ""), release)
    if release.is_open:
        made = project(scene.s, posts=release.posts, record=release.record)
    else:  # roles and environments have gone on since it ended
        made = plain_of(scene.s) | content_of(scene.s)
    anew = json.loads(to_json(made))
    known = [name for name in anew if name in stored and name not in BY_THE_HOUR]  # an older version knew fewer
    return tuple(name for name in known if not _same(_lasting(anew, name), _lasting(stored, name)))


def _same(made: Any, stored: Any) -> bool:
    """Whether both say the same of what both know: an older version knew fewer facts of anything, at any depth."""
    if isinstance(made, dict) and isinstance(stored, dict) and (both := made.keys() & stored.keys()):
        return all(_same(made[key], stored[key]) for key in both)
    if isinstance(made, list) and isinstance(stored, list):
        return len(made) == len(stored) and all(map(_same, made, stored))
    return bool(made == stored)


def _lasting(facts: Mapping[str, Any], name: str) -> Any:
    if name == "blockers":
        return [b for b in facts.get(name) or () if b["code"] not in TIMELY]
    return facts.get(name)
