"""A backup is whole or refused, goes to either database, and a restore remembers that the world went on."""

from __future__ import annotations

import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, type_coerce

from core.domain.release import Phase
from core.store import anchors, audit, living, outbox, releases
from core.store.backup import KINDS, BackupDamaged, SchemaOutdated, _kind, backup, read_about
from core.store.engines import Database
from core.store.restore import NotEmpty, restore
from core.store.tables import metadata
from core.store.unit_of_work import Store, Unit, release_chain
from core.store.upgrade import current, head
from tests.core.store.conftest import AT, Stored

Rows = dict[str, list[tuple[Any, ...]]]


async def all_rows(database: Database) -> Rows:
    """Everything that is stored, as it lies."""
    found: Rows = {}
    async with database.reader.connect() as connection:
        for table in metadata.sorted_tables:
            raw = [type_coerce(column, KINDS[_kind(column)]) for column in table.columns]
            rows = await connection.execute(select(*raw).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    return found


@dataclass
class Kept:
    """A backup and what was in the store when it was made."""

    path: Path
    rows: Rows
    anchor: str


@pytest.fixture
async def kept(store: Store, stored: Stored, database: Database, database_url: str, tmp_path: Path) -> Kept:
    """An open release with a message under way and another one waiting, a cancelled one, and an anchor."""
    opened = await stored(title="Ünïcode ☃ \x00 and\na line", wake_at=AT)
    await stored(version="1.4.0", phase=Phase.CANCELLED)

    async def works(unit: Unit) -> Any:
        chain = release_chain(opened.id)
        await unit.audit(chain, "U1", "go", "p1", {"text": "☃"}, AT)
        for lane in ("C1", "C1", "C2"):
            await unit.outbox(lane, "post", {}, cause=chain, expires_at=AT)
        card = await living.begin(unit, opened.id, "card", channel="C1")
        await living.posted(unit, card, channel="C1", ts="1.1", seq=2, blocks_hash="shown")
        return (await anchors.make(unit, AT)).hash  # type: ignore[union-attr]

    anchor = await store.unit(works, verb="go", chains=[release_chain(opened.id)], key="trigger:1")
    first, second = await outbox.claim(store)

    async def sent(unit: Unit) -> Any:
        await outbox.finish(unit, second, {"ts": "1.2"})

    await store.unit(sent, verb="sent")
    path = tmp_path / "store.backup"
    counts = await backup(database_url, path, AT)
    rows = await all_rows(database)
    assert counts == {name: len(found) for name, found in rows.items()}
    assert first.lane == "C1"
    return Kept(path, rows, anchor)


async def check(url: str, kept: Kept, before: Rows) -> None:
    database = Database.open(url)
    store = Store(database, "process-9")
    after = await all_rows(database)
    touched = {"outbox", "living", "home", "audit", "audit_body", "chain", "release"}
    assert {name: rows for name, rows in after.items() if name not in touched} == {
        name: rows for name, rows in before.items() if name not in touched
    }
    rows = await outbox.claim(store)
    assert [(row.lane, row.doubt) for row in rows] == [("C1", True)]  # the one that was under way
    (card,) = await living.claim(store)
    assert (card.ts, card.shown, card.shown_hash) == ("1.1", 0, "")
    report = await audit.verify(database, [kept.anchor])
    assert report.faults == []
    async with database.reader.connect() as connection:
        told = await audit.entries(connection, "release:1")
        opened = await releases.load(connection, 1)
    assert [(one.verb, one.actor) for one in told] == [("start", "U1"), ("go", "U1"), ("restored", "U9")]
    assert opened.title == "Ünïcode ☃ \x00 and\na line"

    async def goes_on(unit: Unit) -> Any:  # numbers continue where they were
        await unit.audit("release:1", "U1", "hold", "p1", {}, AT)
        return await unit.outbox("C9", "post", {}, cause="release:1")

    assert await store.unit(goes_on, verb="hold", chains=["release:1"]) == 4
    assert await store.unit(goes_on, verb="hold", chains=["release:1"], key="trigger:1") == kept.anchor
    await database.close()


async def test_into_an_empty_database(kept: Kept, empty_url: str) -> None:
    told = await restore(empty_url, kept.path, actor="U9", at=AT)
    assert (told.open_releases, told.doubtful, told.anchor) == (("1.3.0",), 2, kept.anchor)
    assert told.rows == sum(map(len, kept.rows.values()))
    assert await current(empty_url) == head()
    await check(empty_url, kept, kept.rows)


@pytest.fixture
def other_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """A fresh database of the kind that the test's own is not."""
    return str(request.getfixturevalue("postgres_url" if database_kind == "sqlite" else "sqlite_url"))


async def test_into_the_other_kind_of_database(kept: Kept, other_url: str) -> None:
    await restore(other_url, kept.path, actor="U9", at=AT)
    await check(other_url, kept, kept.rows)


async def test_a_store_in_use_is_replaced_only_on_demand(
    kept: Kept, database_url: str, stored: Stored, database: Database
) -> None:
    await stored(version="1.9.0")
    with pytest.raises(NotEmpty):
        await restore(database_url, kept.path, actor="U9", at=AT)
    async with database.reader.connect() as connection:
        assert await releases.find(connection, "shop", "1.9.0") is not None
    await restore(database_url, kept.path, actor="U9", at=AT, replace=True)
    async with database.reader.connect() as connection:
        assert await releases.find(connection, "shop", "1.9.0") is None
    await check(database_url, kept, kept.rows)


async def test_a_published_anchor_made_after_the_backup_is_named(
    kept: Kept, store: Store, database_url: str, database: Database
) -> None:
    async def later(unit: Unit) -> Any:
        await unit.audit("release:1", "U1", "close", "p1", {}, AT)
        return (await anchors.make(unit, AT)).hash  # type: ignore[union-attr]

    published = await store.unit(later, verb="close", chains=["release:1"])
    await restore(database_url, kept.path, actor="U9", at=AT, replace=True)
    (fault,) = (await audit.verify(database, [kept.anchor, published])).faults
    assert fault.what == f"the published anchor {published} is not in this store"


async def test_a_backup_of_an_older_version_comes_back_in_this_one(empty_url: str) -> None:
    """It was made before there were runs, flags and metrics; the bot was brought up to date, and then it was needed."""
    old = Path(__file__).parent / "written" / "at_0002.zip"
    told = await restore(empty_url, old, actor="U9", at=AT)
    database = Database.open(empty_url)
    assert told.open_releases == ("1.3.0", "1.2.2-hotfix.1") and (await audit.verify(database)).faults == []
    assert await current(empty_url) == head()
    await database.close()


async def test_a_backup_of_an_older_schema_is_not_mixed_with_this_one(kept: Kept, database_url: str) -> None:
    _rewrite(kept.path, lambda name, data: data.replace(head().encode(), b"0000") if name == "backup.json" else data)
    with pytest.raises(SchemaOutdated):
        await restore(database_url, kept.path, actor="U9", at=AT, replace=True)


def _rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            changed = change(name, data)
            if changed is not None:
                archive.writestr(name, changed)


def _changed(name: str, data: bytes) -> bytes:
    return data.replace(b"1.3.0", b"6.6.6") if name == "release.jsonl" else data


def _cut(name: str, data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1]) if name == "audit.jsonl" else data


