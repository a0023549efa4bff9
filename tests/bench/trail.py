"""The trail proven against a loop that reads the same rows and only hashes them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from sqlalchemy import insert

from core.store import audit
from core.store import tables as t
from core.store.engines import Database
from core.store.unit import body_digest, entry_hash
from core.store.upgrade import upgrade

AIM = 0.5
CHAINS, PIECE = 40, 5_000
BODY = '{"from":"preparation","input":{"reason":"%d"},"roles":["release_manager"],"to":"preparation","via":"button"}'


async def verify_against_hashing(folder: Path, rounds: int, entries: int) -> dict[str, Any]:
    """Entries a second of `audit.verify`, and of the bare loop, the middle of rounds."""
    url = f"sqlite+aiosqlite:///{folder / 'trail.db'}"
    await upgrade(url)
    database = Database.open(url)
    try:
        await _fill(database, entries)
        ours, bare = [], []
        for _ in range(max(3, rounds)):
            begin = time.perf_counter()
            assert await _only_hashed(database) == entries
            bare.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            report = await audit.verify(database)
            ours.append(time.perf_counter() - begin)
            assert (report.faults, report.entries) == ([], entries)
    finally:
        await database.close()
    verified, hashed = entries / median(ours), entries / median(bare)
    return {"entries": entries, "verified": verified, "hashed": hashed, "ratio": verified / hashed}


async def _only_hashed(database: Database) -> int:
    """The same pieces, both hashes of each row, and nothing is compared with anything."""
    count, previous = 0, ""
    async for rows in audit._pieces(database, audit.PIECE, None):
        for chain, seq, at, actor, verb, policy, digest, _, salt, body in rows:
            hashlib.sha256((salt + body).encode()).hexdigest()
            told = f"{previous}1\n{chain}\n{seq}\n{at}\n{actor}\n{verb}\n{policy}\n{digest}"
            previous = hashlib.sha256(told.encode()).hexdigest()
            count += 1
    return count


async def _fill(database: Database, entries: int) -> None:
    each = entries // CHAINS
    names = ("chain", "seq", "at", "actor", "verb", "policy", "body_digest")
    for number in range(CHAINS):
        chain, link, links, bodies = f"release:{number}", "", [], []
        for seq in range(1, each + 1):
            text, salt = BODY % seq, f"{seq:032x}"
            fields = (chain, seq, f"2026-{seq:012d}", "U0PRIYA", "approve", "p" * 64, body_digest(salt, text))
            link = entry_hash(link, fields)
            links.append({**dict(zip(names, fields, strict=True)), "hash": link})
            bodies.append({"chain": chain, "seq": seq, "salt": salt, "body": text})
        async with database.writing() as connection:
            for at in range(0, each, PIECE):
                await connection.execute(insert(t.audit), links[at : at + PIECE])
                await connection.execute(insert(t.audit_body), bodies[at : at + PIECE])
            head = {"name": chain, "seq": each, "hash": link, "at": links[-1]["at"]}
            await connection.execute(insert(t.chain).values(**head))


def show(console: Console, found: dict[str, Any]) -> bool:
    console.print(
        f"the trail proven: {found['verified']:,.0f} entries a second of {found['entries']:,}, only read and hashed "
        f"{found['hashed']:,.0f} = {found['ratio']:.2f} (aim >= {AIM})"
    )
    return bool(found["ratio"] >= AIM)
