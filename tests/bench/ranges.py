"""Reading a range, what shipped before and what differs, each against its own git command on a long history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from bot.integrations.gitrepo import GitRepository, GitSettings
from tests.bench.history import DEVELOP, MAIN, RELEASE, Bare, long
from tests.bench.promotion import STALL, ticking

AIMS = {"read": 4.0, "shipped": 1.5, "difference": 1.5}
WHOLE = "--format=%H%x00%P%x00%an%x00%ae%x00%ct%x00%s%x00%b"


async def timed(rounds: int, **works: Callable[[], Awaitable[object]]) -> dict[str, float]:
    """The middle seconds of each, by turns: what else the machine does hits all of them."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            began = time.perf_counter()
            await work()
            found[name].append(time.perf_counter() - began)
    return {name: median(times[1:]) for name, times in found.items()}


def _some(path: str) -> bool:
    return path.endswith("0.txt")


async def ranges_against_git(folder: Path, rounds: int, commits: int) -> dict[str, Any]:
    """Seconds of each read and of the plain git command that finds the same, in one clone with a commit-graph.

    `shipped` is what `read_range` takes longer when it is asked about another line, against `git log --cherry-mark`.
    """
    remote = long(folder / "long.git", commits, min(200, commits // 10))
    main, release, develop = (remote.head(ref) for ref in (MAIN, RELEASE, DEVELOP))
    repository = GitRepository(GitSettings(str(remote.path), folder / "bot"))
    await repository.look()
    clone = Bare(folder / "bot" / "product")
    recent = clone.git("rev-parse", f"{DEVELOP}~{min(commits - 1, 1000)}")

    def plain(*args: str, stdin: bytes = b"") -> Callable[[], Awaitable[str]]:
        return lambda: asyncio.to_thread(clone.git, *args, stdin=stdin)

    wanted = [f"{ref}:part0/folder{n // 50}/file{n % 50}.txt\n" for n in range(0, 400, 10) for ref in (recent, develop)]
    marked = ("log", "--cherry-mark", "--left-right", "--no-merges", "--format=%m %H", f"{develop}...{release}")
    async with ticking() as ticker:
        took = await timed(
            rounds,
            whole=lambda: repository.read_range(main, develop),
            plain_whole=plain("log", WHOLE, f"{main}..{develop}"),
        )
        took |= await timed(
            rounds * 3,
            near=lambda: repository.read_range(recent, develop),
            both=lambda: repository.read_range(recent, develop, against=[release]),
            plain_marked=plain(*marked, f"^{recent}"),
            difference=lambda: repository.difference(recent, develop, _some),
            plain_names=plain("diff", "--raw", "-M", recent, develop),
            plain_texts=plain("cat-file", "--batch", stdin="".join(wanted).encode()),
        )
    read = await repository.read_range(recent, develop, against=[release])
    return {
        "commits": commits, "found": len(read.shipped), "stall_ms": ticker.longest, "seconds": took,
        "read": took["whole"] / took["plain_whole"],
        "shipped": (took["both"] - took["near"]) / took["plain_marked"],
        "difference": took["difference"] / (took["plain_names"] + took["plain_texts"]),
    }  # fmt: skip


def show(console: Console, found: dict[str, Any]) -> bool:
    ratios = ", ".join(f"{name} {found[name]:.2f} (aim <= {aim})" for name, aim in AIMS.items())
    console.print(
        f"{found['commits']:,} commits read in {found['seconds']['whole']:.2f} s; against git itself: {ratios}; "
        f"the loop stalled {found['stall_ms']:.0f} ms at most (aim <= {STALL:.0f})"
    )
    return found["stall_ms"] <= STALL and all(found[name] <= aim for name, aim in AIMS.items())
