"""What the words of one blocker code are made of."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.views.marks import BLOCKED, WAITS


@dataclass(frozen=True, slots=True)
class Words:
    """`title` names the condition, `line` follows "Waits for @X" or "Blocked by" on the card, `detail` explains it.

    `do` and `label` are the button of a person who can clear it. Names in braces are facts of the blocker; `{who}`
    are the people who can clear it, named at the end of the detail when the detail does not name them.
    """

    mark: str
    title: str
    line: str
    detail: str
    do: str = ""
    label: str = ""


def waits(title: str, line: str, detail: str, do: str = "", label: str = "") -> Words:
    """Something that a person or the machine is about to do."""
    return Words(WAITS, title, line, detail, do, label)


def blocked(title: str, line: str, detail: str, do: str = "", label: str = "") -> Words:
    """Something that stands in the way."""
    return Words(BLOCKED, title, line, detail, do, label)
