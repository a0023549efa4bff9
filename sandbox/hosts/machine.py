"""The machine behind the hosts: it checks commits out, builds them, runs them as processes, and ends them all."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import socket
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from sandbox.hosts.front import Front
from sandbox.hosts.yard import Broken, Deployment, Place
from sandbox.product.remote import Product

HERE = Path(__file__).parent
HEALTHY_WITHIN = 15.0
LOOK_EVERY = 0.05
GRACE = 3.0
LOG_LINES = 200


@dataclass
class Running:
    """A process of the product, and where it listens."""

    process: asyncio.subprocess.Process
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Machine:
    """A worker of yards: everything lies in `folder`, each deployment in its own part of it."""

    product: Product
    folder: Path
    fronts: dict[str, Front] = field(default_factory=dict)
    _running: dict[str, Running] = field(default_factory=dict)
    _known: dict[str, Deployment] = field(default_factory=dict)
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    async def add(self, place: Place, port: int = 0) -> str:
        """The stable address of a place."""
        front = self.fronts[place.id] = Front(port)
        await front.open()
        return front.url

    def database(self, place: Place) -> Path:
        """The database file of a place; it stays when versions come and go."""
        return self.folder / "data" / f"{place.database or place.id}.db"

    def commit(self, name: str) -> str | None:
        for one in (name, f"refs/heads/{name}"):
            with contextlib.suppress(RuntimeError):
                return self.product.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{one}^{{commit}}")
        return None

    async def build(self, one: Deployment) -> None:
        folder = self._folder(one)
        await asyncio.to_thread(self._check_out, one.commit, folder)
        one.log.append(f"checked out {one.commit[:12]}")
        if one.place.kind == "static":
            scratch = {"DATABASE": str(folder / "build.db")}
            await self._run(one, [str(HERE / "pages.py"), str(folder / "public")], scratch)

    async def start(self, one: Deployment) -> None:
        """A backend has to answer that it is well before it gets a request."""
        self._known[one.id] = one
        if one.place.kind == "static" or one.id in self._running:
            return
        if not self._folder(one).is_dir():
            await self.build(one)
        self.database(one.place).parent.mkdir(parents=True, exist_ok=True)
        port = _free_port()
        words = [str(HERE / "child.py"), str(os.getpid()), "asset_anchor", str(port)]
        process = await self._process(one, words, {"DATABASE": str(self.database(one.place))})
        running = self._running[one.id] = Running(process, port)
        self._reading.add(task := asyncio.create_task(_read(process, one)))
        task.add_done_callback(self._reading.discard)
        try:
            await self._healthy(running)
        except Broken:
            await self._end(one.id)
            raise

    async def serve(self, place: Place, shares: Mapping[str, int]) -> None:
        for id in shares:
            await self.start(self._known[id])
        self.fronts[place.id].behind = [(self._behind(id), share) for id, share in shares.items()]
        others = [id for id, one in self._known.items() if one.place is place and id not in shares]
        for id in others:
            if self._known[id].state in ("live", "replaced", "failed", "cancelled"):
                await self._end(id)

    def what_runs(self) -> dict[str, dict[str, object]]:
        """Place -> its address, and the commits behind it with their share."""
        known = {self._behind(id): one for id, one in self._known.items() if self._is_up(one)}
        return {
            name: {
                "url": front.url,
                "behind": [{"commit": known[at].commit, "share": share} for at, share in front.behind if at in known],
            }
            for name, front in self.fronts.items()
        }

    async def close(self) -> None:
        """Nothing that was started here is left."""
        for id in list(self._running):
            await self._end(id)
        await asyncio.gather(*self._reading, return_exceptions=True)
        for front in self.fronts.values():
            await front.close()

    def _is_up(self, one: Deployment) -> bool:
        return one.place.kind == "static" or one.id in self._running

    def _behind(self, id: str) -> str | Path:
        one = self._known[id]
        return self._folder(one) / "public" if one.place.kind == "static" else self._running[id].url

    def _folder(self, one: Deployment) -> Path:
        return self.folder / one.place.id / one.commit

    def _check_out(self, commit: str, folder: Path) -> None:
        if (folder / "VERSION").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder.with_name(f"{commit}.tar")
        self.product.git("archive", "--format=tar", f"--output={archive}", commit)
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as packed:
            packed.extractall(folder, filter="data")
        archive.unlink()

    async def _run(self, one: Deployment, words: list[str], more: Mapping[str, str]) -> None:
        process = await self._process(one, words, more)
        told, _ = await process.communicate()
        one.log += told.decode(errors="replace").splitlines()[-LOG_LINES:]
        if process.returncode != 0:
            raise Broken(f"the build ended with {process.returncode}")

    async def _process(self, one: Deployment, words: list[str], more: Mapping[str, str]) -> asyncio.subprocess.Process:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=self._folder(one), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **more},
        )  # fmt: skip

    async def _healthy(self, running: Running) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + HEALTHY_WITHIN
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2.0)) as session:
            while loop.time() < end:
                if running.process.returncode is not None:
                    raise Broken(f"it ended by itself with {running.process.returncode}")
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with session.get(f"{running.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(LOOK_EVERY)
        raise Broken("it never answered that it is well")

    async def _end(self, id: str) -> None:
        running = self._running.pop(id, None)
        if running is None or running.process.returncode is not None:
            return
        running.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(running.process.wait(), GRACE)
        except TimeoutError:
            running.process.kill()
            await running.process.wait()


async def _read(process: asyncio.subprocess.Process, one: Deployment) -> None:
    assert process.stdout is not None, "its output is piped"
    async for line in process.stdout:
        one.log.append(line.decode(errors="replace").rstrip()[:500])
        del one.log[:-LOG_LINES]


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port
