"""`release-bot simulate`: seconds and memory of a process that plays half a year and a year."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
AIM = 10.0  # seconds for 26 weeks
SPANS = (26, 52)


def weeks_simulated(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """One process for each span, as somebody types it, on the shipped policy and without a store."""
    return [_once(folder, weeks) for weeks in ((2,) if quick else SPANS)]


def _once(folder: Path, weeks: int) -> dict[str, Any]:
    env = os.environ | {"DATA_DIR": str(folder / "none"), "RELEASE_POLICY": str(ROOT / "release_policy.toml")}
    first = date.today() + timedelta(days=7)  # noqa: DTZ011  (any day ahead will do)
    words = ["simulate", "--from", first.isoformat(), "--weeks", str(weeks)]
    began = time.perf_counter()
    done = subprocess.Popen([sys.executable, "-m", "bot", *words], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(done.pid, 0)
    took = time.perf_counter() - began
    busy, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return {"weeks": weeks, "seconds": took, "busy": busy, "peak_mib": peak, "failed": status != 0}


def show(console: Console, found: list[dict[str, Any]]) -> bool:
    for one in found:
        aim = f" (aim < {AIM:g})" if one["weeks"] == 26 else ""
        console.print(
            f"{one['weeks']} weeks simulated in {one['seconds']:.1f} s{aim}, {one['busy']:.1f} s of them busy, "
            f"{one['peak_mib']:.0f} MiB"
        )
    return all(not one["failed"] and (one["weeks"] != 26 or one["seconds"] < AIM) for one in found)
