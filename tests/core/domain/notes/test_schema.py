"""Migrations by class, from the files themselves, and whether the version before runs on what they leave."""

from __future__ import annotations

import pytest

from core.domain.notes.files_migration import read
from core.domain.notes.model import Finding
from core.domain.notes.schema import can_go_down, class_of, compatible_back, migrations_of

ALEMBIC = 'revision = "2"\ndown_revision = "1"\n\ndef upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n'
DJANGO = "class Migration(migrations.Migration):\n    operations = [\n        {up},\n    ]\n"


def finding(path: str, text: str, others: dict[str, str] | None = None) -> Finding:
    it = read(path, text, others or {})
    return Finding("migration", path, it.what, it.removed, it.effects, it.reversible)


def alembic(up: str, down: str = "op.drop_table('x')") -> Finding:
    return finding("migrations/versions/2.py", ALEMBIC.format(up=up, down=down))


@pytest.mark.parametrize(
    ("up", "kind", "back"),
    [
        ('op.create_table("x", sa.Column("id", sa.Integer(), nullable=False))', "additive", "yes"),
        ('op.add_column("x", sa.Column("y", sa.Text()))', "additive", "yes"),
        ('op.add_column("x", sa.Column("y", A, nullable=False,\n  server_default=sa.text("1")))', "additive", "yes"),
        ('op.add_column(\n  "x",\n  sa.Column("y", sa.Text(), nullable=False),\n)', "expand-contract", "no"),
        ('op.create_index("ix", "x", ["y"])', "additive", "yes"),
        ('op.create_index("ix", "x", ["y"], unique=True)', "expand-contract", "no"),
        ('op.drop_index("ix")', "additive", "yes"),
        ('op.create_foreign_key("fk", "x", "z", ["y"], ["id"])', "expand-contract", "no"),
        ('op.alter_column("x", "y", new_column_name="z")', "expand-contract", "no"),
        ('op.alter_column("x", "y", nullable=True)', "additive", "yes"),
        ('op.alter_column("x", "y", type_=sa.BigInteger())', "expand-contract", "no"),
        ('op.drop_column("x", "y")', "destructive", "no"),
        ('op.execute("UPDATE x SET y = 1")', "expand-contract", "unknown"),
        ('op.execute("CREATE TABLE z (id INT)")', "additive", "yes"),
        ("op.execute(statement_of(table))", "unknown", "unknown"),
        ('op.invent("x")', "unknown", "unknown"),
        ("fill(op, rows)", "unknown", "unknown"),
        ("pass  # only (joins) two heads", "additive", "yes"),
    ],
)
def test_alembic(up, kind, back):
    found = alembic(up)
    assert (class_of(found), compatible_back(migrations_of([found])).verdict) == (kind, back), found


@pytest.mark.parametrize(
    ("sql", "kind", "back"),
    [
        ("CREATE TABLE a (id INT NOT NULL); CREATE INDEX i ON a (id);", "additive", "yes"),
        ("ALTER TABLE a ADD COLUMN b TEXT, ADD COLUMN c INT NOT NULL DEFAULT 0;", "additive", "yes"),
        ("ALTER TABLE a ADD COLUMN c INT NOT NULL;", "expand-contract", "no"),
        ("CREATE UNIQUE INDEX i ON a (id);", "expand-contract", "no"),
        ("CREATE INDEX CONCURRENTLY i ON a (id);", "additive", "yes"),
        ("ALTER TABLE a ADD CONSTRAINT k CHECK (b > 0);", "expand-contract", "no"),
        ("ALTER TABLE a ALTER COLUMN b DROP NOT NULL;", "additive", "yes"),
        ("ALTER TABLE a RENAME COLUMN b TO c;", "expand-contract", "no"),
        ("INSERT INTO a VALUES (1);", "expand-contract", "unknown"),
        ("DELETE FROM a WHERE id = 1;", "expand-contract", "unknown"),
        ("DELETE FROM a", "destructive", "no"),
        ("DROP VIEW v;", "destructive", "no"),
        ("DO $$ BEGIN PERFORM magic(); END $$;", "unknown", "unknown"),
        ("-- DROP TABLE a;\nSET x = 1;\nCREATE TABLE b (id INT);\n-- migrate:down\nDROP TABLE b;", "additive", "yes"),
    ],
)  # fmt: skip
def test_sql(sql, kind, back):
    found = finding("migrations/0042_x.sql", sql)
    assert (class_of(found), compatible_back(migrations_of([found])).verdict) == (kind, back), found


