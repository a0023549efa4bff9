"""The database of the product that the sandbox releases: what migrates it up and down, and its first tables."""

from __future__ import annotations

STORE = '''"""The database: SQLite, built up by migrations/ in their order; python -m asset_anchor.store says how."""

import os
import sqlite3
import sys
from pathlib import Path

MIGRATIONS = Path(__file__).parent.parent / "migrations"
DOWN = "-- migrate:down"


def connect():
    url = os.environ.get("DATABASE_URL", "")
    if "DATABASE" not in os.environ and url and not url.startswith("sqlite:///"):
        sys.exit("Asset Anchor keeps its data in SQLite; DATABASE_URL is of another kind.")
    return sqlite3.connect(os.environ.get("DATABASE") or url.removeprefix("sqlite:///") or "asset_anchor.db")


def done(db):
    db.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)")
    return sorted(name for (name,) in db.execute("SELECT name FROM migration"))


def step(db, sql, note):
    print(note[0], note[1], flush=True)
    change = "INSERT INTO migration VALUES" if note[0] == "up" else "DELETE FROM migration WHERE name ="
    db.executescript(f"BEGIN;\\n{sql}\\n{change} ('{note[1]}');\\nCOMMIT;")  # all of a file, or nothing


def migrate():
    with connect() as db:
        have = done(db)
        for file in sorted(MIGRATIONS.glob("*.sql")):
            if file.stem not in have:
                step(db, file.read_text().partition(DOWN)[0], ("up", file.stem))


def back(revision):
    with connect() as db:
        for name in reversed([name for name in done(db) if name > revision]):
            down = (MIGRATIONS / f"{name}.sql").read_text().partition(DOWN)[2]
            if not down.strip():
                sys.exit(f"{name} cannot be taken back")
            step(db, down, ("down", name))


def ready():
    with connect() as db:
        return {file.stem for file in MIGRATIONS.glob("*.sql")} <= set(done(db))


def rows(sql, *values):
    with connect() as db:
        return db.execute(sql, values).fetchall()


if __name__ == "__main__":
    if sys.argv[1:] == ["up"]:
        migrate()
    elif sys.argv[1:2] == ["back"] and len(sys.argv) == 3:
        back(sys.argv[2])
    elif sys.argv[1:] == ["current"]:
        with connect() as opened:
            print((done(opened) or ["none"])[-1])
    else:
        sys.exit("usage: python -m asset_anchor.store up | back REVISION | current")
'''

FIRST_TABLES = """CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE property (
  id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owner,
  name TEXT NOT NULL, city TEXT NOT NULL, rent INTEGER NOT NULL
);
CREATE TABLE payment (
  id INTEGER PRIMARY KEY, property INTEGER REFERENCES property, day TEXT NOT NULL, cents INTEGER NOT NULL
);
INSERT INTO owner (name) VALUES ('Lakeside Trust'), ('Marta Oduya'), ('Hill & Sons');
INSERT INTO property (owner, name, city, rent) VALUES
  (1, 'Lake View 4', 'Burlington', 182000),
  (2, 'Mill Lane 12', 'Albany', 149000),
  (3, 'Harbor House', 'Portland', 211500);
INSERT INTO payment (property, day, cents) VALUES (1, '2026-08-01', 182000), (2, '2026-08-01', 149000);
-- migrate:down
DROP TABLE payment;
DROP TABLE property;
DROP TABLE owner;
"""
