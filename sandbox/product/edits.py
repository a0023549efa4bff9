"""Changes to a tree of text files: whole files, and lines put in place of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """The file `path` is `text` from now on."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Replace:
    """In the file `path` the first `old` becomes `new`."""

    path: str
    old: str
    new: str


Edit = Write | Replace


def changed(tree: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """The files that differ after the edits, with their new text."""
    files: dict[str, str] = {}
    for edit in edits:
        if isinstance(edit, Write):
            files[edit.path] = edit.text
            continue
        text = files.get(edit.path, tree.get(edit.path, ""))
        if edit.old not in text:
            raise LookupError(f"{edit.path} does not have the line to be changed: {edit.old.strip()[:80]!r}")
        files[edit.path] = text.replace(edit.old, edit.new, 1)
    return files
