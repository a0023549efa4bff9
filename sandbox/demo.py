"""`python -m sandbox.demo`: the workspace with its product beside it, as `release-bot demo` starts it.

Prints its address as the first line; by then FOLDER/hosts.json says what a bot has to know of the hosts, by the names
of its settings. Ends with 75 when a person pressed "Start over": who started it starts anew.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sandbox.environments import Environments
from sandbox.product.ci import Ci
from sandbox.product.remote import Product
from sandbox.product.seed import seed
from sandbox.workspace.kept import keep, take_back
from sandbox.workspace.page_api import PageExtras
from sandbox.workspace.records import Json
from sandbox.workspace.workspace import Settings, Workspace

START_OVER = 75
KEEP_EVERY = 3.0
SAID = "said.json"  # in the demo's folder: what was said in the workspace
GRAPH = ("log", "--graph", "--all", "--date-order", "--decorate=short", "--format=%h %s%d", "-n", "60")


class ProductFacts:
    """What runs where, and the history of the repository, for the page."""

    def __init__(self, product: Product, environments: Environments) -> None:
        self._environments = environments
        self._product = product
        self._refs: dict[str, str] = {}
        self._history = ""

    async def __call__(self) -> Json:
        """Read anew each time; the graph only when a ref has moved."""
        refs = await asyncio.to_thread(self._product.refs)
        if refs != self._refs:
            self._refs = refs
            self._history = await asyncio.to_thread(self._product.git, *GRAPH)
        running = await asyncio.to_thread(self._environments.facts, refs)
        names = sorted(ref.removeprefix("refs/heads/").removeprefix("refs/tags/") for ref in refs)
        return {"history": self._history, "refs": names, "note": "They run on this machine.", **running}


def _read(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description="The workspace and its product.")
    parser.add_argument("--folder", type=Path, required=True, help="where product.git is, or is made")
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--bot", required=True, help="where the bot listens")
    parser.add_argument("--ci-token", default="", help="with which the product's pipeline reports; none: it does not")
    parser.add_argument("--words", type=Path, required=True, help="JSON with the commands and shortcuts to offer")
    parser.add_argument("--smooth", action="store_true", help="production has no data that v1.3.0 fails with")
    parser.add_argument("--rate-scale", type=float, default=0.1)
    return parser.parse_args(words)


async def _serve(given: argparse.Namespace) -> int:
    remote = given.folder / "product.git"
    product = Product(remote) if remote.exists() else seed(remote).product
    stop, over = asyncio.Event(), asyncio.Event()

    async def start_over() -> None:
        over.set()
        asyncio.get_running_loop().call_later(0.3, stop.set)  # the page hears the answer first

    offered = json.loads(given.words.read_text(encoding="utf-8"))
    failing = set(filter(None, os.environ.get("PIPELINE_FAILS", "").split(",")))
    ci = Ci(product, f"{given.bot}/evidence", given.ci_token, failing) if given.ci_token else None

    def now() -> datetime:
        return workspace.clock.now()  # the hosts open after the workspace, and date what they do by its clock

    environments = Environments(given.folder / "hosts", product, now, fault=not given.smooth)
    page = PageExtras(
        ProductFacts(product, environments), start_over, ci.again if ci else None, offered["commands"],
        offered["shortcuts"],
    )  # fmt: skip
    settings = replace(
        Settings(),
        bot_url=given.bot,
        port=given.port,
        rate_scale=given.rate_scale,
        page=page,
        start=_start(given.folder),
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Workspace(settings) as workspace, environments:
        take_back(workspace.state, given.folder / SAID)
        (given.folder / "hosts.json").write_text(json.dumps(environments.variables()), encoding="utf-8")
        pipeline = asyncio.create_task(ci.run()) if ci else None
        sys.stdout.write(f"{workspace.url}\n")
        sys.stdout.flush()
        kept = Keeping(given.folder, workspace, environments)
        await _until(stop, kept.once)
        if pipeline is not None:
            pipeline.cancel()
            await asyncio.gather(pipeline, return_exceptions=True)
    return START_OVER if over.is_set() else 0


async def _until(stop: asyncio.Event, keep: Callable[[], None]) -> None:
    """Until told to stop, or until who started us is gone; the hour is kept on the way."""
    parent = os.getppid()
    while not stop.is_set() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), KEEP_EVERY)
        keep()


def _start(folder: Path) -> str:
    """Release time goes on where it stood: the bot's releases are kept."""
    try:
        return (folder / "clock").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return Settings().start


@dataclass
class Keeping:
    """What is written to the demo's folder now and then, so that it goes on there the next time."""

    folder: Path
    workspace: Workspace
    environments: Environments
    _said: int = -1

    def once(self) -> None:
        """Hour and environments each time; what was said when something was."""
        self.environments.keep()
        (self.folder / "clock").write_text(self.workspace.clock.now().isoformat(), encoding="utf-8")
        if self._said != self.workspace.state.seq:
            self._said = self.workspace.state.seq
            keep(self.workspace.state, self.folder / SAID)


def main() -> None:
    """Serve until stopped."""
    given = _read(sys.argv[1:])
    try:
        sys.exit(asyncio.run(_serve(given)))
    except OSError as fault:
        if fault.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        sys.exit(f"Port {given.port} is taken or not allowed. End what uses it, or choose another one with --port.")


if __name__ == "__main__":
    main()
