"""Which kinds of evidence a release asks for, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.evidence.model import KINDS
from core.domain.policy_parts import RoleName, SignOff
from core.domain.situation import Situation

ANYHOW: tuple[RoleName, ...] = ("qa", "tech_lead")  # who may state a kind that no item asks for


def items_of(s: Situation, kind: str) -> Iterator[SignOff]:
    """The checklist items of this release that a kind meets."""
    for item in s.policy.signoffs.values():
        if item.met == "evidence" and item.by == kind and s.release.type in item.types:
            yield item


def asks_for(s: Situation, kind: str) -> bool:
    return any(items_of(s, kind))


def owners(s: Situation, kind: str) -> tuple[RoleName, ...]:
    """The roles whose holders may state a result of this kind: those that own its items. "" asks for any kind."""
    if not kind:
        return tuple(dict.fromkeys(role for one in KINDS for role in owners(s, one)))
    return tuple(dict.fromkeys(item.role for item in items_of(s, kind))) or ANYHOW
