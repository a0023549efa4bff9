"""Whether the record of one release is whole: every link of its chain recomputed, up to its head."""

from __future__ import annotations

from sqlalchemy import select

from core.store import tables as t
from core.store.unit import body_digest, entry_hash
from core.store.unit_of_work import release_chain
from core.usecases.context import Context


async def first_fault(ctx: Context, release_id: int) -> int | None:
    """The number of the first entry that does not fit; None when the chain is unbroken. Erased bodies are no fault."""
    name = release_chain(release_id)
    bodies = (t.audit_body.c.chain == t.audit.c.chain) & (t.audit_body.c.seq == t.audit.c.seq)
    rows = select(t.audit, t.audit_body.c.salt, t.audit_body.c.body).outerjoin_from(t.audit, t.audit_body, bodies)
    async with ctx.store.database.reader.connect() as conn:
        head = (await conn.execute(select(t.chain.c.seq, t.chain.c.hash).where(t.chain.c.name == name))).first()
        found = (await conn.execute(rows.where(t.audit.c.chain == name).order_by(t.audit.c.seq))).all()
    before, number = "", 0
    for row in found:
        if head and row.seq > head.seq:
            break  # written while we read
        number += 1
        fields = (row.chain, row.seq, row.at, row.actor, row.verb, row.policy, row.body_digest)
        told = row.body is None or row.salt is None or body_digest(row.salt, row.body) == row.body_digest
        if row.seq != number or entry_hash(before, fields) != row.hash or not told:
            return number
        before = row.hash
    return None if head is None or (number, before) == (head.seq, head.hash) else number + 1