@pytest.mark.parametrize(
    ("up", "kind", "back"),
    [
        ("migrations.CreateModel(name='Lease')", "additive", "yes"),
        ("migrations.AddField(model_name='a', name='b', field=models.TextField(null=True))", "additive", "yes"),
        ("migrations.AddField(model_name='a', name='b', field=models.TextField(default=''))", "expand-contract", "no"),
        ("migrations.RemoveField(model_name='a', name='b')", "destructive", "no"),
        ("migrations.RenameField(model_name='a', old_name='b', new_name='c')", "expand-contract", "no"),
        ("migrations.AlterField(model_name='a', name='b', field=models.TextField())", "unknown", "unknown"),
        ("migrations.RunPython(f, migrations.RunPython.noop)", "expand-contract", "unknown"),
        ('migrations.RunSQL("CREATE TABLE a (id INT)", reverse_sql="DROP TABLE a")', "additive", "yes"),
        ("migrations.RunSQL(SQL)", "unknown", "unknown"),
    ],
)
def test_django(up, kind, back):
    found = finding("app/migrations/0002_x.py", DJANGO.format(up=up))
    assert (class_of(found), compatible_back(migrations_of([found])).verdict) == (kind, back), found


def test_a_way_down_is_a_function_that_does_something_a_part_of_the_file_or_a_file_of_its_own():
    assert alembic("pass", "op.drop_table('x')").reversible is True
    assert alembic("pass", "pass").reversible is False
    assert finding("migrations/1.sql", "CREATE TABLE a (id INT);").reversible is False
    for mark in ("-- migrate:down", "-- +goose Down", "-- +migrate Down"):
        assert finding("migrations/1.sql", f"CREATE TABLE a (id INT);\n{mark}\nDROP TABLE a;").reversible is True
    assert finding("migrations/1.sql", "CREATE TABLE a (id INT);\n-- migrate:down\n-- nothing;").reversible is False
    others = {"migrations/1.down.sql": "DROP TABLE a;", "db/U2__x.sql": "DROP TABLE b;"}
    assert finding("migrations/1.up.sql", "CREATE TABLE a (id INT);", others).reversible is True
    assert finding("db/V2__x.sql", "CREATE TABLE b (id INT);", others).reversible is True
    found = migrations_of([alembic("pass"), finding("migrations/1.sql", "CREATE TABLE a (id INT);")])
    assert can_go_down(found) is False and can_go_down(found[:1]) is True
    assert can_go_down(migrations_of([Finding("migration", "a.sql", "adds a table")])) is None


def test_every_reason_is_named_and_the_gravest_class_wins():
    both = [alembic('op.drop_column("x", "y")\n    op.alter_column("x", "z", nullable=False)\n    op.execute(odd)'),
            finding("migrations/3.sql", "UPDATE a SET b = 1;")]  # fmt: skip
    back = compatible_back(migrations_of(both))
    assert class_of(both[0]) == "destructive"
    assert (back.verdict, [path for path, _ in back.reasons]) == ("no", ["migrations/versions/2.py"] * 2)
    assert compatible_back(()).verdict == "yes"
    old = Finding("migration", "a.sql", "drops table `a`", removed=True)  # read before effects were kept
    assert (class_of(old), compatible_back(migrations_of([old])).verdict) == ("destructive", "no")
    assert class_of(Finding("migration", "a.sql", "adds table `a`")) == "unknown"
