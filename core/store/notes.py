"""The drafted notes of a release, one row each; the release's chain is its lock."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.notes.model import Draft
from core.store.columns import to_json
from core.store.records import decode, encode
from core.store.remembered import remembered
from core.store.tables import release_notes as n
from core.store.unit import Unit


async def put(unit: Unit, release_id: int, draft: Draft, at: datetime) -> None:
    """Write the draft in place of the one before; what people changed in it stands on the release."""
    told = encode(draft)
    digest = hashlib.sha256(to_json(told).encode()).hexdigest()
    values = {"head": draft.head, "digest": digest, "draft": told, "read_at": at}
    row = unit.insert(n).values(release_id=release_id, **values)
    await unit.conn.execute(row.on_conflict_do_update(index_elements=[n.c.release_id], set_=values))


@remembered(n)
async def digest_of(conn: AsyncConnection, release_id: int) -> str:
    """The digest of the stored draft, "" before the range was read: the same digest means the same draft."""
    return (await conn.execute(_digest(), {"release": release_id})).scalar_one_or_none() or ""


@cache
def _digest() -> Select[Any]:
    return select(n.c.digest).where(n.c.release_id == bindparam("release"))


async def load(conn: AsyncConnection, release_id: int) -> Draft | None:
    """The draft; None before the range was read."""
    row = (await conn.execute(select(n.c.draft).where(n.c.release_id == release_id))).first()
    return None if row is None else decode(Draft, row.draft)
