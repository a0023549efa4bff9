"""How people name a change: by its pull request, an issue key or a commit, and which items of a draft that means."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain.notes.model import Item

_REF = re.compile(r"#[1-9][0-9]{0,8}|[0-9a-f]{7,40}")
_KEY = re.compile(r"[A-Z][A-Z0-9]{1,15}-[1-9][0-9]{0,8}")


def ref_of(text: str) -> str:
    """A reference as it is kept: "#42", an issue key, or the start of a commit; "" when it is none of them."""
    word = text.strip()
    if _KEY.fullmatch(word.upper()):
        return word.upper()
    word = f"#{word}" if word.isdigit() and len(word) < 7 else word.lower()
    return word if _REF.fullmatch(word) else ""


def matching(items: Iterable[Item], ref: str) -> tuple[Item, ...]:
    """The items that a reference means: their own id, one of their issues, the start of a commit."""
    return tuple(i for i in items if i.id == ref or ref in (*i.keys, *i.closes) or _holds(i, ref))


def _holds(item: Item, ref: str) -> bool:
    return any(commit.startswith(ref) for commit in item.commits)
