"""What goes wrong with a database is said in words, with the right code, and without its address."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from bot.databases.address import address_of
from bot.databases.content import differences, suits_before
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.postgresql import Postgresql
from bot.databases.process import Runner
from bot.databases.tools import tools_for
from tests.bot.databases.shops import FIRST, PYTHON, Shop, holding, run


@pytest.fixture
def small(tmp_path: Path) -> Shop:
    """The SQLite one, where the kind does not matter."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run(url, [])
    return Shop(url, tmp_path).begin()


def test_half_a_migration_is_called_that_and_none_at_all_is_not(shop):
    assert shop.do("backup") == 0, shop.said

    assert shop.do("apply", *shop.point, apply=[PYTHON, "migrate.py", "nothing"]) == Exit.UNCHANGED
    assert "as it was before" in shop.reason and "no such column" in shop.reason

    assert shop.do("apply", *shop.point, apply=[PYTHON, "migrate.py", "half"]) == Exit.HALFWAY
    assert "stopped half-way" in shop.reason and "table `saved_search` came" in shop.reason
    assert "the database is at 0001, as before" in shop.reason
    assert (shop.found["before"], shop.found["after"], shop.found["compatible"]) == ("0001", "0001", True)
    told = "\n".join([*shop.said, shop.reason])
    assert shop.url not in told and "failed at (hidden)" in told

    assert shop.do("restore", *shop.point, "--second-person", "Olu") == 0, shop.said
    assert shop.rows("SELECT count(*) FROM owner") == [(3,)]
    assert shop.do("verify", *shop.point) == 0


def test_a_migration_that_prints_secrets_tells_none_of_them_to_the_record(small):
    assert small.do("backup") == 0, small.said
    small.variables = {"BILLING_API_KEY": "k-77-plain-words", "OTHER": "harmless words"}
    told = "os.environ['BILLING_API_KEY'], os.environ['OTHER'], 'Authorization: Bearer abc123def456'"
    words = [PYTHON, "-c", f"import os, sys; sys.exit(' '.join(['ERROR:', {told}]))"]
    assert small.do("apply", *small.point, apply=words) == Exit.UNCHANGED
    assert "ERROR: (hidden) harmless words Authorization: Bearer [removed]" in small.reason


def test_a_restore_does_not_wait_for_ever_for_who_holds_the_database(shop, monkeypatch):
    assert shop.do("backup") == 0, shop.said
    run(shop.url, ["DELETE FROM tag"])
    monkeypatch.setattr("bot.databases.engine.SETTLED_WAIT", 1)
    with holding(shop.url):
        code = shop.do("restore", *shop.point, "--second-person", "Olu", "--without-copy")
    assert code in (Exit.NOT_BEGUN, Exit.UNCHANGED), shop.said
    assert "stop" in shop.reason and shop.rows("SELECT count(*) FROM tag") == [(0,)]


def test_nothing_migrates_in_production_without_a_restore_point_that_holds(small):
    assert small.do("apply") == Exit.REFUSED
    assert small.do("backup") == 0
    assert small.do("apply", *small.point, "--label", "1.4.0") == Exit.REFUSED
    assert "back up for this one first" in small.reason
    manifest = small.into / "run-1.json"
    true = manifest.read_text()

    def refused(**changed: object) -> str:
        manifest.write_text(json.dumps(json.loads(true) | changed))
        assert small.do("apply", *small.point) == Exit.REFUSED
        return small.reason

    assert "never proven" in refused(verified=False)
    assert "another database" in refused(environment="staging")
    assert "digest does not fit" in refused(digest="0" * 64)
    assert "cannot be read" in refused(format=2)
    with (small.into / "run-1.backup").open("ab") as file:
        file.write(b"x")
    assert "was changed since" in refused()
    (small.into / "run-1.backup").unlink()
    assert "is gone" in refused()
    assert small.rows("SELECT name FROM revision") == [("0001",)]


def test_a_backup_that_cannot_be_restored_is_no_restore_point(small, monkeypatch):
    whole = sqlite3.Connection.backup

    def broken(self, target, **options):
        whole(self, target, **options)
        target.execute("DELETE FROM payment WHERE id = 2")
        target.commit()

    class Breaking(sqlite3.Connection):
        backup = broken

    opened = sqlite3.connect
    monkeypatch.setattr("bot.databases.sqlite.sqlite3.connect", lambda *a, **k: opened(*a, factory=Breaking, **k))

    assert small.do("backup") == Exit.NOT_RESTORABLE
    assert "`payment` has 1 rows instead of 2" in small.reason
    assert list(small.into.iterdir()) == [], "nothing is left that could be taken for a restore point"


