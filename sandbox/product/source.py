"""The first version of Asset Anchor, the product that the sandbox releases: a small web application that runs."""

from __future__ import annotations

_INIT = '''"""Asset Anchor: properties, their owners and what they pay, for a property manager."""

from pathlib import Path

VERSION = (Path(__file__).parent.parent / "VERSION").read_text().strip()
'''

_MAIN = '''"""Serve the pages: python -m asset_anchor [port]."""

import os
import sys

from asset_anchor.web import serve

serve(int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PORT", "8000")))
'''

_WEB = '''"""The web server: one page per path, /healthz and /version for whoever deploys it."""

import json
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from asset_anchor import VERSION, store
from asset_anchor.pages import PAGES, frame

HEADERS = {"Content-Type": "text/html; charset=utf-8"}


def answer(path, query):
    """The status and body for one request; a page is a function of the query."""
    if path == "/healthz":
        return 200, json.dumps({"ok": store.ready(), "version": VERSION})
    if path == "/version":
        return 200, VERSION
    page = PAGES.get(path)
    if page is None:
        return 404, frame("Not found", "<p>There is no such page.</p>")
    return 200, page(query)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        try:
            status, body = answer(parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()})
        except Exception:
            traceback.print_exc()
            status, body = 500, frame("That did not work", "<p>Please try again in a minute.</p>")
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


def serve(port):
    store.migrate()
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''

_STORE = '''"""The database: SQLite, built up by migrations/ in their order; python -m asset_anchor.store says how."""

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

_PAGES = '''"""All pages by their path."""

from html import escape

STYLE = "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto} img{width:400px}"


def frame(title, body):
    menu = " · ".join(f'<a href="{path}">{name}</a>' for path, name in MENU.items())
    head = f"<!doctype html><title>{escape(title)}</title><style>{STYLE}</style>"
    return f"{head}<nav>{menu}</nav><h1>{escape(title)}</h1>{body}"


MENU = {"/": "Properties", "/owners": "Owners", "/payments": "Payments"}

from asset_anchor.pages import owners, payments, properties  # noqa: E402

PAGES = {
    "/": properties.page,
    "/owners": owners.page,
    "/payments": payments.page,
}
'''

_PROPERTIES = '''"""The list of properties, with a search by city."""

from html import escape

from asset_anchor import store
from asset_anchor.pages import frame


def page(query):
    city = query.get("city", "")
    found = store.rows("SELECT name, city, rent FROM property WHERE city LIKE ? ORDER BY name", f"%{city}%")
    items = "".join(f"<li>{escape(name)}, {escape(place)}: {rent / 100:.2f}</li>" for name, place, rent in found)
    return frame("Properties", f'<form>City <input name="city" value="{escape(city)}"></form><ul>{items}</ul>')
'''

_OWNERS = '''"""The owners and what they own."""

from html import escape

from asset_anchor import store
from asset_anchor.pages import frame


def page(query):
    found = store.rows("SELECT o.name, count(p.id) FROM owner o LEFT JOIN property p ON p.owner = o.id GROUP BY o.id")
    items = "".join(f"<li>{escape(name)}: {count} properties</li>" for name, count in found)
    return frame("Owners", f"<ul>{items}</ul>")
'''

_PAYMENTS = '''"""Payments by card and what they cost."""

from asset_anchor import store
from asset_anchor.pages import frame

CARD_TIMEOUT = 3  # seconds
FEE_PER_MILLE = 14


def fee(cents):
    return int(cents * FEE_PER_MILLE / 1000)


def page(query):
    found = store.rows("SELECT day, cents FROM payment ORDER BY day DESC")
    items = "".join(f"<li>{day}: {cents / 100:.2f}, fee {fee(cents) / 100:.2f}</li>" for day, cents in found)
    return frame("Payments", f"<ul>{items}</ul>")
'''

_LEASES = '''"""Leases: who lives where from when to when."""


class Lease:
    def __init__(self, property_id, tenant, start, end):
        self.property_id = property_id
        self.tenant = tenant
        self.start = start
        self.end = end

    def month_of(self, day):
        return day.strftime("%Y-%m")
'''

_TEST = '''"""Each page answers, and the fee is what the contract says."""

import os
import tempfile
import unittest

os.environ.setdefault("DATABASE", os.path.join(tempfile.mkdtemp(), "test.db"))

from asset_anchor import store  # noqa: E402
from asset_anchor.pages import PAGES, payments  # noqa: E402
from asset_anchor.web import answer  # noqa: E402


class Pages(unittest.TestCase):
    def setUp(self):
        store.migrate()

    def test_every_page_answers(self):
        for path in PAGES:
            self.assertEqual(answer(path, {})[0], 200, path)

    def test_unknown_page(self):
        self.assertEqual(answer("/nowhere", {})[0], 404)

    def test_fee(self):
        self.assertEqual(payments.fee(10000), 140)


if __name__ == "__main__":
    unittest.main()
'''

_FIRST_TABLES = """CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
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

_README = """# Asset Anchor

For property managers: properties, their owners, and what comes in.

    python -m asset_anchor 8000
    python -m unittest discover -s tests

Branches: work goes to `develop` by pull request, releases are cut to `release/x.y.z` and promoted to `main`.
"""

CHANGELOG_HEAD = "# Changelog\n\n"

FIRST_VERSION: dict[str, str] = {
    ".gitignore": "*.db\n__pycache__/\n",
    "README.md": _README,
    "VERSION": "0.9.0\n",
    "CHANGELOG.md": CHANGELOG_HEAD,
    "asset_anchor/__init__.py": _INIT,
    "asset_anchor/__main__.py": _MAIN,
    "asset_anchor/web.py": _WEB,
    "asset_anchor/store.py": _STORE,
    "asset_anchor/leases.py": _LEASES,
    "asset_anchor/pages/__init__.py": _PAGES,
    "asset_anchor/pages/properties.py": _PROPERTIES,
    "asset_anchor/pages/owners.py": _OWNERS,
    "asset_anchor/pages/payments.py": _PAYMENTS,
    "migrations/0039_first_tables.sql": _FIRST_TABLES,
    "tests/test_pages.py": _TEST,
}
