"""What somebody writes becomes lines, and which item of the checklist the retrospective meets."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain.policy_parts import SignOff
from core.domain.retrospective import Line
from core.domain.situation import Situation

_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
FIELD = 3000  # characters that Slack takes in one
ITEM = "retro"  # as policies called it before an item could name the retrospective as what meets it


def points(text: str) -> tuple[str, ...]:
    """One point for each line that says something, without the sign in front of it."""
    found = (_BULLET.sub("", line).strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in found if line))


def as_text(lines: Iterable[str]) -> str:
    """The same back, as it stands in a form."""
    return "\n".join(lines)


def in_a_field(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The first lines that stand in one field of a form together; what is sent from there replaces these alone."""
    kept: list[Line] = []
    room = FIELD
    for line in lines:
        room -= len(line.text) + 1
        if room < 0:
            break
        kept.append(line)
    return tuple(kept)


def item_of(s: Situation) -> tuple[str, SignOff | None]:
    """The item of the checklist that stands for the retrospective; ("", None) where the policy asks for none."""
    found = s.signoff_items("close")
    return next(((n, i) for n, i in found.items() if stands_for_it(n, i.by)), ("", None))


def stands_for_it(name: str, by: str) -> bool:
    """Whether an item of a checklist, by its name and what meets it, is the retrospective's."""
    return by == "retrospective" or name == ITEM
