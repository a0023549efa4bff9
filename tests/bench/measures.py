"""Metrics: a year of 10,000 deployments and 100,000 changes counted, against the same rows merely read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from sqlalchemy import insert, select

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.metrics.rows import Brought, Deployment, Quality, Story, Told, Trouble, Wait
from core.store import measures
from core.store import tables as t
from core.store.engines import Database
from core.store.reads import Reads
from core.store.records import encode
from core.store.unit_of_work import Store
from core.store.upgrade import upgrade
from core.usecases.context import Context
from core.usecases.metrics import measured, period
from tests.core.domain.world import policy

AIMS = {"ratio": 3.0, "seconds": 1.0}
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=364)
PIECE = 5_000


async def year_against_rows(folder: Path, rounds: int, deployments: int, changes: int) -> dict[str, Any]:
    """Seconds for the report of the year, and for reading the same columns of the same rows, the middle of rounds."""
    url = f"sqlite+aiosqlite:///{folder / 'measures.db'}"
    await upgrade(url)
    database = Database.open(url)
    try:
        store, clock = Store(database, "bench"), HandClock(NOW)
        await bring_in(store, clock, policy())
        ctx = Context(store, Reads(database), clock, None, policy().product.key)  # type: ignore[arg-type]
        await _fill(database, ctx.product, deployments, changes)
        asked = await period(ctx, "last 364 days")
        counted, read = [], []
        for _ in range(max(3, rounds)):
            begin = time.perf_counter()
            rows = await _rows(database)
            read.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            found = await measured(ctx, asked)
            counted.append(time.perf_counter() - begin)
            assert (found.measure("lead_time").n, len(found.points)) == (changes, deployments)
            assert rows == changes + 2 * deployments
    finally:
        await database.close()
    ours, bare = median(counted), median(read)
    return {"deployments": deployments, "changes": changes, "counted": ours, "read": bare, "ratio": ours / bare}


async def _rows(database: Database) -> int:
    """Every row and column that the report needs, read and thrown away."""
    found = 0
    async with database.reader.connect() as conn:
        for columns in (measures._deployment_columns(), measures._change_columns(), [t.release_story.c.record]):
            found += len((await conn.execute(select(*columns))).all())
    return found


async def _fill(database: Database, product: str, deployments: int, changes: int) -> None:
    gap, each = timedelta(days=364) / (deployments + 1), changes // deployments
    released: list[dict[str, Any]] = []
    rows: dict[Any, list[dict[str, Any]]] = {t.shipped_deployment: [], t.shipped_change: [], t.release_story: []}
    for n in range(1, deployments + 1):
        at = START + gap * n
        released.append(_release(product, n))
        failed = ("rolled back", "incident")[n % 2] if n % 7 == 0 else ""
        well = at + timedelta(minutes=n % 300) if failed else None
        begun, seen = at - timedelta(minutes=9), at if failed else None
        done = Deployment(n, 1, f"1.{n}.0", "minor", "regular", begun, at, True, 1, failed, seen, False, well)  # type: ignore[arg-type]
        values = {("release_id" if k == "release" else k): v for k, v in encode(done).items()}
        dates = {k: getattr(done, k) for k in ("started_at", "finished_at", "signal_at", "recovered_at", "back_at")}
        rows[t.shipped_deployment].append(values | dates | {"product": product})
        for k in range(each):
            one = Brought(n, f"#{k}", "regular", at, 3600 * (n * k % 999), 4000 * (n * k % 999), k % 5 > 0)
            rows[t.shipped_change].append(measures._change(product, one))
        told = Story(n, f"1.{n}.0", "minor", "regular", at - timedelta(days=9), at - timedelta(days=2), at, n % 6,
                     tuple(Wait(role, at - timedelta(days=2), at - timedelta(days=1)) for role in ("pm", "lead")),
                     incidents=(Trouble("", at, at),) if failed else (), told=(Told("bug", at),) if n % 3 == 0 else (),
                     quality=Quality(80.0 + n % 9, n % 40, 0))  # fmt: skip
        rows[t.release_story].append({
            "release_id": n, "product": product, "started_at": told.started_at, "last_at": told.last_at,
            "record": encode(told),
        })  # fmt: skip
    for table, values in {t.release: released, **rows}.items():
        for at in range(0, len(values), PIECE):
            async with database.writing() as connection:
                await connection.execute(insert(table), values[at : at + PIECE])


def _release(product: str, number: int) -> dict[str, Any]:
    return {
        "id": number, "product": product, "version": f"1.{number}.0", "type": "minor", "train": None,
        "departs_at": None, "phase": "closed", "epoch": 1, "held": False, "digest": "", "open": False, "wake_at": None,
        "policy_hash": "", "record": {}, "facts": {}, "facts_seq": 0,
    }  # fmt: skip


def show(console: Console, r: dict[str, Any]) -> bool:
    console.print(
        f"metrics of a year, {r['deployments']:,} deployments and {r['changes']:,} changes: {r['counted']:.2f} s, the "
        f"rows merely read {r['read']:.2f} s = {r['ratio']:.2f} (aim <= {AIMS['ratio']:g}; under {AIMS['seconds']:g} s)"
    )
    return bool(r["ratio"] <= AIMS["ratio"])
