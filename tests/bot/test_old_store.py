"""A store that an early version filled is brought to the newest schema whole, and today's bot goes on with it.

`tests/core/store/written/at_0002.zip` is a backup that the version with revision 0002 made of its own store: a hotfix
went live, the minor beside it took it in and waits for its approval; a Home was opened, and anchors were made.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core.domain.release import Phase
from core.store import decisions, environments, releases
from core.store.audit import verify
from core.store.engines import Database
from core.store.notes import digest_of
from core.store.upgrade import current, head, upgrade
from core.usecases.advance import Ask, perform
from tests.bot.conftest import Stages

WRITTEN = Path(__file__).parents[1] / "core" / "store" / "written" / "at_0002.zip"
PRODUCT, MINOR, HOTFIX = "asset-anchor", "1.3.0", "1.2.2-hotfix.1"

Rows = list[dict[str, Any]]


def written() -> dict[str, Rows]:
    """Each table of revision 0002 with its rows as they lay."""
    with zipfile.ZipFile(WRITTEN) as archive:
        about = json.loads(archive.read("backup.json"))
        assert about["revision"] == "0002"
        columns = {table["name"]: [name for name, _ in table["columns"]] for table in about["tables"]}
        lines = {name: archive.read(f"{name}.jsonl").splitlines() for name in columns}
    return {n: [dict(zip(columns[n], json.loads(line), strict=True)) for line in lines[n]] for n in columns}


async def put(url: str, tables: dict[str, Rows]) -> None:
    """Into the tables that there are, by plain SQL: the code of today knows other ones."""
    database = Database.open(url)
    async with database.writing() as connection:
        for name, rows in ((name, rows) for name, rows in tables.items() if rows):
            columns = ", ".join(f'"{column}"' for column in rows[0])
            values = ", ".join(f":{column}" for column in rows[0])
            await connection.execute(text(f'INSERT INTO "{name}" ({columns}) VALUES ({values})'), rows)
            if database.dialect == "postgresql" and "id" in rows[0] and isinstance(rows[0]["id"], int):
                counts_on = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
                await connection.execute(counts_on, {"name": name, "last": max(row["id"] for row in rows)})
    await database.close()


async def same_rows(url: str, tables: dict[str, Rows]) -> None:
    """In the columns that there were, all is as it was written."""
    database = Database.open(url)
    async with database.reader.connect() as connection:
        for name, rows in ((name, rows) for name, rows in tables.items() if rows):
            columns = ", ".join(f'"{column}"' for column in rows[0])
            stand = (await connection.execute(text(f'SELECT {columns} FROM "{name}"'))).mappings()
            assert _plain(stand) == _plain(rows), name
    await database.close()


def _plain(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """SQLite's truth is a number."""
    return sorted(repr([int(v) if isinstance(v, bool) else v for v in row.values()]) for row in rows)


async def test_what_an_early_version_wrote_is_kept_read_verified_and_gone_on_with(
    empty_url: str, stages: Stages
) -> None:
    tables = written()
    await upgrade(empty_url, "0002")
    await put(empty_url, tables)
    await upgrade(empty_url)
    assert await current(empty_url) == head()
    await same_rows(empty_url, tables)
    async with stages(database_url=empty_url) as stage:
        database = stage.app.ctx.store.database
        async with database.reader.connect() as connection:
            minor = await releases.find(connection, PRODUCT, MINOR)
            hotfix = await releases.find(connection, PRODUCT, HOTFIX)
            assert minor is not None and hotfix is not None
            assert (minor.phase, hotfix.phase) == (Phase.PREPARATION, Phase.POST_RELEASE)
            assert minor.candidates[-1].tag == "v1.3.0-rc.2" and len(minor.scope) == 14
            signed = await decisions.standing(connection, hotfix.id)
            assert {one.person for one in signed if one.gate == "approval"} == {"U0THEO", "U0OLU"}
            assert {one.stands_for for one in signed} == {""}, "the column that came later has its value"
            assert await digest_of(connection, minor.id)
            assert (await environments.of_product(connection, PRODUCT))["production"].version == HOTFIX
        dana = stage.slack.person("Dana")
        shows = {"status": "v1.3.0", "notes": "Save a property search", "why": "after the approval"}
        for word, shown in shows.items():
            await dana.types(f"/release {word} {MINOR}")
            assert shown in dana.private(), dana.private()
        begun = await verify(database)
        assert begun.sound and begun.entries >= len(tables["audit"]), begun.faults
        await perform(stage.app.ctx, Ask("U0PRIYA", "hold", release=minor.id, input={"reason": "the bank asked us to"}))
        after = await verify(database)
        assert after.sound and after.entries == begun.entries + 1, after.faults
