"""`make bench`: the signed `/release status` against a bare Bolt app, a large store against a small one, git by git.

What counts is the ratio to the baseline of the same run; figures alone say little about another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.collector import leave_out_what_stays
from tests.bench import charts, drafting, flags, measures, pipelines, promotion, ranges, ticks, trail, weeks
from tests.bench.load import Figures
from tests.bench.stage import SECRET, free_port, load, memory_of, process, stage

ROUNDS, SECONDS = 3, 3.0
AIMS = {"bare": 0.35, "default": 1.0, "grown": 1.3}


def middle(found: list[Figures]) -> Figures:
    return Figures(
        median(f.rate for f in found),
        median(f.p50 for f in found),
        median(f.p99 for f in found),
        sum(f.wrong for f in found),
    )


async def status_against_bolt(folder: Path, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Requests a second of the bot with 1,000 releases, of Bolt answering before, and of Bolt's default runner."""
    rows = []
    before, default = free_port(), free_port()
    async with stage(folder / "status", 1_000, 10_000) as s:
        with (
            process("-m", "bot", "serve", port=s.port, env=s.env) as bot,
            process("-m", "tests.bench.bare", str(before), SECRET, "before", port=before),
            process("-m", "tests.bench.bare", str(default), SECRET, "default", port=default),
        ):
            for connections in (1, 16):
                found: dict[str, list[Figures]] = {"bot": [], "before": [], "default": []}
                for _ in range(rounds):
                    found["bot"].append(load(s.port, connections, seconds, "status", "v1.3.0"))
                    found["before"].append(load(before, connections, seconds, "status", ""))
                    found["default"].append(load(default, connections, seconds, "status", ""))
                ours, bare, runner = (middle(found[k]) for k in ("bot", "before", "default"))
                rows.append(
                    {
                        "connections": connections,
                        "bot": ours.rate,
                        "p50": ours.p50,
                        "p99": ours.p99,
                        "wrong": ours.wrong,
                        "bare": bare.rate,
                        "default": runner.rate,
                        "ratio_bare": ours.rate / bare.rate,
                        "ratio_default": ours.rate / runner.rate,
                        "memory_mib": memory_of(bot),
                    }
                )
    return rows


async def grown_against_small(folder: Path, rounds: int, seconds: float, releases: int, entries: int) -> dict[str, Any]:
    """The middle answer time with a large store against the same with 10 releases, one connection."""
    async with stage(folder / "small", 10, 100) as small, stage(folder / "large", releases, entries) as large:
        with (
            process("-m", "bot", "serve", port=small.port, env=small.env),
            process("-m", "bot", "serve", port=large.port, env=large.env),
        ):
            a, b = [], []
            for _ in range(rounds):
                a.append(load(small.port, 1, seconds, "status", "v1.3.0"))
                b.append(load(large.port, 1, seconds, "status", "v1.3.0"))
    few, many = middle(a), middle(b)
    return {
        "releases": releases,
        "entries": entries,
        "small_p50": few.p50,
        "large_p50": many.p50,
        "ratio": many.p50 / few.p50,
        "wrong": few.wrong + many.wrong,
    }


def show(console: Console, status: list[dict[str, Any]], grown: dict[str, Any]) -> bool:
    """Print the ratios with their aims; returns whether all were met and no answer was wrong."""
    table = Table(
        "signed /release status",
        "connections",
        "bot /s",
        "p50 ms",
        "bare Bolt /s",
        "ratio",
        "aim",
        "default Bolt /s",
        "ratio",
        "MiB",
    )
    good = grown["wrong"] == 0 and grown["ratio"] <= AIMS["grown"]
    for r in status:
        good = good and not r["wrong"] and r["ratio_bare"] >= AIMS["bare"] and r["ratio_default"] > AIMS["default"]
        table.add_row(
            "1,000 releases",
            str(r["connections"]),
            f"{r['bot']:.0f}",
            f"{r['p50']:.2f}",
            f"{r['bare']:.0f}",
            f"{r['ratio_bare']:.2f}",
            f">= {AIMS['bare']}",
            f"{r['default']:.0f}",
            f"{r['ratio_default']:.1f}",
            f"{r['memory_mib']:.0f}",
        )
    console.print(table)
    console.print(
        f"{grown['releases']:,} releases and {grown['entries']:,} entries against 10 and 100: p50 "
        f"{grown['large_p50']:.2f} / {grown['small_p50']:.2f} ms = {grown['ratio']:.2f} (aim <= {AIMS['grown']})"
    )
    return bool(good)


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, to see that it runs")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    rounds, seconds = (1, 1.0) if options.quick else (ROUNDS, SECONDS)
    releases, entries = (200, 5_000) if options.quick else (10_000, 1_000_000)
    files, commits = (2_000, 2_000) if options.quick else (50_000, 40_000)
    console = Console(width=140)
    leave_out_what_stays()  # as `serve` does: what is timed here works inside the bot's process
    with tempfile.TemporaryDirectory(prefix="release-bot-bench-") as name:
        promoted = await promotion.promotion_against_plumbing(Path(name), 3 * rounds, files)
        read = await ranges.ranges_against_git(Path(name), rounds, commits)
        drafted = await drafting.drafts_against_tools(Path(name), rounds, 3 if options.quick else 12)
        asked = await flags.flags_against_others(Path(name), rounds, seconds)
        piped = await pipelines.pipeline_against_commands(Path(name), 1 if options.quick else 3, 1.0)
        sizes = (500, 5_000) if options.quick else (10_000, 100_000)
        counted = await measures.year_against_rows(Path(name), rounds, *sizes)
        proven = await trail.verify_against_hashing(Path(name), rounds, 20_000 if options.quick else 400_000)
        drawn = await charts.clicks_beside_charts(Path(name), rounds, seconds, 60 if options.quick else 150)
        ticked = await ticks.tick_against_small(rounds, 500 if options.quick else 10_000)
        crowd = await ticks.due_at_once(Path(name) / "crowd", 60 if options.quick else 500, 3 * rounds * seconds)
        played = weeks.weeks_simulated(Path(name), options.quick)
        status = await status_against_bolt(Path(name), rounds, seconds)
        grown = await grown_against_small(Path(name), rounds, seconds, releases, entries)
    shown = [show(console, status, grown), promotion.show(console, promoted), ranges.show(console, read)]
    shown += [drafting.show(console, drafted), flags.show(console, asked), pipelines.show(console, piped)]
    shown += [measures.show(console, counted), charts.show(console, drawn), trail.show(console, proven)]
    shown += [ticks.show(console, ticked, crowd), weeks.show(console, played)]
    if options.json:
        figures = {"status": status, "grown": grown, "git": [promoted, read], "notes": drafted, "flags": asked}
        figures |= {"pipeline": piped, "metrics": counted, "charts": drawn, "trail": proven, "weeks": played}
        options.json.write_text(json.dumps(figures, indent=1))
    return 0 if all(shown) else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
