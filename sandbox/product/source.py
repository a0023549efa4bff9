"""The first version of Asset Anchor, the product that the sandbox releases: a small web application that runs."""

from __future__ import annotations

from sandbox.product.tables import FIRST_TABLES, STORE

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
    "asset_anchor/store.py": STORE,
    "asset_anchor/leases.py": _LEASES,
    "asset_anchor/pages/__init__.py": _PAGES,
    "asset_anchor/pages/properties.py": _PROPERTIES,
    "asset_anchor/pages/owners.py": _OWNERS,
    "asset_anchor/pages/payments.py": _PAYMENTS,
    "migrations/0039_first_tables.sql": FIRST_TABLES,
    "tests/test_pages.py": _TEST,
}
