"""The part of the projection about break-glass: what was passed, what waits, and what the policy says about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.facts_parts import iso
from core.domain.gates.overriding import reviewers, waiting
from core.domain.overrides import Override, passable
from core.domain.situation import Situation
from core.errors import Blocker


def overrides_of(s: Situation) -> dict[str, Any]:
    """`overrides` in the order in which they were asked for; `glass` is what the policy allows, with its numbers."""
    rules = s.policy.override
    return {
        "overrides": [_row(s, o) for o in s.release.overrides],
        "glass": {
            "roles": list(rules.roles),
            "reviewers": list(rules.reviewers),
            "hours": rules.hours,
            "never": list(rules.never),
        },
    }


def _row(s: Situation, o: Override) -> dict[str, Any]:
    """One override: `state` is waits, stands, used or void."""
    waits = o.waits and waiting(s, o.code) == o
    state = "waits" if waits else "void" if o.void or not o.second else "used" if o.used_at else "stands"
    return {
        "id": o.id,
        "code": o.code,
        "title": o.title,
        "reason": o.reason,
        "first": o.first,
        "at": iso(o.at),
        "second": o.second,
        "second_at": iso(o.second_at),
        "candidate": o.candidate,
        "state": state,
        "void": o.void,
        "used_at": iso(o.used_at),
        "review_by": iso(o.review_by),
        "reviewers": list(reviewers(s, o)) if o.unreviewed else [],
        "reviewed_by": o.reviewed_by,
        "reviewed_at": iso(o.reviewed_at),
        "right": o.right,
        "follows": o.follows,
    }


def passed_codes(facts: Mapping[str, Any]) -> frozenset[str]:
    """The codes that two people have passed for what the release holds now, out of stored facts."""
    return frozenset(o["code"] for o in facts.get("overrides") or () if o["state"] in ("stands", "used"))


def could_pass(facts: Mapping[str, Any], stops: Iterable[Blocker]) -> list[Blocker]:
    """Those of the blockers that two people may pass by the release's policy."""
    glass = facts.get("glass") or {}
    if not glass.get("roles"):
        return []
    return [b for b in stops if passable(b.code, glass["never"], str(b.facts.get("rule") or ""))]
