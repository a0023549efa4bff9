"""What git was asked for and where it could not go on, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.views.writing import counted, listed, said

_PURPOSES = {
    "cut": "branch",
    "freeze": "branch and first candidate",
    "candidate": "candidate",
    "promote": "promotion",
    "pick": "picked change",
    "revert": "revert",
    "carry": "merge of what was fixed",
}
MOST_FILES, MOST_PEOPLE = 4, 3


def purpose(text: object) -> str:
    """What git was asked for, escaped: `the {purpose} could not be published`."""
    return said(_PURPOSES.get(str(text), str(text or "work")))


def conflicts(given: Mapping[str, Any]) -> str:
    """`2 files conflict, app/pay.py (Dana and Ben) and README.md (Kim)`, escaped."""
    files = [str(f) for f in given.get("files") or ()]
    people: Mapping[str, Any] = given["people"] if isinstance(given.get("people"), Mapping) else {}
    shown = [f"`{said(f)}`{_by(people.get(f))}" for f in files]
    if not files:
        return "something conflicts"
    verb = "conflicts" if len(files) == 1 else "conflict"
    return f"{counted(len(files), 'file')} {verb}, {listed(shown, 'and', MOST_FILES)}"


def _by(names: object) -> str:
    found = [said(n, 40) for n in names] if isinstance(names, list | tuple) else []
    return f" ({listed(found, 'and', MOST_PEOPLE)})" if found else ""
