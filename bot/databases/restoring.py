"""Putting a restore point back: what is lost is named, a second person confirms it, and the digest is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.databases.content import Content, differences, some
from bot.databases.engine import Newer
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.point import Point, checked
from bot.databases.work import Place, keep_aside


async def restore(place: Place, point: Point, second: str, *, keep: bool = True) -> dict[str, object]:
    """Put a restore point back. `second` is who confirmed the loss beside the caller; "" only tells what it would be.

    With `keep` what is replaced is written to a file first, so that somebody can still look into it.
    """
    await asyncio.to_thread(checked, point, environment=place.environment, database=place.address.print)
    lost, now = await _newer(place, point)
    window = _window(point, now.clock, lost)
    place.say(f"Lost is what came from {point.content.clock} to {now.clock}.")
    for each in lost:
        place.say(f"Lost: {each.words}")
    if not second:
        words = f"A second person has to confirm this loss: {some([e.words for e in lost]) or 'nothing is newer'}."
        raise DatabaseFault(Exit.REFUSED, words, window)
    window["second"] = second
    if keep:
        window["replaced"] = (await keep_aside(place, point)).name
    place.say(f"Putting {point.file.name} back ...")
    await place.engine.put_back(point.file)
    after = await place.engine.content()
    if wrong := differences(point.content, after):
        words = f"It was put back, but something writes into the database: {some(wrong)}."
        raise DatabaseFault(Exit.DIFFERS, words, window | {"differences": wrong[:20]})
    place.say(f"Put back: {after.rows:,} rows, digest {after.digest[:12]} as in the restore point.")
    told = f"put back, {window['rows_lost']} rows lost"
    return window | {"digest": after.digest, "rows": after.rows, "revision": point.revision, "told": told}


async def _newer(place: Place, point: Point) -> tuple[Sequence[Newer], Content]:
    now = await place.engine.content()
    return await place.engine.newer(point.content, now), now


def _window(point: Point, until: str, lost: Sequence[Newer]) -> dict[str, object]:
    return {
        "point": str(point.manifest), "from": point.content.clock, "until": until,
        "lost": [each.body() for each in lost], "rows_lost": sum(each.rows for each in lost),
    }  # fmt: skip