def test_a_full_disk_a_missing_file_and_a_file_of_another_kind(small, monkeypatch):
    room = shutil.disk_usage("/")._replace(free=1000)
    with monkeypatch.context() as patched:
        patched.setattr("bot.databases.work.shutil.disk_usage", lambda folder: room)
        assert small.do("backup") == Exit.NOT_BEGUN
    assert "The disk has 1000 B left" in small.reason or "The disk has 1 KB left" in small.reason

    small.url = "sqlite:////nowhere/shop.db"
    assert small.do("backup", current=[]) == Exit.NOT_BEGUN
    assert "its file is not there" in small.reason

    other = small.folder / "letter.txt"
    other.write_text("Dear database, " * 200)
    small.url = f"sqlite:///{other}"
    assert small.do("backup", current=[]) == Exit.NOT_BEGUN
    assert small.reason == "The file is no SQLite database."

    small.url = "postgresql://bot:secret-word@localhost/shop"
    assert small.do("backup", kind="sqlite") == Exit.NOT_BEGUN
    assert "wrong address" in small.reason and "secret-word" not in small.reason


@pytest.mark.postgres
def test_a_server_that_is_away_and_one_that_does_not_know_us(postgres, tmp_path):
    away = Shop("postgresql://bot:secret-word@127.0.0.1:1/shop", tmp_path, rules={"current": []})
    assert away.do("backup") == Exit.NOT_BEGUN
    assert away.reason == "The database server cannot be reached."

    strange = Shop(postgres.url("no_such_database"), tmp_path, rules={"current": []})
    assert strange.do("backup") == Exit.NOT_BEGUN
    assert "no database of this name" in strange.reason


async def test_missing_tools_are_named(tmp_path):
    with pytest.raises(DatabaseFault, match="of PostgreSQL 99 or newer are missing") as told:
        await tools_for(99, {"PATH": str(tmp_path)})
    assert told.value.code is Exit.NOT_BEGUN


def test_what_a_command_leaves_behind_or_floods_does_not_hold_us_up(small, monkeypatch):
    monkeypatch.setattr("bot.databases.process.LINGER", 0.2)
    leaving = "import subprocess, sys; print('x' * 9_000_000); sys.stdout.flush(); subprocess.Popen(['sleep', '8'])"
    began = time.perf_counter()
    assert small.do("apply", "--environment", "development", apply=[PYTHON, "-c", leaving]) == Exit.NOTHING_TO_DO
    assert time.perf_counter() - began < 6
    assert max(len(line) for line in small.said) <= 2000
    assert small.do("apply", "--environment", "development", apply=["no-such-tool"]) == Exit.NOT_BEGUN
    assert small.reason == "no-such-tool could not be started: No such file or directory."
    assert small.do("apply", "--environment", "development", apply=["sh", "-c", "kill -9 $$"]) == Exit.UNCHANGED
    assert "signal 9" in small.reason


def test_a_database_that_only_commands_understand(small):
    count = "import os, sqlite3; print('owner', sqlite3.connect(os.environ['DATABASE_URL'][10:])" \
            ".execute('SELECT count(*) FROM owner').fetchone()[0])"  # fmt: skip
    copy = "import os, shutil; shutil.copy(os.environ['DATABASE_URL'][10:], os.environ['BACKUP_FILE'])"
    back = "import os, shutil; shutil.copy(os.environ['BACKUP_FILE'], os.environ['DATABASE_URL'][10:])"
    rules = {"kind": "commands", "count": [PYTHON, "-c", count], "backup": [PYTHON, "-c", copy],
             "restore": [PYTHON, "-c", back], "current": []}  # fmt: skip
    assert small.do("backup", **rules) == Exit.NOT_RESTORABLE
    assert "SCRATCH_DATABASE_URL" in small.reason
    small.variables["SCRATCH_DATABASE_URL"] = small.url
    assert small.do("backup", **rules) == Exit.NOT_RESTORABLE
    assert "own database" in small.reason
    small.variables["SCRATCH_DATABASE_URL"] = f"sqlite:///{small.folder / 'scratch.db'}"
    assert small.do("backup", **rules) == 0, small.said
    run(small.url, ["INSERT INTO owner (id, name) VALUES (9, 'Jo')"])
    assert small.do("restore", *small.point, "--second-person", "Olu", **rules) == 0, small.said
    assert [(each["table"], each["rows"], each["exact"]) for each in small.found["lost"]] == [("owner", 1, False)]
    assert small.rows("SELECT count(*) FROM owner") == [(3,)]


