"""A promotion on a large tree against the bare plumbing commands of the same work, and the loop's longest stall."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from bot.integrations.gitrepo import GitRepository, GitSettings
from core.domain.repository import Promote
from tests.bench.history import DEVELOP, MAIN, RELEASE, Bare, wide

AIM, STALL = 1.5, 50.0  # times the plain commands; milliseconds
_AT = datetime(2026, 12, 16, 15, 0, tzinfo=UTC)
_TAG = "refs/tags/v1.3.0"


@dataclass(slots=True)
class Ticker:
    """How long the event loop kept somebody waiting at most, in milliseconds."""

    longest: float = 0.0

    async def run(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, (time.perf_counter() - before) * 1000 - 1)


@contextlib.asynccontextmanager
async def ticking() -> AsyncIterator[Ticker]:
    """A ticker for as long as the block runs."""
    ticker = Ticker()
    task = asyncio.create_task(ticker.run())
    await asyncio.sleep(0.05)
    ticker.longest = 0.0
    yield ticker
    task.cancel()


@dataclass(slots=True)
class Turns:
    """How long each turn took, and how long the loop stalled in any of them at most."""

    seconds: list[float] = field(default_factory=list)
    stall: float = 0.0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        async with ticking() as ticker:
            began = time.perf_counter()
            yield
            self.seconds.append(time.perf_counter() - began)
        self.stall = max(self.stall, ticker.longest)


@dataclass(frozen=True, slots=True)
class Plain:
    """The same promotion by plain git commands, in a clone of its own."""

    remote: Path
    clone: Path
    env: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        subprocess.run(["git", "clone", "--quiet", "--mirror", str(self.remote), str(self.clone)], check=True)
        self.git("commit-graph", "write", "--reachable")

    def git(self, *args: str, stdin: bytes = b"") -> str:
        command = ["git", "--git-dir", str(self.clone), *args]
        done = subprocess.run(command, input=stdin, capture_output=True, check=True, env=os.environ | self.env)
        return done.stdout.decode().strip()

    def promote(self, at: datetime) -> None:
        git, url, seconds = self.git, str(self.remote), int(at.timestamp())
        for role in ("AUTHOR", "COMMITTER"):
            who = {"NAME": "Bench", "EMAIL": "bench@x.example", "DATE": f"@{seconds} +0000"}
            self.env.update({f"GIT_{role}_{what}": value for what, value in who.items()})
        said = git("ls-remote", "--heads", "--tags", url).splitlines()
        refs = {ref: sha for sha, _, ref in (line.partition("\t") for line in said)}
        main, candidate, develop = refs[MAIN], refs[RELEASE], refs[DEVELOP]
        git("merge-base", "--is-ancestor", main, candidate)
        same = git("rev-parse", f"{candidate}^{{tree}}")
        promotion = git("commit-tree", same, "-p", main, "-p", candidate, "-m", "Release v1.3.0")
        words = f"object {promotion}\ntype commit\ntag v1.3.0\ntagger B <b@x> {seconds} +0000\n\nv1.3.0\n"
        tag = git("mktag", stdin=words.encode())
        tree = git("merge-tree", "--write-tree", "-z", "--no-messages", develop, candidate).split("\0")[0]
        back = git("commit-tree", tree, "-p", develop, "-p", promotion, "-m", "Merge v1.3.0 into develop")
        moved = {MAIN: (main, promotion), _TAG: ("", tag), DEVELOP: (develop, back)}
        leases = [f"--force-with-lease={ref}:{old}" for ref, (old, _) in moved.items()]
        git("push", "--atomic", "--porcelain", *leases, url, *(f"{new}:{ref}" for ref, (_, new) in moved.items()))
        assert promotion in git("ls-remote", "--heads", "--tags", url)


def set_back(remote: Bare, heads: dict[str, str]) -> None:
    """The remote as before, without what the last round brought."""
    remote.git("update-ref", "-d", _TAG)
    for ref, sha in heads.items():
        remote.git("update-ref", ref, sha)
    remote.git("prune", "--expire=now")


async def promotion_against_plumbing(folder: Path, rounds: int, files: int) -> dict[str, Any]:
    """Seconds of plan and push, and of the plain commands, by turns on the same remote."""
    remote = wide(folder / "wide.git", files, files // 50)
    heads = {ref: remote.head(ref) for ref in (MAIN, RELEASE, DEVELOP)}
    plain = Plain(remote.path, folder / "plain.git")
    plain.begin()
    repository = GitRepository(GitSettings(str(remote.path), folder / "bot"))
    await repository.look()
    ours, theirs = Turns(), Turns()
    for turn in range(rounds + 1):
        order = Promote(heads[RELEASE], "v1.3.0", _AT + timedelta(minutes=turn), known=(heads[MAIN],))
        async with ours.turn():
            pushed = await repository.push(order, await repository.plan(order))
        assert pushed.outcome == "done", pushed
        await asyncio.to_thread(set_back, remote, heads)
        await repository.look(max_age=0.0)
        async with theirs.turn():
            await asyncio.to_thread(plain.promote, order.made_at)
        await asyncio.to_thread(set_back, remote, heads)
    bot, bare = median(ours.seconds[1:]), median(theirs.seconds[1:])  # the first of each only warms up
    stalls = {"stall_ms": ours.stall, "plain_stall_ms": theirs.stall}
    return {"files": files, "bot": bot, "plain": bare, "ratio": bot / bare} | stalls


def show(console: Console, found: dict[str, Any]) -> bool:
    console.print(
        f"promotion on {found['files']:,} files: {found['bot'] * 1000:.0f} ms, plain commands "
        f"{found['plain'] * 1000:.0f} ms = {found['ratio']:.2f} (aim <= {AIM}); "
        f"the loop stalled {found['stall_ms']:.0f} ms at most (aim < {STALL:.0f}; "
        f"{found['plain_stall_ms']:.0f} ms while the plain commands ran)"
    )
    return bool(found["ratio"] <= AIM and found["stall_ms"] < STALL)
