"""Staging and production of the product on this machine: hosts, what they run, data; kept between two starts."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sandbox.hosts.machine import Machine
from sandbox.hosts.server import TOKENS, Hosts, Settings
from sandbox.hosts.yard import Place
from sandbox.product.remote import Product
from sandbox.workspace.records import Json

FIRST = "v1.2.2"  # what runs when the demo begins
Env = Literal["staging", "production"]
ENVIRONMENTS: tuple[Env, ...] = ("production", "staging")
PLACES: dict[tuple[str, Env], tuple[str, Place]] = {
    ("backend", "production"): ("render", Place("srv-backend", database="production")),
    ("backend", "staging"): ("render", Place("srv-backend-staging", database="staging")),
    ("frontend", "production"): ("vercel", Place("prj_asset-anchor", "static")),
    ("frontend", "staging"): ("vercel", Place("prj_asset-anchor-staging", "static")),
}
# What production has beside the first tables. The last payment came from an older system and has no day.
REAL_DATA = """
INSERT INTO owner (name) VALUES ('Bell & Daughters'), ('Orchard Homes');
INSERT INTO property (owner, name, city, rent) VALUES
  (4, 'Canal Row 7', 'Albany', 133000), (5, 'Pine 2', 'Troy', 98000);
INSERT INTO payment (property, day, cents) VALUES
  (1, '2026-09-01', 182000), (2, '2026-09-01', 149000), (3, '2026-09-02', 211500), (4, '2026-10-01', 133000),
  (1, '2026-10-01', 182000), (5, '2026-11-01', 98000);
"""
WITHOUT_A_DAY = "INSERT INTO payment (property, day, cents) VALUES (3, '', 211500);"


@dataclass
class Environments:
    """`async with Environments(...)`: both run, each with a backend on a database of its own and a frontend.

    `fault`: production has a payment that the version to come cannot read. `now` is release time, by which the hosts
    date what they do.
    """

    folder: Path
    product: Product
    now: Callable[[], datetime]
    fault: bool = True
    urls: dict[tuple[str, Env], str] = field(default_factory=dict)
    _hosts: Hosts | None = None
    _refs: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        machine = Machine(self.product, self.folder)
        self._hosts = await Hosts(machine, Settings(now=self.now)).__aenter__()
        known = self._kept()
        for env in ENVIRONMENTS:
            await asyncio.to_thread(self._prepare, machine.database(PLACES["backend", env][1]), env)
        for key, (host, place) in PLACES.items():
            self.urls[key] = await self._hosts.add(host, place)
            commit = known.get(place.id) or self.product.commit_of(f"refs/tags/{FIRST}")
            self._hosts.doors[host].yard.begin(place, commit, "api")
        for host in ("render", "vercel"):
            await self._hosts.doors[host].yard.settle()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.keep()
        assert self._hosts is not None, "it was never entered"
        await self._hosts.__aexit__(kind, fault, trace)

    def variables(self) -> dict[str, str]:
        """What a bot has to be told, by the names of its settings and of the policy."""
        assert self._hosts is not None, "it was never entered"
        machine = self._hosts.worker
        assert isinstance(machine, Machine)
        told = {
            "RENDER_API_URL": f"{self._hosts.url}/render/v1/",
            "RENDER_API_KEY": TOKENS["render"],
            "VERCEL_API_URL": f"{self._hosts.url}/vercel/",
            "VERCEL_TOKEN": TOKENS["vercel"],
            "VERCEL_TEAM_ID": self._hosts.vercel.team,
        }
        for env, ending in (("production", ""), ("staging", "_STAGING")):
            file = machine.database(PLACES["backend", env][1])  # type: ignore[index]
            told[f"DATABASE_URL_{env.upper()}"] = f"sqlite:///{file.resolve()}"
            for service in ("backend", "frontend"):
                told[f"{service.upper()}_URL{ending}"] = self.urls[service, env]  # type: ignore[index]
        return told

    def facts(self, refs: Mapping[str, str]) -> Json:
        """What really serves where, for the page: version and address of each backend, and of its frontend."""
        assert self._hosts is not None, "it was never entered"
        runs: Json = self._hosts.what_runs()
        told: Json = {}
        for (service, env), (_, place) in PLACES.items():
            commits = [behind["commit"] for behind in runs[place.id].get("behind", ())]
            version = self._named(commits, refs) if commits else "nothing"
            one: Json = {"url": self.urls[service, env], "version": version}
            if service == "backend":
                told[env] = one
            else:
                told[env]["frontend"] = one
        return told

    def _named(self, commits: Sequence[str], refs: Mapping[str, str]) -> str:
        """The tag of what serves, else its version and commit; read again when a ref has moved."""
        if refs != self._refs:
            self._refs, self._names = dict(refs), {}
        if commits[0] not in self._names:
            tags = self.product.git("tag", "--points-at", commits[0], "--sort=-creatordate").split()
            found = next((tag for tag in tags if "rc" not in tag), tags[0] if tags else "")
            version = found or f"v{self.product.read(commits[0], 'VERSION').strip()} at {commits[0][:7]}"
            self._names[commits[0]] = version
        return self._names[commits[0]]

    # -- data --------------------------------------------------------------------------------------------------------

    def _prepare(self, database: Path, env: Env) -> None:
        """The database as the first version has it, with its data; one that is there is left as it is."""
        if database.exists():
            return
        database.parent.mkdir(parents=True, exist_ok=True)
        tree = self.folder / "first"
        tree.mkdir(exist_ok=True)
        archive = tree / "first.tar"
        self.product.git("archive", "--format=tar", f"--output={archive}", f"refs/tags/{FIRST}")
        shutil.unpack_archive(archive, tree, filter="data")
        subprocess.run(
            [sys.executable, "-m", "asset_anchor.store", "up"], cwd=tree, check=True, capture_output=True,
            env={"PATH": os.environ.get("PATH", ""), "DATABASE": str(database), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        shutil.rmtree(tree)
        if env == "production":
            with sqlite3.connect(database) as connection:
                connection.executescript(REAL_DATA + (WITHOUT_A_DAY if self.fault else ""))

    # -- kept --------------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Remember what serves, for the next start."""
        assert self._hosts is not None, "it was never entered"
        serving = {
            place: told["behind"][0]["commit"] for place, told in self._hosts.what_runs().items() if told.get("behind")
        }
        if serving:
            (self.folder / "serving.json").write_text(json.dumps(serving), encoding="utf-8")

    def _kept(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads((self.folder / "serving.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found
