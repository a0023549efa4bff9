"""What is hidden until released, for each reader: a number for most, the titles for who edits the notes or signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.views.writing import Facts, counted

HIDDEN = "hidden until released"


def may_see(facts: Facts, person: str) -> bool:
    """Whether somebody edits the notes, or signs the content and so has to know all of it."""
    roles = {*(facts.get("may") or {}).get("notes", ()), *facts.get("approving", ())}
    roles |= {seat["role"] for seat in facts.get("approvals") or ()}
    return any(person in people for role, people in (facts.get("members") or {}).items() if role in roles)


def revealed(facts: Facts, person: str) -> Facts:
    """The facts with what is hidden put back in its place, for somebody who may see it; for others as they are."""
    held: Mapping[str, Any] = facts.get("held") or {}
    if not held or not may_see(facts, person):
        return facts
    changes, titles = list(facts.get("changes") or ()), held.get("titles") or {}
    for place, change in held.get("changes") or ():
        changes.insert(int(place), change)
    items = [{**i, "title": titles.get(i["ref"]) or i["title"]} for i in facts.get("scope_items") or ()]
    return {**facts, "changes": changes, "scope_items": items, "held": {}}


def held_back(facts: Facts) -> int:
    """How many changes this reader does not see."""
    return len((facts.get("held") or {}).get("changes") or ())


def is_held(facts: Facts, ref: object) -> bool:
    """Whether this reader does not see the title of what is named."""
    return ref in ((facts.get("held") or {}).get("titles") or {})


def hidden_line(count: int, of: str = "change") -> str:
    """`1 change is hidden until released`; "" for none."""
    return f"{counted(count, of)} {'is' if count == 1 else 'are'} {HIDDEN}" if count else ""
