"""What is kept of releases and for how long: documents, legal holds, what has expired, and who runs a month."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, delete, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.domain.retention import Ended
from core.store import tables as t
from core.store.columns import plain
from core.store.unit import Unit

LOGS, PACKAGE = "logs", "package"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Nothing of this release is deleted until a person lifts it."""

    release_id: int
    by: str
    at: datetime
    reason: str


# --- documents --------------------------------------------------------------------------------------------------------


async def file_away(unit: Unit, release_id: int, documents: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Keep documents by name; one that is there already is replaced. Returns the digest of each."""
    documents = {name: plain(text) for name, text in documents.items()}
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in documents.items()}
    await unit.conn.execute(delete(t.archive).where(t.archive.c.release_id == release_id))
    for name, text in sorted(documents.items()):
        values = {"release_id": release_id, "name": name, "at": at, "digest": digests[name], "text": text}
        await unit.insert_new(t.archive, values)
    return digests


async def documents(conn: AsyncConnection, release_id: int) -> dict[str, str]:
    rows = select(t.archive).where(t.archive.c.release_id == release_id).order_by(t.archive.c.name)
    return {row.name: row.text for row in await conn.execute(rows)}


# --- holds ------------------------------------------------------------------------------------------------------------


async def holds(conn: AsyncConnection) -> dict[int, LegalHold]:
    """All that stand, by release."""
    rows = await conn.execute(select(t.legal_hold))
    return {row.release_id: LegalHold(row.release_id, row.by, row.at, row.reason) for row in rows}


async def hold(unit: Unit, new: LegalHold) -> bool:
    """False when the release is held already."""
    values = {"release_id": new.release_id, "by": new.by, "at": new.at, "reason": new.reason}
    return await unit.insert_new(t.legal_hold, values)


async def lift(unit: Unit, release_id: int) -> bool:
    """False when nothing holds it."""
    gone = await unit.conn.execute(delete(t.legal_hold).where(t.legal_hold.c.release_id == release_id))
    return gone.rowcount == 1


# --- what has expired -------------------------------------------------------------------------------------------------


async def expired(conn: AsyncConnection, release_id: int) -> dict[str, dict[str, Any]]:
    """"logs" and "package" -> {"at", "things"} of what was deleted of a release."""
    rows = await conn.execute(select(t.expired).where(t.expired.c.release_id == release_id))
    return {row.what: {"at": row.at.isoformat(), "things": row.things} for row in rows}


async def all_expired(conn: AsyncConnection) -> set[tuple[int, str]]:
    """Which releases have lost what."""
    rows = await conn.execute(select(t.expired.c.release_id, t.expired.c.what))
    return {(row.release_id, row.what) for row in rows}


async def expire_logs(unit: Unit, release_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:
    """Delete the logs of a release's runs; a digest of each stays. Returns what is known of them from now on."""
    things = [
        {"log": name, "sha256": hashlib.sha256(text.encode()).hexdigest(), "characters": len(text)}
        for name, text in sorted((await logs(unit.conn, release_id)).items())
    ]
    runs = select(t.run.c.id).where(t.run.c.release_id == release_id)
    await unit.conn.execute(delete(t.step_log).where(t.step_log.c.run_id.in_(runs)))
    await unit.insert_new(t.expired, {"release_id": release_id, "what": LOGS, "at": at, "things": things})
    return things


async def logs(conn: AsyncConnection, release_id: int) -> dict[str, str]:
    """What the commands of a release's runs said, by run, step and attempt ("production-1/migrate-1")."""
    same = (t.step_log.c.run_id == t.run.c.id, t.run.c.release_id == release_id)
    rows = select(t.run.c.environment, t.run.c.number, t.step_log).where(*same)
    found: dict[str, list[str]] = {}
    order = (t.run.c.number, t.step_log.c.name, t.step_log.c.attempt, t.step_log.c.part)
    for row in await conn.execute(rows.order_by(*order)):
        found.setdefault(f"{row.environment}-{row.number}/{row.name}-{row.attempt}", []).append(row.text)
    return {name: "".join(parts) for name, parts in found.items()}


async def expire_package(unit: Unit, release_id: int, shas: Collection[str], at: datetime) -> None:
    """Delete documents, notes, results, runs and signatures of a release; its own line (number, dates, how it ended)
    stays. What was said in its trail is deleted by `audit.erase`."""
    runs = select(t.run.c.id).where(t.run.c.release_id == release_id)
    await unit.conn.execute(delete(t.step).where(t.step.c.run_id.in_(runs)))
    for table in (t.archive, t.release_notes, t.decision, t.run):
        await unit.conn.execute(delete(table).where(table.c.release_id == release_id))
    await unit.conn.execute(delete(t.evidence).where(t.evidence.c.sha.in_(sorted(shas))))
    await unit.insert_new(t.expired, {"release_id": release_id, "what": PACKAGE, "at": at, "things": []})


# --- months -----------------------------------------------------------------------------------------------------------


async def month(conn: AsyncConnection, product: str, first: date) -> tuple[datetime, datetime | None] | None:
    """When people were told of a month, and when it was done; None for one of which nobody was told."""
    same = (t.retention_month.c.product == product, t.retention_month.c.month == first.isoformat())
    row = (await conn.execute(select(t.retention_month).where(*same))).first()
    return None if row is None else (row.told_at, row.done_at)


async def tell_month(unit: Unit, product: str, first: date, at: datetime) -> bool:
    """False for a month of which somebody has told before."""
    return await unit.insert_new(t.retention_month, {"product": product, "month": first.isoformat(), "told_at": at})


async def end_month(unit: Unit, product: str, first: date, at: datetime) -> bool:
    """False for one that was done before."""
    same = (t.retention_month.c.product == product, t.retention_month.c.month == first.isoformat())
    done = update(t.retention_month).where(*same, t.retention_month.c.done_at.is_(None)).values(done_at=at)
    return (await unit.conn.execute(done)).rowcount == 1


async def open_months(conn: AsyncConnection, product: str) -> list[date]:
    """Months that were told of and are not done."""
    waiting = (t.retention_month.c.product == product, t.retention_month.c.done_at.is_(None))
    rows = await conn.execute(select(t.retention_month.c.month).where(*waiting).order_by(t.retention_month.c.month))
    return [date.fromisoformat(row.month) for row in rows]


# --- whole populations ------------------------------------------------------------------------------------------------


async def ended(conn: AsyncConnection, product: str) -> list[Ended]:
    """Every release of a product that has ended, read beside the event loop: there may be thousands."""
    of_product = (t.release.c.product == product, t.release.c.open.is_(False))
    text = type_coerce(t.release.c.record, Text)
    rows = (await conn.execute(select(t.release.c.id, text.label("record")).where(*of_product))).all()
    return await asyncio.to_thread(lambda: [Ended.of(json.loads(row.record) | {"id": row.id}) for row in rows])


async def started(conn: AsyncConnection, product: str) -> list[dict[str, Any]]:
    """Every release of a product, ended or not, the oldest first: id, version, and its record."""
    rows = select(t.release.c.id, t.release.c.version, t.release.c.record).where(t.release.c.product == product)
    return [dict(row._mapping) for row in await conn.execute(rows.order_by(t.release.c.id))]


async def runs_of(conn: AsyncConnection, release_id: int) -> list[dict[str, Any]]:
    """The runs of a release as they are stored, the oldest first."""
    rows = await conn.execute(select(t.run).where(t.run.c.release_id == release_id).order_by(t.run.c.id))
    return [dict(row._mapping) for row in rows]


async def at_work(conn: AsyncConnection, release_id: int) -> bool:
    """Whether a run of the release goes on, or waits for a person."""
    open_ones = select(t.run.c.id).where(t.run.c.release_id == release_id, t.run.c.ended_at.is_(None)).limit(1)
    return (await conn.execute(open_ones)).first() is not None


async def run_before(conn: AsyncConnection, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The run in the same environment before this one."""
    same = (t.run.c.product == run["product"], t.run.c.environment == run["environment"], t.run.c.id < run["id"])
    row = (await conn.execute(select(t.run).where(*same).order_by(t.run.c.id.desc()).limit(1))).first()
    return None if row is None else dict(row._mapping)


async def runs_between(conn: AsyncConnection, product: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Runs that began in a period, with or without a release."""
    within = (t.run.c.product == product, t.run.c.started_at >= since, t.run.c.started_at < until)
    return [dict(row._mapping) for row in await conn.execute(select(t.run).where(*within).order_by(t.run.c.id))]


async def with_logs(conn: AsyncConnection, product: str) -> set[int]:
    """The releases of whose runs any log is kept."""
    of_product = (t.run.c.id == t.step_log.c.run_id, t.run.c.product == product, t.run.c.release_id.is_not(None))
    return set((await conn.execute(select(t.run.c.release_id).where(*of_product).distinct())).scalars())
