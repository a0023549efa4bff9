"""What the forge tells can be kept in the store and read again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from core.domain.forge import Attachment, Check, Issue, Milestone, Pull
from core.store.records import decode, encode

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        Pull(
            342, "feat: pages", "why", ("enhancement",), "kim", "merged", "develop", "feature/x", ("ben",), "url",
            "v1.3.0", "a" * 40, "b" * 40, ("ines",),
        ),
        Pull(1, "bare"),
        Check("tests", "running", "url", AT),
        Milestone(3, "v1.3.0", "closed", 2, 40, date(2026, 12, 16), "url"),
        Issue(7, "late", "closed", ("bug",), "jo", "url", True, True),
        Attachment("notes.md", "text"),
    ],
)  # fmt: skip
def test_it_survives_the_way_through_json(told: object) -> None:
    assert decode(type(told), json.loads(json.dumps(encode(told)))) == told