def test_an_address_is_told_by_a_print_and_never_shown():
    one = address_of("postgresql+asyncpg://bot:s3cret%2Fword@db.example/shop")
    same = address_of("postgres://other:word@db.example:5432/shop")
    assert one.print == same.print != address_of("postgresql://db.example/other").print
    assert "s3cret" not in repr(one)
    assert {"s3cret/word", "s3cret%2Fword"} <= set(one.secrets)
    variables = one.variables({"PGSERVICE": "other", "PATH": "/bin"})
    assert variables["PGPASSWORD"] == "s3cret/word" and "PGSERVICE" not in variables
    with pytest.raises(DatabaseFault, match="whole path"):
        address_of("sqlite:///shop.db")
    with pytest.raises(DatabaseFault, match="not set"):
        address_of("")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM tag WHERE word = 'new' AND rowid = 1", "`tag` has 2 rows instead of 3"),
        ("UPDATE owner SET share = 0.1000000000000001 WHERE id = 1", "`owner` has other values"),
        ("UPDATE owner SET share = '0.1' WHERE id = 3", "`owner` has other values"),
        ("CREATE TABLE more (id INTEGER)", "`more` should not be there"),
        ("CREATE INDEX by_name ON owner (name)", "`owner` is built in another way"),
        ("DROP TABLE tag", "`tag` is missing"),
    ],
)
def test_the_digest_sees_every_difference_but_no_order(tmp_path, change, told):
    contents = []
    for name, statements in (("one", FIRST), ("two", (*FIRST[:-2], FIRST[-1], FIRST[-2])), ("three", (*FIRST, change))):
        url = f"sqlite:///{tmp_path / name}.db"
        run(url, statements)
        contents.append(_content(url))
    assert contents[0].digest == contents[1].digest
    assert contents[0].digest != contents[2].digest
    assert differences(contents[0], contents[2]) == [told]


def _content(url: str):
    from bot.databases.sqlite import Sqlite

    return Sqlite(address_of(url))._read(rows=True)


@pytest.mark.parametrize(
    ("change", "suits"),
    [
        ("CREATE TABLE more (id INTEGER)", True),
        ("ALTER TABLE owner ADD COLUMN city TEXT", True),
        ("ALTER TABLE owner ADD COLUMN city TEXT NOT NULL DEFAULT ''", True),
        ("CREATE INDEX by_name ON owner (name)", True),
        ("CREATE UNIQUE INDEX by_name ON owner (name)", False),
        ("ALTER TABLE owner DROP COLUMN share", False),
        ("ALTER TABLE owner RENAME COLUMN share TO part", False),
        ("DROP TABLE tag", False),
        ("UPDATE owner SET share = 1", None),
        ("CREATE TRIGGER t AFTER INSERT ON owner BEGIN DELETE FROM tag; END", None),
    ],
)
def test_the_structure_itself_says_whether_the_version_before_runs_on_it(tmp_path, change, suits):
    url = f"sqlite:///{tmp_path / 'shop'}.db"
    run(url, FIRST)
    before = _content(url)
    run(url, [change])
    assert suits_before(before, _content(url)) is suits


@pytest.mark.postgres
def test_and_that_of_postgresql(postgres):
    name = postgres.take_empty()
    url = postgres.url(name)
    run(url, [*FIRST[:-3], "DELETE FROM tag"])

    def shape():
        return asyncio.run(Postgresql(address_of(url), Runner(print)).shape())

    before = shape()
    for change, suits in (
        ("ALTER TABLE owner ALTER COLUMN share SET NOT NULL", False),
        ("ALTER TABLE owner ALTER COLUMN name DROP NOT NULL", True),
        ("ALTER TABLE owner ALTER COLUMN id TYPE BIGINT", False),
        ("ALTER TABLE owner ADD COLUMN n INTEGER GENERATED ALWAYS AS IDENTITY", True),
        ("ALTER TABLE owner ADD CONSTRAINT c CHECK (id > 0)", False),
        ("ALTER TABLE tag DROP CONSTRAINT tag_word_check", True),
    ):
        run(url, [change])
        after = shape()
        assert suits_before(before, after) is suits, change
        before = after
    postgres.drop(name)
