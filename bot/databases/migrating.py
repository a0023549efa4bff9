"""Migrations up and down: by the policy's commands, with what became of the structure read from the database itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from bot.databases.content import Content, changes, some, suits_before
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.point import Point, checked
from bot.databases.work import Place

REVISION = "{revision}"
UNTOUCHED = "The database is as it was before."


async def apply(place: Place, point: Point | None) -> dict[str, object]:
    """Run the release's migrations. `point` None: the caller answers for there being no restore point."""
    if point is not None:
        await asyncio.to_thread(checked, point, environment=place.environment, database=place.address.print)
    before, shape = await place.revision(), await place.engine.shape()
    place.say(f"Migrating from {before or 'an unknown revision'} ...")
    rc, why, _ = await place.command(place.rules.apply)
    after, moved, suits = await _after(place, shape)
    found: dict[str, object] = {"before": before, "after": after, "changes": moved[:20]}
    found |= {"applied": after != before or bool(moved), "told": f"now at {after}" if after else "migrated"}
    found |= {} if suits is None else {"compatible": suits}
    if not place.rules.back:
        found["down"] = False
    if rc:
        raise _half_way("The migration", why, found, moved, same=after == before)
    if after == before and not moved:
        place.say("There was no migration to run.")
        raise DatabaseFault(Exit.NOTHING_TO_DO, "There was no migration to run.", found)
    place.say(f"Migrated to {after or 'the newest revision'}: {some(moved) or 'the structure is as before'}.")
    return found


async def back(place: Place, revisions: Sequence[str]) -> dict[str, object]:
    """Run the down-migrations: rows that came later stay, unless their table or column goes.

    It goes to the first of `revisions` at which the database does not stand already: a restore point that was made
    after the migrations names the present one.
    """
    if not place.rules.back:
        raise DatabaseFault(Exit.REFUSED, "The policy names no `back` command: only a restore point can be put back.")
    if not revisions and any(REVISION in word for word in place.rules.back):
        raise DatabaseFault(Exit.REFUSED, "Nobody knows the revision of the version before.")
    current, before = await place.revision(), await place.engine.content()
    revision = next((r for r in revisions if r != current), "")
    if revisions and not revision:
        raise DatabaseFault(Exit.NOTHING_TO_DO, f"The database is at {current} already.", {"after": current})
    place.say(f"Going back from {current or 'the newest revision'} to {revision} ...")
    rc, why, _ = await place.command([word.replace(REVISION, revision) for word in place.rules.back])
    after, moved, _ = await _after(place, before)
    found: dict[str, object] = {"before": current, "after": after, "changes": moved[:20]}
    found["told"] = f"back at {after or revision}"
    if rc:
        raise _half_way("The way back", why, found, moved, same=after == current)
    if revision and after and after != revision:
        words = f"The down-migrations ended without an error, but the database is at {after}, not at {revision}."
        raise DatabaseFault(Exit.HALFWAY, words, found)
    now = await place.engine.content()
    gone = {n: t.rows for n, t in before.tables.items() if n not in now.tables and t.rows}
    kept = {n: t.rows for n, t in now.tables.items() if n in before.tables}
    fewer = {n: before.tables[n].rows - rows for n, rows in kept.items() if rows < before.tables[n].rows}
    place.say(f"Back at {after or revision}: {sum(kept.values()):,} rows in {len(kept)} tables kept.")
    for name, rows in (gone | fewer).items():
        place.say(f"Gone with the way back: {rows} rows of `{name}`.")
    return found | {"kept": kept, "gone": gone | fewer}


async def _after(place: Place, before: Content) -> tuple[str, list[str], bool | None]:
    """Revision, changes of the structure, and whether the version before may run on it; a database that answers no
    more leaves all of it open."""
    try:
        revision, shape = await place.revision(), await place.engine.shape()
    except DatabaseFault as fault:
        return "", [f"nobody can tell what is in it now: {fault.words}"], None
    return revision, changes(before, shape), suits_before(before, shape)


def _half_way(what: str, why: str, found: Mapping[str, object], moved: Iterable[str], *, same: bool) -> DatabaseFault:
    told = list(moved)
    if same and not told:
        return DatabaseFault(Exit.UNCHANGED, f"{what} failed: {why}. {UNTOUCHED}", found)
    now = f"the database is at {found['after'] or 'an unknown revision'}"
    now += ", as before" if same else f" and was at {found['before'] or 'another'}"
    words = f"{what} stopped half-way: {why}. Now {now}; {some(told) or 'its structure is as before'}."
    return DatabaseFault(Exit.HALFWAY, words, found)
