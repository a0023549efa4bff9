"""Answers of named reads, kept for as long as their tables stay as they are.

Only where one process has the database for itself and nobody else can write to it (`core.store.at_once`): there each
statement passes through one place, which knows what was written. Everywhere else the database is asked each time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Table

P = ParamSpec("P")
T = TypeVar("T")

MOST = 2048  # answers


@dataclass(slots=True)
class Kept:
    """What was read, with how often each of its tables had been written to by then.

    While a transaction is open, what it has written is known to itself alone: other readers ask the database.
    """

    _writes: dict[str, int] = field(default_factory=dict)
    _unsettled: set[str] = field(default_factory=set)
    _answers: dict[Any, tuple[tuple[int, ...], Any]] = field(default_factory=dict)

    def stamp(self, tables: tuple[str, ...], *, inside: bool) -> tuple[int, ...] | None:
        """What an answer of now is kept under; None when it cannot be kept. `inside`: asked by who writes."""
        if self._unsettled and not inside and not self._unsettled.isdisjoint(tables):
            return None
        return tuple([self._writes.get(table, 0) for table in tables])

    def written(self, table: str) -> None:
        self._writes[table] = self._writes.get(table, 0) + 1
        self._unsettled.add(table)

    def ended(self, *, well: bool) -> None:
        """The transaction is over; what it had read of its own writing is no longer so if it was rolled back."""
        if not well:
            for table in self._unsettled:
                self._writes[table] += 1
        self._unsettled.clear()

    def get(self, key: Any, stamp: tuple[int, ...]) -> tuple[Any] | None:
        found = self._answers.get(key)
        return (found[1],) if found is not None and found[0] == stamp else None

    def put(self, key: Any, stamp: tuple[int, ...], answer: Any) -> None:
        if len(self._answers) >= MOST:
            self._answers.clear()
        self._answers[key] = (stamp, answer)


def remembered(*tables: Table) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Of a read `async def of(conn, *hashable)` that asks nothing but these tables, neither clock nor chance.

    A list, set or dict is answered as a copy; what stands in it is shared, so it must be frozen or left alone.
    """
    names = tuple(table.name for table in tables)

    def around(read: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @wraps(read)
        async def asked(*args: P.args, **more: P.kwargs) -> T:
            kept: Kept | None = getattr(args[0], "kept", None)
            stamp = kept.stamp(names, inside=args[0].inside) if kept is not None else None  # type: ignore[attr-defined]
            if kept is None or stamp is None:
                return await read(*args, **more)
            key = (read, args[1:], *more.items())
            known = kept.get(key, stamp)
            if known is None:
                known = (await read(*args, **more),)
                kept.put(key, stamp, known[0])
            return cast(T, _own(known[0]))

        return asked

    return around


def _own(answer: Any) -> Any:
    return answer.copy() if type(answer) in (dict, list, set) else answer
