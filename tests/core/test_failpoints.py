"""Failpoints are off unless armed, act at the visit they are armed for, and tell which were reached."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import failpoints
from core.failpoints import FailpointReached, failpoint, failpoint_sync

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def off_again() -> Iterator[None]:
    yield
    failpoints.configure({})


async def test_off_by_default() -> None:
    failpoints.configure({})
    await failpoint("unit.locked")
    failpoint_sync("migrate.between")


async def test_acts_at_its_visit_only() -> None:
    failpoints.configure({"RELEASE_BOT_FAIL": "a=error@2; b=error"})
    await failpoint("a")
    with pytest.raises(FailpointReached, match="a"):
        await failpoint("a")
    await failpoint("a")
    for _ in range(2):
        with pytest.raises(FailpointReached):
            failpoint_sync("b")
    await failpoint("c")


async def test_sleeps_without_holding_others_up() -> None:
    failpoints.configure({"RELEASE_BOT_FAIL": "commit.after:approve=sleep:0.05"})
    begun = time.monotonic()
    await asyncio.gather(*(failpoint("commit.after:approve") for _ in range(5)))
    assert 0.05 <= time.monotonic() - begun < 0.2


async def test_tells_what_was_reached(tmp_path: Path) -> None:
    trace = tmp_path / "reached"
    failpoints.configure({"RELEASE_BOT_FAIL_TRACE": str(trace)})
    for name in ("a", "b", "a"):
        await failpoint(name)
    assert trace.read_text().split() == ["a", "b"]


@pytest.mark.parametrize("wrong", ["a", "a=explode", "=kill", "a=sleep:soon", "a=kill@x"])
def test_a_wrong_setting_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"RELEASE_BOT_FAIL|float|int"):
        failpoints.configure({"RELEASE_BOT_FAIL": wrong})


def test_kill_is_a_real_one(tmp_path: Path) -> None:
    trace = tmp_path / "reached"
    program = (
        "from core import failpoints as f\n"
        f"f.configure({{'RELEASE_BOT_FAIL': 'a=kill', 'RELEASE_BOT_FAIL_TRACE': {str(trace)!r}}})\n"
        "try:\n    f.failpoint_sync('a')\nfinally:\n    print('cleaned up')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (-9, "")
    assert trace.read_text() == "a\na=kill\n"