def _without_table(name: str, data: bytes) -> bytes | None:
    return None if name == "decision.jsonl" else data


def _without_about(name: str, data: bytes) -> bytes | None:
    return None if name == "backup.json" else data


@pytest.mark.parametrize("change", [_changed, _cut, _without_table, _without_about])
async def test_a_damaged_backup_changes_nothing(
    sqlite_url: str, tmp_path: Path, change: Callable[[str, bytes], bytes | None]
) -> None:
    database = Database.open(sqlite_url)
    store = Store(database, "process-1")

    async def works(unit: Unit) -> Any:
        await unit.audit("train:main", "U1", "1.3.0", "p1", {}, AT)

    await store.unit(works, verb="train", chains=["train:main"])
    path = tmp_path / "store.backup"
    await backup(sqlite_url, path, AT)
    before = await all_rows(database)
    if change is _changed:
        _rewrite(path, lambda name, data: data.replace(b"1.3.0", b"6.6.6") if name == "audit.jsonl" else data)
    else:
        _rewrite(path, change)
    with pytest.raises(BackupDamaged):
        await restore(sqlite_url, path, actor="U9", at=AT, replace=True)
    assert await all_rows(database) == before
    await database.close()


async def test_a_flipped_byte_is_named_as_damage_wherever_it_lies(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "store.backup"
    await backup(sqlite_url, path, AT)
    whole = path.read_bytes()
    damaged = 0
    for at in range(0, len(whole), 29):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_about(path)  # dates in the archive are nobody's loss
        except BackupDamaged:
            damaged += 1
    assert damaged > 20


async def test_a_file_that_is_no_backup_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    for text in (None, "hello"):
        if text is not None:
            path.write_text(text)
        with pytest.raises(BackupDamaged):
            await restore(sqlite_url, path, actor="U9", at=AT)


async def test_a_database_without_the_schema_is_not_backed_up(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaOutdated):
        await backup(empty_url, tmp_path / "store.backup", AT)
    assert not (tmp_path / "store.backup").exists()


async def test_a_backup_is_one_moment_while_the_bot_works_on(
    store: Store, database_url: str, tmp_path: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that is written between two tables is in none of them."""
    from core.store import backup as module

    copy: Callable[..., Awaitable[Any]] = module._copy

    async def works(unit: Unit) -> Any:
        await unit.audit("train:main", "U1", "start", "p1", {}, AT)

    async def copies(connection: Any, table: Any, archive: Any) -> Any:
        done = await copy(connection, table, archive)
        await store.unit(works, verb="start", chains=["train:main"])
        return done

    await store.unit(works, verb="start", chains=["train:main"])
    monkeypatch.setattr(module, "_copy", copies)
    counts = await backup(database_url, tmp_path / "store.backup", AT)
    assert (counts["chain"], counts["audit"], counts["audit_body"]) == (1, 1, 1)
    await restore(empty_url, tmp_path / "store.backup", actor="U9", at=AT)
    restored = Database.open(empty_url)
    assert (await audit.verify(restored)).sound
    await restored.close()
