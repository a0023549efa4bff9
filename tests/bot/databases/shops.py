"""A small shop's database of both kinds, its migrations as a script in a checkout, and the process that works on it."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from bot.databases.__main__ import main
from bot.databases.written import written_since
from core.domain.policy_pipeline import Database

FIRST = (
    "CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT NOT NULL, share DOUBLE PRECISION)",
    "CREATE TABLE payment (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owner, cents INT, created_at TIMESTAMP)",
    "CREATE TABLE tag (word VARCHAR(40), CHECK (word IN ('new', 'old')))",
    "CREATE TABLE revision (name TEXT)",
    "INSERT INTO revision VALUES ('0001')",
    "INSERT INTO owner VALUES (1, 'Lakeside \"Trust\"', 0.1), (2, 'Marta ü', NULL), (3, '', 1e300)",
    "INSERT INTO tag VALUES ('new'), ('new'), ('old')",
    "INSERT INTO payment VALUES (1, 1, 182000, '2026-08-01 10:00:00'), (2, 2, 149000, '2026-08-02 10:00:00')",
)
UP = (
    "CREATE TABLE saved_search (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "ALTER TABLE payment ADD COLUMN note TEXT",
    "UPDATE revision SET name = '0002'",
)
DOWN = (
    "DROP TABLE saved_search",
    "ALTER TABLE payment DROP COLUMN note",
    "UPDATE revision SET name = '0001'",
)
LATER = (
    "INSERT INTO payment (id, owner, cents, created_at) VALUES (3, 3, 5, '2026-11-23 10:00:00')",
    "INSERT INTO payment (id, owner, cents, created_at) VALUES (4, 3, 6, '2026-11-23 10:05:00')",
    "INSERT INTO saved_search VALUES (1, 'Albany')",
    "UPDATE owner SET name = 'Marta Oduya' WHERE id = 2",
)
SCRIPT = '''
import asyncio, os, sqlite3, sys
UP, DOWN = {up!r}, {down!r}
url = os.environ["DATABASE_URL"]

def run(statements, question=""):
    if url.startswith("sqlite"):
        with sqlite3.connect(url[len("sqlite:///"):]) as db:
            for each in statements:
                db.execute(each)
            return db.execute(question).fetchone() if question else None
    import asyncpg

    async def work():
        db = await asyncpg.connect(url)
        for each in statements:
            await db.execute(each)
        found = await db.fetchrow(question) if question else None
        await db.close()
        return found
    return asyncio.run(work())

wanted = sys.argv[1]
if wanted == "current":
    print(run([], "SELECT name FROM revision")[0], "(head)")
elif wanted == "up" and run([], "SELECT name FROM revision")[0] == "0001":
    run(UP)
elif wanted == "down":
    run(DOWN)
elif wanted == "half":
    run(UP[:1])
    sys.exit("ERROR: the second statement failed at " + url)
elif wanted == "nothing":
    sys.exit("ERROR: no such column")
'''
PYTHON = sys.executable
RULES: dict[str, Any] = {
    "settings": {"production": "PRODUCTION_DATABASE_URL"}, "apply": [PYTHON, "migrate.py", "up"],
    "back": [PYTHON, "migrate.py", "down", "{revision}"], "current": [PYTHON, "migrate.py", "current"],
}  # fmt: skip


def run(url: str, statements: Sequence[str]) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    _in_postgres(url, statements)


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        found = connection.execute(question).fetchall()
        connection.close()
        return found
    return _in_postgres(url, [], question)


@contextmanager
def holding(url: str) -> Iterator[None]:
    """Somebody else works with the table of payments and does not let go."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.close()
        return
    loop = asyncio.new_event_loop()
    held = loop.run_until_complete(asyncpg.connect(url))
    loop.run_until_complete(held.execute("BEGIN; LOCK TABLE payment IN ROW EXCLUSIVE MODE"))
    yield
    loop.run_until_complete(held.close())
    loop.close()


def _in_postgres(url: str, statements: Sequence[str], question: str = "") -> list[tuple[Any, ...]]:
    async def work() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                for statement in statements:
                    await connection.execute(statement)
            return [tuple(row) for row in await connection.fetch(question)] if question else []
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:  # the caller may have a loop of its own
        return pool.submit(lambda: asyncio.run(work())).result()


@dataclass
class Shop:
    """One database of it, the folders around it, and what the last piece of work said."""

    url: str
    folder: Path
    rules: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def begin(self, statements: Sequence[str] = FIRST) -> Shop:
        run(self.url, statements)
        checkout = self.folder / "checkout"
        checkout.mkdir()
        (checkout / "migrate.py").write_text(SCRIPT.format(up=UP, down=DOWN))
        return self

    @property
    def kind(self) -> str:
        return "sqlite" if self.url.startswith("sqlite") else "postgresql"

    @property
    def into(self) -> Path:
        return self.folder / "backups"

    def do(self, verb: str, *words: str, **changed: Any) -> int:
        """One piece of work, in this process; its code."""
        rules = Database.model_validate({"kind": self.kind, **RULES, **self.rules, **changed})
        report = self.folder / "report.json"
        base = [verb, "--environment", "production", "--database", rules.model_dump_json(), "--report", str(report)]
        base += ["--checkout", str(self.folder / "checkout"), "--into", str(self.into), "--name", "run-1"]
        self.said.clear()
        code = main([*base, *words], {**os.environ, "DATABASE_URL": self.url, **self.variables}, self.said.append)
        told = json.loads(report.read_text())
        assert told["code"] == code
        self.found, self.reason = told["found"], told["reason"]
        return code

    def counted(self, manifest: Path) -> int | None:
        rules = Database.model_validate({"kind": self.kind, **RULES})
        return asyncio.run(written_since(rules, {**os.environ, "DATABASE_URL": self.url}, manifest))

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        return ask(self.url, question)

    @property
    def point(self) -> list[str]:
        return ["--point", str(self.into / "run-1.json")]
