"""Whether the database takes a write, proven by one: a full disk or a read-only database is read without a fault."""

from __future__ import annotations

import asyncio

from core.errors import Busy
from core.store.clashes import DATABASE_FAULTS, words_of
from core.store.columns import db_now
from core.store.engines import Database
from core.store.tables import pulse as p
from core.store.unit import Unit

DEADLINE = 2.0
KEY = "store"


async def beat(database: Database) -> None:
    """Commit one small row. Raises Busy with the database's own words when that cannot be done.

    A transaction that is rolled back would prove little: SQLite meets a full disk when it commits.
    """
    try:
        async with asyncio.timeout(DEADLINE), database.writing() as connection:
            row = Unit(connection, "").insert(p).values(key=KEY, at=db_now())
            await connection.execute(row.on_conflict_do_update(index_elements=[p.c.key], set_={"at": db_now()}))
    except TimeoutError as late:
        raise Busy("the database did not take a write in time") from late
    except DATABASE_FAULTS as error:
        raise Busy(f"the database takes no write: {words_of(error)}") from error
