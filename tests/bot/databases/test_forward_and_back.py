"""A deployment's database on both kinds: a proven restore point, up, down with later rows kept, and put back."""

from __future__ import annotations

import stat

from tests.bot.databases.shops import LATER, run


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
