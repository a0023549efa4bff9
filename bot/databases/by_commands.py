"""A database that only the policy's own commands understand: they back it up, restore it and count its rows."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.databases.address import SCRATCH, VARIABLE, Address
from bot.databases.content import Content, Table
from bot.databases.engine import Dumped, Newer, changed_tables
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.process import Runner
from core.domain.policy_pipeline import Database

FILE = "BACKUP_FILE"  # the variable that tells the commands where the backup is, or shall be


@dataclass(frozen=True, slots=True)
class ByCommands:
    """`count` prints one line for each table: its name, its rows, and if it can a digest of what is in it."""

    address: Address
    rules: Database
    runner: Runner
    checkout: Path
    scratch: Address | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def size(self) -> int:
        return 0  # nobody can tell beforehand

    async def shape(self) -> Content:
        return await self.content()

    async def content(self) -> Content:
        return await self._count(self.address)

    async def revision(self) -> str:
        return ""

    async def dump(self, file: Path) -> Dumped:
        content = await self._count(self.address)
        await self._run("backup", self.rules.backup, self.address, file, Exit.NOT_BEGUN)
        if not (await asyncio.to_thread(file.stat)).st_size:
            raise DatabaseFault(Exit.NOT_RESTORABLE, "The policy's backup command wrote nothing into BACKUP_FILE.")
        return Dumped(content, {"server": "", "tool": self.rules.backup[0]})

    async def rehearse(self, file: Path) -> Content:
        if self.scratch is None:
            words = "A restore point has to be proven in a scratch database"
            raise DatabaseFault(Exit.NOT_RESTORABLE, f"{words}: set {SCRATCH} to one that may be replaced.")
        if self.scratch.print == self.address.print:
            words = f"{SCRATCH} is the product's own database; it would be overwritten."
            raise DatabaseFault(Exit.NOT_RESTORABLE, words)
        await self._run("restore", self.rules.restore, self.scratch, file, Exit.NOT_RESTORABLE)
        return await self._count(self.scratch)

    async def put_back(self, file: Path) -> None:
        await self._run("restore", self.rules.restore, self.address, file, Exit.HALFWAY)

    async def newer(self, then: Content, now: Content) -> Sequence[Newer]:
        return [
            Newer(name, max(0, table.rows - (old.rows if old else 0)), exact=False, whole=old is None)
            for name, old, table in changed_tables(then, now)
        ]

    async def _count(self, address: Address) -> Content:
        lines = await self._run("count", self.rules.count, address, None, Exit.NOT_BEGUN)
        tables = {}
        for line in lines:
            words = line.split()
            if len(words) < 2 or not words[1].isdigit():
                raise DatabaseFault(Exit.NOT_BEGUN, f"The policy's count command prints no rows here: {line[:100]}")
            tables[words[0]] = Table(int(words[1]), hashlib.sha256(" ".join(words[2:]).encode()).hexdigest()[:32])
        from bot.clock import SystemClock  # it comes with much that a migration should not wait for

        return Content(tables, SystemClock().now().isoformat())

    async def _run(
        self, what: str, command: Sequence[str], address: Address, file: Path | None, code: Exit
    ) -> list[str]:
        if not command:
            words = f"The policy names no `{what}` command for this database, and its kind is `commands`."
            raise DatabaseFault(Exit.NOT_BEGUN, words)
        env = {**self.environment, VARIABLE: address.text} | ({FILE: str(file)} if file else {})
        ended = await self.runner.run(command, cwd=self.checkout, env=env, quiet=what == "count")
        if ended.rc:
            halfway = " Nobody can tell what is in the database now." if code is Exit.HALFWAY else ""
            raise DatabaseFault(code, f"The policy's {what} command failed: {ended.why}.{halfway}")
        return [line for line in ended.lines if line.strip()]
