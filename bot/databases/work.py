"""The work itself: a proven restore point, migrations up and down, and putting a restore point back."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.databases.address import VARIABLE, Address
from bot.databases.content import Content, changes, differences, some, suits_before
from bot.databases.engine import Engine, Newer
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.point import Point, checked, proven, sha_of
from bot.databases.process import Runner
from core.domain.policy_pipeline import Database

ROOM = 64 * 1024 * 1024  # bytes that a disk keeps free beside a backup
REVISION = "{revision}"
UNTOUCHED = "The database is as it was before."


@dataclass(frozen=True, slots=True)
class Place:
    """What all of the work is about: whose database, and the checkout in which the policy's commands run."""

    environment: str
    address: Address
    rules: Database
    engine: Engine
    runner: Runner
    checkout: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def say(self, words: str) -> None:
        self.runner.say(self.runner.clean(words))

    async def revision(self) -> str:
        """What the policy's `current` command prints last, without what stands behind it; "" where nobody knows."""
        if not self.rules.current:
            return await self.engine.revision()
        ended = await self.command(self.rules.current, quiet=True)
        if ended[0]:
            raise DatabaseFault(Exit.NOT_BEGUN, f"The policy's `current` command failed: {ended[1]}.")
        return ended[2].split()[0] if ended[2].split() else ""

    async def command(self, words: Sequence[str], *, quiet: bool = False) -> tuple[int, str, str]:
        """Run one of the policy's commands; returns its code, why it failed, and its last line."""
        if not self.checkout.is_dir():
            raise DatabaseFault(Exit.NOT_BEGUN, "The checkout of the release is not there.")
        env = {**self.variables, VARIABLE: self.address.text}
        ended = await self.runner.run(words, cwd=self.checkout, env=env, quiet=quiet)
        told = [line.strip() for line in ended.lines if line.strip()]
        return ended.rc, ended.why, told[-1] if told else ""


@dataclass(frozen=True, slots=True)
class Label:
    """What a backup is called: `name` of its file, the version that comes, and release time where it is another one."""

    name: str
    version: str = ""
    at: str = ""


def _now() -> float:
    return asyncio.get_running_loop().time()


# --- the restore point ------------------------------------------------------------------------------------------------


async def backup(place: Place, folder: Path, label: Label) -> Point:
    """Write a backup, restore it into a scratch database, compare, and only then call it a restore point."""
    final, began = folder / f"{label.name}.backup", _now()
    aside = folder / f".{label.name}.part"
    try:
        await _room(place, folder)
        revision = await place.revision()
        place.say(f"Backing up {place.address.name} ...")
        _private(aside)
        dumped = await place.engine.dump(aside)
        written = await asyncio.to_thread(_settle, aside)
        content = dumped.content
        place.say(f"Backed up {content.rows:,} rows in {len(content.tables)} tables, {_size(written[1])}.")
        point = Point(
            final, place.environment, place.address.print, place.rules.kind, content, content.digest, *written,
            label.version, label.at or content.clock, revision, False, dumped.versions, (_now() - began, 0.0),
        )  # fmt: skip
        point = await _prove(place, point, aside)
        aside.replace(final)
        point.write()
    except OSError as error:
        raise _of_the_disk(error) from None
    finally:
        aside.unlink(missing_ok=True)
    place.say(f"Restore point {final.name}: proven, digest {point.digest[:12]}.")
    return point


async def verify(place: Place, point: Point) -> Point:
    """Restore an existing backup once more into a scratch database and compare it with its manifest."""
    checked(point, environment=place.environment, database=place.address.print)
    found = await _prove(place, point, point.file)
    found.write()
    return found


async def _prove(place: Place, point: Point, file: Path) -> Point:
    began = _now()
    place.say("Restoring it into a scratch database ...")
    restored = await place.engine.rehearse(file)
    if wrong := differences(point.content, restored):
        words = f"What comes out of the backup is not what went in: {some(wrong)}."
        raise DatabaseFault(Exit.NOT_RESTORABLE, words, {"differences": wrong[:20]})
    return proven(point, _now() - began)


async def _room(place: Place, folder: Path) -> None:
    needed, free = await place.engine.size(), _free(folder)
    if free < needed + ROOM:
        words = f"The disk has {_size(free)} left, and the backup may need {_size(needed)}."
        raise DatabaseFault(Exit.NOT_BEGUN, words, {"free": free, "needed": needed})


def _free(folder: Path) -> int:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free


def _private(file: Path) -> None:
    """An empty file that nobody else may read; an older one of this name goes."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _settle(file: Path) -> tuple[str, int]:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return sha_of(file), file.stat().st_size


def _of_the_disk(error: OSError) -> DatabaseFault:
    return DatabaseFault(Exit.NOT_BEGUN, f"The backup could not be written: {error.strerror or type(error).__name__}.")


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


# --- up and down ------------------------------------------------------------------------------------------------------


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


# --- putting back -----------------------------------------------------------------------------------------------------


async def loss(place: Place, point: Point) -> dict[str, object]:
    """What would be lost by putting this restore point back now: each table with rows that are newer."""
    lost, now = await _newer(place, point)
    return _window(point, now.clock, lost)


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
        window["replaced"] = (await _keep(place, point)).name
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


async def _keep(place: Place, point: Point) -> Path:
    """What is replaced, as a file beside the restore point; nobody proves it, it is for looking things up."""
    file = point.file.with_name(f"{point.file.stem}.replaced")
    place.say("Keeping what is replaced ...")
    try:
        await _room(place, file.parent)
        _private(file)
        await place.engine.dump(file)
    except OSError as error:
        raise _of_the_disk(error) from None
    return file
