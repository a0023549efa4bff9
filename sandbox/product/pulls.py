"""The pull requests of Asset Anchor since v1.2.2: what is on develop, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.product.edits import Edit, Replace, Write

DOMAIN = "asset-anchor.example"
PEOPLE = ("Ben", "Dana", "Ines", "Jo", "Kim", "Theo")


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request; `title` is its first line, `squashed` says how it was (or will be) merged."""

    number: int
    author: str
    title: str
    branch: str
    edits: tuple[Edit, ...]
    squashed: bool = True

    @property
    def email(self) -> str:
        return mail(self.author)

    @property
    def subject(self) -> str:
        return f"{self.title} (#{self.number})"


def mail(author: str) -> str:
    return f"{author.lower()}@{DOMAIN}"


_PAGES = "asset_anchor/pages/__init__.py"
_PAYMENTS = "asset_anchor/pages/payments.py"
_OWNERS = "asset_anchor/pages/owners.py"
_PROPERTIES = "asset_anchor/pages/properties.py"
_WEB = "asset_anchor/web.py"
_LEASES = "asset_anchor/leases.py"

_SEARCHES = '''"""Saved property searches."""

from html import escape

from asset_anchor import store
from asset_anchor.pages import frame


def page(query):
    found = store.rows("SELECT name, city FROM saved_search ORDER BY name")
    items = "".join(f'<li><a href="/?city={escape(city)}">{escape(name)}</a></li>' for name, city in found)
    return frame("Saved searches", f"<ul>{items}</ul>")
'''

_STATEMENTS = '''"""An owner's statement as a PDF of one page, written by hand: no library for five lines of text."""


def pdf(lines):
    text = " ".join(f"({line.translate(ESCAPES)}) Tj T*" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 50 780 Td {text} ET"
    return (
        "%PDF-1.4\\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
        "/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\\n"
        f"4 0 obj<</Length {len(stream)}>>stream\\n{stream}\\nendstream endobj\\n"
        "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\\ntrailer<</Root 1 0 R>>\\n"
    )


ESCAPES = str.maketrans({"(": "\\\\(", ")": "\\\\)", "\\\\": "\\\\\\\\"})
'''

_FLAGS = '''"""Switches that are set from outside, so that code can be live before it is on."""

import os


def enabled(name):
    return os.environ.get(f"FLAG_{name.upper()}", "off") == "on"
'''

_IMPORT = '''"""Owners from a file: one line each, name and city."""

import csv


def owners_from(file):
    return [row["name"].strip() for row in csv.DictReader(file) if row.get("name", "").strip()]
'''

_SAVED_SEARCH_TABLE = """CREATE TABLE saved_search (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
-- migrate:down
DROP TABLE saved_search;
"""

_CITY_INDEX = """CREATE INDEX property_city ON property (city);
-- migrate:down
DROP INDEX property_city;
"""

# Its second line cannot read a payment without a day. Nobody has such a payment but production, where v1.3.0 fails.
_BILLING = """    kind = "monthly bill" if flags.enabled("enable_new_billing_system") else "single payments"
    months = {date.fromisoformat(day).strftime("%B %Y") for day, _ in found}
"""

_COVERS = """
    def covers(self, day):
        return self.start <= day <= self.end
"""

_STATEMENT = """    if "statement" in query:
        rents = store.rows(
            "SELECT p.name, p.rent FROM property p JOIN owner o ON p.owner = o.id WHERE o.name = ?", query["statement"]
        )
        return statements.pdf([query["statement"], *(f"{name}: {rent / 100:.2f}" for name, rent in rents)])
"""

_CONTENT_TYPE = """        kind = {"Content-Type": "application/pdf"} if body.startswith("%PDF") else {}
        for name, value in (HEADERS | kind).items():
"""

_TOO_LONG = """        if len(self.path) > 2000:
            self.send_error(414)
            return
"""

_API = """    if path == "/api/properties":
        start = int(query.get("start", "0"))
        return 200, json.dumps(store.rows("SELECT name, city FROM property ORDER BY id LIMIT 50 OFFSET ?", start))
"""

_LEASE_TEST = '''"""A statement names the month of the lease."""

import unittest
from datetime import date

from asset_anchor.leases import Lease


class Month(unittest.TestCase):
    def test_before_the_start(self):
        lease = Lease(1, "Ada", date(2026, 12, 1), date(2027, 12, 1))
        self.assertEqual(lease.month_of(date(2026, 11, 30)), "2026-12")
'''

