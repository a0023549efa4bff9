"""The gate of feature flags: a release does not close with a flag of which nobody knows what becomes."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.situation import Act, Situation
from core.domain.slack_ids import is_person
from core.errors import Blocker


def flags_decided(s: Situation, act: Act) -> Iterator[Blocker]:
    """Every release flag that it brings or changes, and every flag past its life, has a decision."""
    for row in s.release.flag_rows:
        if row.undecided:
            facts = {"flag": row.name, "id": row.name, "what": row.what, "lived": row.lived, "last": row.last,
                     "why": list(row.why), "over": max(0, row.lived - row.allowed),
                     "places": len(row.places) + row.more}  # fmt: skip
            own = (row.owner,) if is_person(row.owner) else ()
            roles = tuple(f"role:{role}" for role in s.policy.permissions["flag_change"])
            yield Blocker(f"flags.{row.name}", facts, own or roles)
