"""Keep the rows of metrics with what they are made of: in the same unit as the release, and again from the trail.

There is no second truth. `follow` writes what differs whenever a release is saved; `catch_up` makes the rows of
releases from before there were any, `astray` compares all of them with what record and trail say. When the package of
a release has expired there is nothing left to compare with: its rows, which hold nobody's words, stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.domain.evidence.model import Evidence
from core.domain.marks import Marks, noted
from core.domain.metrics.reading import changes_of, deployments_of, live_since, rows_of, story_of
from core.domain.metrics.rows import Rows
from core.domain.rehearsals import channel_of
from core.domain.release import Release
from core.store import audit, evidence, keeping, measures, releases
from core.store.engines import Conn
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context

NEWEST = 500  # releases that are compared
LEFT_TO_OTHERS = 9  # times as long as one release took, before the next one


@dataclass
class Noted:
    """What one unit has written into the trail of a release, for its marks: verb, instant and body of each entry."""

    entries: list[tuple[str, datetime, Mapping[str, Any]]] = field(default_factory=list)

    def add(self, verb: str, at: datetime, body: Mapping[str, Any]) -> None:
        self.entries.append((verb, at, body))


async def follow(unit: Unit, was: Release, release: Release, new: Noted, found: Sequence[Evidence]) -> Release:
    """The release with its marks, before it is saved; its rows are written where they differ from those of `was`."""
    if channel_of(release.product):
        return release
    if was.marks is None:
        marks = await told(unit.conn, release.id)
        await _write(unit, release, await measures.of_release(unit.conn, release.id), rows_of(release, marks, found))
        return replace(release, marks=marks)
    marks = was.marks
    for entry in new.entries:
        marks = noted(marks, *entry)
    new.entries.clear()
    await _write_differing(unit, (was, was.marks), (release, marks), found)
    return release if marks == release.marks else replace(release, marks=marks)


async def _write_differing(
    unit: Unit, before: tuple[Release, Marks], after: tuple[Release, Marks], found: Sequence[Evidence]
) -> None:
    old, new = deployments_of(*before), deployments_of(*after)
    was_live, live = live_since(old), live_since(new)
    same = was_live == live and before[0].scope == after[0].scope  # then nothing is made of thousands of changes
    old_changes, changes = ((), ()) if same else (changes_of(before[0], was_live), changes_of(after[0], live))
    story_before, story = story_of(*before, was_live, found), story_of(*after, live, found)
    await _write(unit, after[0], Rows(old, old_changes, (story_before,)), Rows(new, changes, (story,)))


async def _write(unit: Unit, release: Release, before: Rows, after: Rows) -> None:
    await measures.put(unit, release.product, release.id, before, after)


async def told(conn: Conn, release_id: int) -> Marks:
    """The marks that the stored trail of a release tells; what retention has erased tells nothing."""
    marks = Marks()
    for entry in await audit.entries(conn, release_chain(release_id)):
        marks = noted(marks, entry.verb, entry.at, entry.body or {})
    return marks


async def catch_up(ctx: Context) -> int:
    """Make the rows of releases that have none; returns of how many. After an update these may be thousands: most of
    the time is left to people who wait for an answer."""
    async with ctx.store.database.reader.connect() as conn:
        missing = await measures.unmeasured(conn)
    clock = asyncio.get_running_loop()
    for release_id in missing:
        began = clock.time()
        await rebuild(ctx, release_id)
        await asyncio.sleep(LEFT_TO_OTHERS * (clock.time() - began))
    return len(missing)


async def rebuild(ctx: Context, release_id: int) -> None:
    """Make the rows of one release anew of its record and trail, in place of those that are stored."""

    async def work(unit: Unit) -> None:
        if keeping.PACKAGE in await keeping.expired(unit.conn, release_id):
            return
        release = await releases.load(unit.conn, release_id)
        stored = await measures.of_release(unit.conn, release_id)
        await _write(unit, release, stored, await _true_rows(unit.conn, release))

    await ctx.store.unit(work, verb="rebuild", chains=(release_chain(release_id),), interactive=False)


async def rebuild_all(ctx: Context) -> int:
    """The rows of every release of the product made anew; returns of how many."""
    async with ctx.store.database.reader.connect() as conn:
        known = await measures.releases_of(conn, ctx.product)
    for release_id in known:
        await rebuild(ctx, release_id)
    return len(known)


async def astray(ctx: Context) -> list[str]:
    """The newest versions whose stored rows are not what record and trail say; none when all is well."""
    wrong = []
    async with ctx.store.database.reader.connect() as conn:
        gone = {number for number, what in await keeping.all_expired(conn) if what == keeping.PACKAGE}
        for release_id in (await measures.releases_of(conn, ctx.product))[-NEWEST:]:
            if release_id in gone:
                continue
            release = await releases.load(conn, release_id)
            if not _same(await measures.of_release(conn, release_id), await _true_rows(conn, release)):
                wrong.append(release.version)
    return wrong


async def _true_rows(conn: Conn, release: Release) -> Rows:
    found = await evidence.of_commit(conn, release.product, release.candidate.sha) if release.candidate else ()
    return rows_of(release, await told(conn, release.id), found)


def _same(stored: Rows, true: Rows) -> bool:
    """Changes lie in no order in the store."""
    return (stored.deployments, sorted(stored.changes), stored.stories) == (
        true.deployments, sorted(true.changes), true.stories,
    )  # fmt: skip
