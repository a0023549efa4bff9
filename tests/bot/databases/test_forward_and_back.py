"""A deployment's database on both kinds: a proven restore point, up, down with later rows kept, and put back."""

from __future__ import annotations

import stat

import pytest

from tests.bot.databases.shops import LATER, Shop, run


def test_down_migrations_keep_later_rows_and_a_restore_is_equal_to_the_backup(shop):
    assert shop.do("backup", "--label", "1.3.0") == 0, shop.said
    taken = shop.found
    assert taken["verified"] and taken["revision"] == "0001"
    assert {name: n for name, n in taken["tables"].items() if n} == {"owner": 3, "payment": 2, "revision": 1, "tag": 3}
    assert {stat.S_IMODE(p.stat().st_mode) for p in shop.into.iterdir()} == {0o600}
    assert sorted(p.name for p in shop.into.iterdir()) == ["run-1.backup", "run-1.json"], "nothing is left lying about"

    assert shop.do("apply", *shop.point) == 0, shop.said
    assert (shop.found["before"], shop.found["after"]) == ("0001", "0002")
    assert "table `saved_search` came" in shop.found["changes"]
    assert shop.do("apply", *shop.point) == 3, "nothing is left to be done"

    run(shop.url, LATER)
    point = shop.into / "run-1.json"
    assert shop.counted(point) == 2, "by their keys, without reading everything"
    assert shop.counted(shop.into / "gone.json") is None
    assert shop.do("back", *shop.point) == 0, shop.said
    assert shop.found["after"] == "0001"
    assert shop.found["gone"] == {"saved_search": 1}
    assert shop.rows("SELECT count(*) FROM payment") == [(4,)], "rows that came after the deployment are still there"
    assert shop.rows("SELECT name FROM owner WHERE id = 2") == [("Marta Oduya",)]

    assert shop.do("restore", *shop.point) == 4, "nobody has confirmed the loss"
    assert "second person" in shop.reason
    assert shop.rows("SELECT count(*) FROM payment") == [(4,)]
    assert shop.do("restore", *shop.point, "--second-person", "Olu") == 0, shop.said
    lost = {each["table"]: each for each in shop.found["lost"]}
    assert (lost["payment"]["rows"], lost["payment"]["exact"]) == (2, True)
    assert lost["payment"]["first"].startswith("2026-11-23 10:00") and "10:05" in lost["payment"]["last"]
    assert lost["owner"]["rows"] == 0, "a value that was changed is told, though no row came"
    assert shop.found["digest"] == taken["digest"]
    assert shop.rows("SELECT name FROM owner WHERE id = 2") == [("Marta ü",)]
    assert shop.do("verify", *shop.point) == 0


RICH = (
    "CREATE TYPE mood AS ENUM ('ok')", "CREATE VIEW lookout AS SELECT * FROM owner", "CREATE SCHEMA other",
    "CREATE TABLE other.odd (m mood, b bytea, j jsonb, n numeric, a int[], t timestamptz)",
    "INSERT INTO other.odd VALUES ('ok', '\\x00ff', '{\"a\": 1}', 1.50, '{1,2}', '2026-11-23 10:00+02')",
    "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE SEQUENCE numbers",
    "CREATE TABLE part (d date) PARTITION BY RANGE (d)",
    "CREATE TABLE part1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "INSERT INTO part VALUES ('2026-05-05')", "CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM owner",
)  # fmt: skip


@pytest.mark.postgres
def test_all_that_postgresql_holds_is_put_back_and_what_is_newer_goes(postgres, tmp_path):
    name = postgres.take_empty()
    shop = Shop(postgres.url(name), tmp_path, rules={"current": []}).begin()
    run(shop.url, RICH)
    assert shop.do("backup") == 0, shop.said
    assert shop.found["tables"]["other.odd"] == 1 and "(others)" not in shop.found["tables"]
    run(shop.url, ["DROP VIEW lookout", "DROP SCHEMA other CASCADE", "DROP FUNCTION one()",
                   "CREATE TABLE newer (a int)", "INSERT INTO newer VALUES (1)", "DROP TABLE part"])  # fmt: skip
    assert shop.do("restore", *shop.point, "--second-person", "Olu") == 0, shop.said
    assert [(each["table"], each["whole"]) for each in shop.found["lost"]] == [("newer", True)]
    assert shop.rows("SELECT n::text, a FROM other.odd") == [("1.50", [1, 2])]
    assert shop.rows("SELECT one(), count(*) FROM lookout, part GROUP BY 1") == [(1, 3)]
    postgres.drop(name)
