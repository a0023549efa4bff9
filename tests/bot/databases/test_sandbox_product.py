"""The sandbox's product is really migrated, forward and back, by the commands of the shipped policy."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tomllib
from pathlib import Path

from sandbox.product import seed
from tests.bot.databases.shops import PYTHON, Shop, run

POLICY = Path(__file__).parents[3] / "release_policy.toml"


def test_v1_3_0_goes_up_and_back_with_what_came_meanwhile(tmp_path):
    product = seed(tmp_path / "remote.git").product
    packed = subprocess.run(
        ["git", "--git-dir", str(product.path), "archive", "develop"], capture_output=True, check=True
    ).stdout  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path / "checkout", filter="data")
    table = tomllib.loads(POLICY.read_text())["deployment"]["databases"]["main"]
    commands = {name: [PYTHON, *table[name][1:]] for name in ("apply", "back", "current")}
    shop = Shop(f"sqlite:///{tmp_path / 'production.db'}", tmp_path, rules=commands)
    new = [tmp_path / "checkout" / "migrations" / f"{name}.sql" for name in ("0042_saved_searches", "0043_city_index")]
    texts = [file.read_text() for file in new]
    for file in new:
        file.unlink()
    (tmp_path / "production.db").touch()
    assert shop.do("apply", "--environment", "development") == 0, shop.said  # production as v1.2.2 left it
    for file, text in zip(new, texts, strict=True):
        file.write_text(text)

    assert shop.do("backup") == 0, shop.said
    assert shop.found["revision"] == "0041_photos"
    assert shop.do("apply", *shop.point) == 0, shop.said
    assert shop.found["after"] == "0043_city_index"
    owners = len(shop.rows("SELECT * FROM owner"))
    run(shop.url, ["INSERT INTO owner (name) VALUES ('Ada')"])
    assert shop.do("back", *shop.point) == 0, shop.said
    assert shop.found["after"] == "0041_photos"
    assert len(shop.rows("SELECT * FROM owner")) == owners + 1
    assert shop.rows("SELECT name FROM sqlite_schema WHERE name IN ('saved_search', 'property_city')") == []
    half = tmp_path / "checkout" / "migrations" / "0044_half.sql"
    half.write_text("CREATE TABLE half (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n")
    assert shop.do("apply", *shop.point) == 8, "0042 and 0043 ran, 0044 did not"
    assert "now the database is at 0043_city_index" in shop.reason.lower()
    assert shop.do("back", *shop.point) == 0, shop.said
