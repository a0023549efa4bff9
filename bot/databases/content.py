"""What is in a database, so that two states can be compared: rows and a digest for each table, whatever their order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_NAMED = 6
SPACE = 1 << 128


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `parts` are its columns, indexes and constraints as short lines.

    `most` is the highest value of the whole-number key `key`, `last` the newest value of the time column `time` (as the
    database prints it); "" and None where there is no such column.
    """

    rows: int
    digest: str = ""
    parts: tuple[str, ...] = ()
    key: str = ""
    most: int | None = None
    time: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A database at one moment; `clock` is its own time then, ISO 8601 in UTC."""

    tables: dict[str, Table] = field(default_factory=dict)
    clock: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over all tables: what is in them and how they are built; hex."""
        lines = [[name, t.rows, t.digest, sorted(t.parts)] for name, t in sorted(self.tables.items())]
        return hashlib.sha256(json.dumps(lines).encode()).hexdigest()

    @property
    def rows(self) -> int:
        return sum(t.rows for t in self.tables.values())

    @property
    def counts(self) -> dict[str, int]:
        """Rows by table; views and the like, which have none of their own, are left out."""
        return {name: t.rows for name, t in sorted(self.tables.items()) if not name.startswith("(")}

    def body(self) -> dict[str, Any]:
        return {"clock": self.clock, "tables": {name: asdict(t) for name, t in sorted(self.tables.items())}}


def content_of(body: dict[str, Any]) -> Content:
    tables = {n: Table(**(dict(t) | {"parts": tuple(t.get("parts", ()))})) for n, t in body["tables"].items()}
    return Content(tables, str(body.get("clock", "")))


def row_sum(rows: Iterable[bytes]) -> tuple[int, str]:
    """How many rows, and one digest for all of them in any order; equal rows count as often as they are there."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(hashlib.blake2b(row, digest_size=16).digest())
    return count, f"{total % SPACE:032x}"


def differences(then: Content, now: Content) -> list[str]:
    """In which tables two contents differ, in words."""
    said = [f"`{name}` is missing" for name in then.tables if name not in now.tables]
    said += [f"`{name}` should not be there" for name in now.tables if name not in then.tables]
    for name, old in then.tables.items():
        new = now.tables.get(name)
        if new is None:
            continue
        if old.rows != new.rows:
            said.append(f"`{name}` has {new.rows} rows instead of {old.rows}")
        elif old.digest != new.digest:
            said.append(f"`{name}` has other values")
        if set(old.parts) != set(new.parts):
            said.append(f"`{name}` is built in another way")
    return said


def changes(before: Content, after: Content) -> list[str]:
    """What became of the structure between two moments, in words: tables and parts that came and went."""
    said = [f"table `{name}` came" for name in after.tables if name not in before.tables]
    said += [f"table `{name}` went" for name in before.tables if name not in after.tables]
    for name, old in before.tables.items():
        new = after.tables.get(name)
        if new is not None and set(old.parts) != set(new.parts):
            came, went = set(new.parts) - set(old.parts), set(old.parts) - set(new.parts)
            said += [f"`{name}`: {part} came" for part in sorted(came)]
            said += [f"`{name}`: {part} went" for part in sorted(went)]
    return said


def suits_before(before: Content, after: Content) -> bool | None:
    """Whether the version that knew the structure before may run on the one after; None where it cannot be told.

    More is no harm; what went, has another type, or asks for more than was asked before is.
    """
    if set(before.tables) - set(after.tables):
        return False
    doubt, moved = False, set(after.tables) != set(before.tables)
    for name, old in before.tables.items():
        came, went = set(after.tables[name].parts) - set(old.parts), set(old.parts) - set(after.tables[name].parts)
        moved |= bool(came or went)
        if any(_harms(part, went) for part in came) or any(_missed(part, came) for part in went):
            return False
        doubt |= any(part.startswith("trigger ") for part in came)
    return None if doubt or not moved else True


def _harms(part: str, went: set[str]) -> bool:
    """A new part of a table that was there: does it refuse what was taken before?"""
    if part.startswith(("unique ", "constraint ")):
        return True
    required = part.startswith("column ") and " not null" in part and not part.endswith(" default")
    return required and part.replace(" not null", "") not in {p.replace(" default", "") for p in went if "null" in p}


def _missed(part: str, came: set[str]) -> bool:
    """A part that went: a column that is not there any more as it was; rules that went are missed by nobody."""
    if not part.startswith("column "):
        return part.startswith(("view ", "type ", "function ", "sequence ", "parted "))
    return _bare(part) not in {_bare(p) for p in came}


def _bare(part: str) -> str:
    return part.removesuffix(" default").removesuffix(" not null")


def some(words: list[str], most: int = MOST_NAMED) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
