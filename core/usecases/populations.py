"""All changes of a period, read from the store; nothing is locked for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.domain.metrics.periods import period_of
from core.domain.package.population import Period, Population
from core.domain.policy import Policy
from core.domain.release import Release
from core.store import anchors, decisions, evidence, keeping, proofs
from core.store.columns import iso
from core.store.engines import Conn
from core.store.flags import flags_chain
from core.store.products import product_chain
from core.store.records import decode, encode
from core.usecases.context import Context
from core.usecases.outside import CHAIN


async def population(ctx: Context, said: str) -> tuple[Population, Period, Policy]:
    """What changed in the period that somebody means. Raises NotFound for one that cannot be read, lies ahead or ends
    before it begins; one without data is an empty population."""
    policy = await ctx.policy()
    meant = period_of(said, ctx.clock.now(), policy.zone)
    end = meant.end + timedelta(microseconds=1) if meant.so_far else meant.end  # what happens right now counts
    period = Period(meant.name, meant.words, iso(meant.start), iso(end))
    async with ctx.store.database.reader.connect() as conn:
        rows = [row for row in await keeping.started(conn, ctx.product) if _touches(row, period)]
        runs = await keeping.runs_between(conn, ctx.product, meant.start, end)
        chains = (product_chain(ctx.product), CHAIN, flags_chain("production"))
        newest = await anchors.newest(conn)
        found = Population(
            ctx.product,
            [await _release(conn, row) for row in rows],
            [encode(run) for run in runs if run["release_id"] is None],
            await proofs.between(conn, chains, period.start, period.end),
            sorted(await keeping.all_expired(conn)),
            {"anchor": newest.hash, "seq": newest.seq, "at": newest.at} if newest else {},
        )
    return found, period, policy


def _touches(one: dict[str, Any], period: Period) -> bool:
    """By the stored record, before anything else of it is read."""
    record = one["record"]
    return period.holds(record.get("live_at")) or any(period.holds(run["started_at"]) for run in record.get("runs", []))


async def _release(conn: Conn, row: dict[str, Any]) -> dict[str, Any]:
    release = decode(Release, {**row["record"], "id": row["id"]})
    shas = dict.fromkeys([*(c.sha for c in release.candidates), release.promotion_sha])
    past = await decisions.history(conn, release.id)
    return {
        "id": release.id,
        "record": encode(release),
        "decisions": [{**encode(d.decision), "withdrawn_at": encode(d.withdrawn_at)} for d in past],
        "results": [encode(one) for sha in shas if sha for one in await evidence.of_commit(conn, release.product, sha)],
    }