MERGED: tuple[Pull, ...] = (
    Pull(
        329, "Ines", "feat(search): save a property search, AA-142", "feature/AA-142-saved-searches",
        (
            Write("asset_anchor/pages/searches.py", _SEARCHES),
            Write("migrations/0042_saved_searches.sql", _SAVED_SEARCH_TABLE),
            Replace(_PAGES, 'payments, properties  #', 'payments, properties, searches  #'),
            Replace(_PAGES, "payments.page,\n", 'payments.page,\n    "/searches": searches.page,\n'),
            Replace(_PAGES, '"/payments": "Payments"}', '"/payments": "Payments", "/searches": "Searches"}'),
        ),
    ),
    Pull(
        330, "Dana", "feat(payments): billing behind enable_new_billing_system, AA-150", "feature/AA-150-billing",
        (
            Write("asset_anchor/flags.py", _FLAGS),
            Replace(
                _PAYMENTS, "from asset_anchor import store\n",
                "from datetime import date\n\nfrom asset_anchor import flags, store\n",
            ),
            Replace(_PAYMENTS, "    return frame(", f"{_BILLING}    return frame("),
            Replace(_PAYMENTS, 'f"<ul>', 'f"<p>Billing: {kind} of {len(months)} months</p><ul>'),
        ),
    ),
    Pull(
        331, "Jo", "Tidy up lease model", "tidy-lease-model",
        (Replace(_LEASES, "        self.end = end\n", f"        self.end = end\n{_COVERS}"),),
    ),
    Pull(
        332, "Kim", "feat(owners): owner statements as PDF, AA-156", "feature/AA-156-statements",
        (
            Write("asset_anchor/statements.py", _STATEMENTS),
            Replace(_OWNERS, "import store\n", "import statements, store\n"),
            Replace(_OWNERS, "    found =", f"{_STATEMENT}    found ="),
            Replace(_OWNERS, " properties</li>", " properties, <a href='?statement={escape(name)}'>statement</a></li>"),
            Replace(_WEB, "        for name, value in HEADERS.items():\n", _CONTENT_TYPE),
        ),
        squashed=False,
    ),
    Pull(
        333, "Ben", "fix(photos): photos are not cut off on phones, AA-102", "fix/AA-102-photos",
        (Replace(_PAGES, "img{width:400px}", "img{max-width:100%}"),),
    ),
    Pull(
        334, "Ben", "perf(search): find properties by an index on the city, AA-148", "feature/AA-148-index",
        (
            Write("migrations/0043_city_index.sql", _CITY_INDEX),
            Replace(_PROPERTIES, 'f"%{city}%"', 'f"{city}%"'),
        ),
    ),
    Pull(
        335, "Jo", "Make the dashboard clearer on phones (AA-151)", "feature/AA-151-dashboard",
        (Replace(_PAGES, "<title>", "<meta name=viewport content='width=device-width'><title>"),),
    ),
    Pull(
        336, "Theo", "security(web): send the headers that browsers protect by, AA-160", "feature/AA-160-headers",
        (Replace(_WEB, 'charset=utf-8"}', 'charset=utf-8", "X-Content-Type-Options": "nosniff"}'),),
    ),
    Pull(
        337, "Theo", "security(web): refuse addresses longer than 2,000 characters, AA-161", "feature/AA-161-long-urls",
        (Replace(_WEB, "        parts = urlsplit(self.path)\n", f"{_TOO_LONG}        parts = urlsplit(self.path)\n"),),
    ),
    Pull(
        338, "Dana", "fix(payments): card payments time out no more, AA-101", "fix/AA-101-card-timeout",
        (Replace(_PAYMENTS, "TIMEOUT = 3  # seconds", "TIMEOUT = 30  # seconds; the bank answers within 20"),),
        squashed=False,
    ),
    Pull(
        339, "Dana", "fix(payments): round the fee to the nearest cent, AA-153", "fix/AA-153-fee",
        (Replace(_PAYMENTS, "int(cents * FEE_PER_MILLE / 1000)", "(cents * FEE_PER_MILLE + 500) // 1000"),),
    ),
    Pull(
        342, "Kim", "feat(api): GET /api/properties answers in pages of 50, AA-158", "feature/AA-158-api",
        (Replace(_WEB, "    page = PAGES.get(path)\n", f"{_API}    page = PAGES.get(path)\n"),),
        squashed=False,
    ),
)  # fmt: skip

OPEN: tuple[Pull, ...] = (
    Pull(
        340, "Ines", "feat(owners): import owners from a file, AA-165", "feature/AA-165-import",
        (Write("asset_anchor/owner_import.py", _IMPORT),),
    ),
    Pull(
        341, "Ben", "fix(search): find a city with an apostrophe, AA-167", "fix/AA-167-apostrophe",
        (Replace(_PROPERTIES, 'query.get("city", "")', 'query.get("city", "").replace("\\u2019", "\'")'),),
    ),
    Pull(
        343, "Jo", "fix(owners): count only properties that are let, AA-168", "fix/AA-168-count",
        (Replace(_OWNERS, "p.owner = o.id", "p.owner = o.id AND p.rent > 0"),),
    ),
    Pull(
        345, "Dana", "fix(statements): use the lease's own month in owner statements, AA-171", "fix/AA-171-month",
        (
            Replace(_LEASES, 'return day.strftime("%Y-%m")', 'return max(day, self.start).strftime("%Y-%m")'),
            Write("tests/test_leases.py", _LEASE_TEST),
        ),
    ),
)  # fmt: skip
