"""Which flags a release adds, changes and removes: by where the code names them before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Touch = Literal["added", "changed", "removed"]
MOST_ASKED = 500  # flags that are looked for at once
MOST_PLACES = 20  # of one flag that are named


@dataclass(frozen=True, slots=True)
class Place:
    """A line that names a flag: `path`, `line` from 1, and its text."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


Places = Mapping[str, tuple[Place, ...]]  # flag -> where it is named


def touched(names: Iterable[str], before: Places, after: Places) -> dict[str, Touch]:
    """Flag -> what became of it. A line that only moved is no change."""
    found: dict[str, Touch] = {}
    for name in names:
        old, new = _lines(before.get(name, ())), _lines(after.get(name, ()))
        if old != new:
            found[name] = "added" if not old else "removed" if not new else "changed"
    return found


def _lines(places: Collection[Place]) -> Counter[tuple[str, str]]:
    return Counter((place.path, place.text.strip()) for place in places)


def names_in(text: str, names: Collection[str]) -> set[str]:
    """Those of `names` that stand in a line as whole words: `new` is not in `new_search`, nor in `new.search`."""
    return {name for name in names if _whole(text, name)}


def _whole(text: str, name: str) -> bool:
    start = text.find(name)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(name) : start + len(name) + 1]
        if not _of_name(before) and not (_of_name(after) and not _ends(text, start + len(name))):
            return True
        start = text.find(name, start + 1)
    return False


def _of_name(sign: str) -> bool:
    return bool(sign) and (sign.isalnum() or sign in "_-~.")


def _ends(text: str, at: int) -> bool:
    """Whether a dot behind a name ends a sentence or calls something: no letter of a longer name follows."""
    return text[at : at + 1] == "." and not text[at + 1 : at + 2].isalnum()
