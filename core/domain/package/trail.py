"""The trail in a package: each entry with what its hash is made of, so that nobody needs the store to prove it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.domain.package.clean import Cleaner
from core.domain.package.sources import Json


def proven(entries: Sequence[Json], anchors: Sequence[Json], announced: str, cleaner: Cleaner) -> dict[str, Any]:
    """Entries and anchors. What was said is there word for word, so that its digest can be made again; an entry that
    holds a secret shows the rest and says so, and its link still proves that and when it was made."""
    return {
        "announced": announced,
        "entries": [_entry(entry, cleaner) for entry in entries],
        "anchors": [dict(anchor) for anchor in anchors],
    }


def _entry(entry: Json, cleaner: Cleaner) -> dict[str, Any]:
    told = {name: entry[name] for name in ("chain", "seq", "at", "actor", "verb", "policy", "body_digest", "hash")}
    body = entry.get("body")
    if body is None:
        return told | {"expired": True}
    before = cleaner.count
    shown = cleaner.data(json.loads(body))
    if cleaner.count != before:
        return told | {"withheld": cleaner.count - before, "shown": shown}
    return told | {"salt": entry["salt"], "body": body}
