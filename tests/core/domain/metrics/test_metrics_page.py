"""The page is made of the table that counts, and an export holds nothing that nobody may read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from core.domain.metrics.definitions import DEFINITIONS, METRICS
from core.domain.metrics.export import COLUMNS, to_csv, to_json
from core.domain.metrics.page import metrics_page
from core.domain.metrics.report import report
from core.domain.metrics.rows import Rows, Wait
from tests.core.domain.metrics.rows_by_hand import JULY, QUARTER, deployment, story

ROOT = Path(__file__).parents[4]
PLANTED = "ghp_0123456789abcdef0123456789abcdef0123"


def test_the_page_is_the_table_s() -> None:
    page = metrics_page()
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == page, "run `make diagram`"
    assert len(DEFINITIONS) == len(METRICS), "a code stands for one number"
    for code, definition in DEFINITIONS.items():
        assert page.count(f"| {definition.title} | `{code}` | {definition.counts} |") == 1


def test_no_secret_and_no_formula_leaves_in_an_export() -> None:
    rows = Rows(
        (deployment(1, JULY, version="=cmd()", failed="rolled back"),), (),
        (story(1, waits=(Wait(f"token={PLANTED}", JULY, JULY),)),),
    )  # fmt: skip
    found = report(rows, QUARTER, product=f"shop {PLANTED}", zone="UTC", made_at=JULY)
    for text in (to_json(found), to_csv(found)):
        assert PLANTED not in text and "[removed]" in text
    lines = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert [line["code"] for line in lines if "/" not in line["code"]] == list(DEFINITIONS)
    assert set(COLUMNS) < set(lines[0])
    assert not any((value or "").startswith(("=", "+", "@")) for line in lines for value in line.values())
    told = json.loads(to_json(found))
    assert told["measures"][0]["state"] == "known" and told["period"]["name"] == "2026-q3"
    assert next(m for m in told["measures"] if m["code"] == "coverage")["value"] is None
