"""What each kind of database can do, and how losses are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.databases.content import Content, Table

TIMES = (
    "created_at", "created", "inserted_at", "created_on", "date_created", "creation_date", "ordered_at", "paid_at",
    "happened_at", "occurred_at", "timestamp", "at", "updated_at", "modified_at", "updated", "changed_at",
)  # fmt: skip
SETTLED_WAIT = 60  # seconds that a lock is waited for before it is said who holds it up


@dataclass(frozen=True, slots=True)
class Dumped:
    """A backup as it was just written: what was in the database at its moment, and what made it."""

    content: Content
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Newer:
    """What a table holds that its restore point does not. `exact` False: at least so many.

    `first` and `last` are times as the database prints them, "" where no column tells them. `whole`: the table itself
    is newer.
    """

    table: str
    rows: int
    first: str = ""
    last: str = ""
    exact: bool = True
    whole: bool = False

    def body(self) -> dict[str, object]:
        return {"table": self.table, "rows": self.rows, "first": self.first, "last": self.last, "exact": self.exact,
                "whole": self.whole}  # fmt: skip

    @property
    def words(self) -> str:
        if self.whole:
            return f"`{self.table}`: the whole table, {_rows(self.rows)}"
        if not self.rows:
            return f"`{self.table}`: values that were changed since, or rows that were taken out"
        when = f", first {self.first}, last {self.last}" if self.first else ""
        return f"`{self.table}`: {'' if self.exact else 'at least '}{_rows(self.rows)}{when}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


class Engine(Protocol):
    """One database. Every method raises DatabaseFault with words for people."""

    async def size(self) -> int:
        """About how many bytes a backup may need at most."""

    async def shape(self) -> Content:
        """How it is built, without counting or reading rows."""

    async def content(self) -> Content:
        """All of it, at one moment."""

    async def revision(self) -> str:
        """The revision that a well-known table of migrations names; "" where there is none."""

    async def dump(self, file: Path) -> Dumped:
        """Write a backup into the existing, private, empty `file`."""

    async def rehearse(self, file: Path) -> Content:
        """Restore a backup into a scratch database, read what is in it, and throw that database away."""

    async def put_back(self, file: Path) -> None:
        """Replace all that is in the database by the backup: wholly, or not at all."""

    async def newer(self, then: Content, now: Content) -> Sequence[Newer]:
        """What would be lost by going back to `then`."""


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def time_column(names: Sequence[str]) -> str:
    """The column that tells when a row came, by its usual names; "" where none does."""
    low = {name.lower(): name for name in names}
    return next((low[name] for name in TIMES if name in low), "")


def changed_tables(then: Content, now: Content) -> list[tuple[str, Table | None, Table]]:
    """Tables of now with rows that the other content does not have as they are: (name, then, now)."""
    pairs = [(name, then.tables.get(name), table) for name, table in sorted(now.tables.items())]
    return [
        (name, old, new) for name, old, new in pairs
        if (new.rows if old is None else (old.rows, old.digest) != (new.rows, new.digest))
    ]  # fmt: skip
