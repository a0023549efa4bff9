"""What an approval signs: the parts of a candidate's content, their digest, and in which parts two contents differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

PartName = Literal["commit", "version", "notes", "migrations", "configuration", "flags"]
PARTS: tuple[PartName, ...] = get_args(PartName)
LISTED: tuple[PartName, ...] = ("migrations", "configuration", "flags")
MOST_LINES = 5  # of a part that are written out in facts and messages
MOST_MARKS = 500  # lines of the notes that are kept to be compared; longer notes are only told to be others


@dataclass(frozen=True, slots=True)
class Manifest:
    """What somebody signs. `notes` is a digest, the lists are plain words: `<path>: <what>`, in any order."""

    commit: str
    version: str
    notes: str = ""
    migrations: tuple[str, ...] = ()
    configuration: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def digest(self, *where: str) -> str:
        """SHA-256 over all parts, hex. `where` is what the content is approved under: product, type, policy."""
        lists = [sorted(self.part(name)) for name in LISTED]
        return hashlib.sha256(json.dumps([*where, self.commit, self.version, self.notes, *lists]).encode()).hexdigest()

    def part(self, name: PartName) -> tuple[str, ...]:
        """A part as a list; what has one value is a list of that, or empty."""
        value = getattr(self, name)
        return value if isinstance(value, tuple) else (value,) if value else ()


@dataclass(frozen=True, slots=True)
class Part:
    """How one part of a content differs from an earlier one; `same` counts what is in both."""

    name: PartName
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    same: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.came or self.went)


@dataclass(frozen=True, slots=True)
class NoteLines:
    """Which lines of the notes came: (heading, text), with `more` that are not named; `gone` counts those that went."""

    came: tuple[tuple[str, ...], ...] = ()
    more: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody had approved when their approval fell.

    `came` and `went` are the changes between its commit and the one of now, newest first, with `more` and `gone` for
    those that are not named; both are empty until they were read. `why` is "candidate" or "content". `lines` are the
    marks of the lines of its notes, `notes` is how those of now differ; `changes` counts what was in it.
    """

    candidate: str
    sha: str
    at: datetime
    why: Literal["candidate", "content"] = "candidate"
    manifest: Manifest | None = None  # None: it was tagged before contents were kept by their parts
    came: tuple[dict[str, object], ...] = ()
    more: int = 0
    went: tuple[dict[str, object], ...] = ()
    gone: int = 0
    lines: tuple[str, ...] = ()
    notes: NoteLines = NoteLines()
    changes: int = 0


def difference(old: Manifest, new: Manifest) -> tuple[Part, ...]:
    """All parts, in their order, each with what came and went."""
    found = []
    for name in PARTS:
        before, now = old.part(name), new.part(name)
        came = tuple(x for x in now if x not in before)
        went = tuple(x for x in before if x not in now)
        found.append(Part(name, came, went, len(now) - len(came)))
    return tuple(found)


def mark_of(line: Sequence[str]) -> str:
    """A line of the notes as a short digest: enough to see whether it stood there before."""
    return hashlib.blake2s("\n".join(line).encode(), digest_size=4).hexdigest()


def lines_between(marks: Collection[str], lines: Sequence[tuple[str, str]]) -> NoteLines:
    """How the lines of now differ from those with these marks; nothing where none were kept."""
    if not marks or len(marks) >= MOST_MARKS or len(lines) >= MOST_MARKS:
        return NoteLines()
    now = {mark_of(line): line for line in lines}
    came = [line for mark, line in now.items() if mark not in marks]
    return NoteLines(tuple(came[:MOST_LINES]), max(0, len(came) - MOST_LINES), len(set(marks) - set(now)))


def part_json(part: Part) -> dict[str, Any]:
    """A part as facts and messages carry it; digests say nothing to people, so of the notes only that they changed."""
    lines = part.name in (*LISTED, "version")
    return {
        "part": part.name,
        "came": list(part.came[:MOST_LINES]) if lines else [],
        "went": list(part.went[:MOST_LINES]) if lines else [],
        "count": [len(part.came), len(part.went)],
        "same": part.same,
    }
