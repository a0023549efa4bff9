"""A restore point of a database: written, restored once into a scratch database, compared, and only then called so."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.databases.address import VARIABLE, Address
from bot.databases.content import differences, some
from bot.databases.engine import Engine
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.point import Point, checked, proven, sha_of
from bot.databases.process import Runner
from core.domain.policy_pipeline import Database

EVERY = 5.0  # seconds between two lines of work that takes long
ROOM = 64 * 1024 * 1024  # bytes that a disk keeps free beside a backup


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


async def backup(place: Place, folder: Path, label: Label) -> Point:
    """Write a backup, restore it into a scratch database, compare, and only then call it a restore point."""
    final, began = folder / f"{label.name}.backup", _now()
    aside = folder / f".{label.name}.part"
    try:
        await _room(place, folder)
        revision = await place.revision()
        place.say(f"Backing up the database of {place.environment} ...")
        _private(aside)
        async with _told(place, "backing up", aside):
            dumped = await place.engine.dump(aside)
        written = await asyncio.to_thread(_settle, aside)
        content = dumped.content
        place.say(f"Backed up {content.rows:,} rows in {len(content.counts)} tables, {_size(written[1])}.")
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


@asynccontextmanager
async def _told(place: Place, what: str, file: Path | None = None) -> AsyncIterator[None]:
    """A line from time to time, so that people see that it goes on."""

    async def tell() -> None:
        began = _now()
        while True:
            await asyncio.sleep(EVERY)
            size = await asyncio.to_thread(os.path.getsize, file) if file is not None else 0
            place.say(f"Still {what}: {_now() - began:.0f} s{f', {_size(size)} so far' if size else ''}.")

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


async def _prove(place: Place, point: Point, file: Path) -> Point:
    began = _now()
    place.say("Restoring it into a scratch database ...")
    async with _told(place, "restoring into a scratch database"):
        restored = await place.engine.rehearse(file)
    if wrong := differences(point.content, restored):
        words = f"What comes out of the backup is not what went in: {some(wrong)}."
        raise DatabaseFault(Exit.NOT_RESTORABLE, words, {"differences": wrong[:20]})
    return proven(point, _now() - began)


async def _room(place: Place, folder: Path) -> None:
    needed, free = 2 * await place.engine.size(), _free(folder)  # the file, and the copy by which it is proven
    if free < needed + ROOM:
        words = f"The disk has {_size(free)} left, and a proven backup may need {_size(needed)}."
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


async def keep_aside(place: Place, point: Point) -> Path:
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
