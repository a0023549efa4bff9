"""Fill a store with many releases and audit entries, fast: rows are copies of one real release."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from core.store import tables as t
from core.store.engines import Database

PIECE = 5_000


async def fill(database: Database, count: int, entries: int) -> None:
    """`count` closed releases beside the real one, and `entries` audit entries spread over their chains.

    The entries carry no valid links: nothing here is verified, only found or not found.
    """
    async with database.writing() as connection:
        row = (await connection.execute(select(t.release))).mappings().first()
        assert row is not None, "start a release first"
        closed = [_closed(dict(row), n) for n in range(count)]
        for at in range(0, len(closed), 500):
            await connection.execute(insert(t.release), closed[at : at + 500])
    for at in range(0, entries, PIECE):
        async with database.writing() as connection:
            await connection.execute(
                insert(t.audit),
                [
                    {
                        "chain": f"release:{10_000 + n % max(count, 1)}",
                        "seq": n // max(count, 1) + 1,
                        "at": "2026-01-01T00:00:00+00:00",
                        "actor": "U0PRIYA",
                        "verb": "approve",
                        "policy": "p" * 64,
                        "body_digest": "0" * 64,
                        "hash": "0" * 64,
                    }
                    for n in range(at, min(at + PIECE, entries))
                ],
            )


def _closed(row: dict[str, Any], number: int) -> dict[str, Any]:
    version = f"0.{number // 1000}.{number % 1000}"
    return row | {
        "id": 10_000 + number,
        "version": version,
        "train": None,
        "departs_at": None,
        "phase": "closed",
        "open": False,
        "wake_at": None,
        "facts": {**row["facts"], "version": version, "phase": "closed"},
    }
