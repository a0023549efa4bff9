"""kill -9 at random moments of a promotion: the remote is as before or as after, and doing it again ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from bot.integrations.gitrepo import GitRepository
from core.domain.moves.outcome import order_json
from core.domain.repository import Promote
from sandbox.product import Product, RemoteFaults
from tests.bot.integrations.gitrepo.conftest import Yard
from tests.bot.integrations.gitrepo.promoter import promote

PROMOTER = Path(__file__).with_name("promoter.py")


@dataclass(frozen=True)
class Quiet:
    """What a promotion that nobody disturbs does: the refs before and after, and how long it takes."""

    template: Path
    order: Promote
    old: dict[str, str]
    new: dict[str, str]
    seconds: float


def yard_of(folder: Path) -> Yard:
    product = Product(folder / "asset-anchor.git")
    return Yard(folder, product, RemoteFaults(product.path))


def start(yard: Yard, order: Promote) -> subprocess.Popen[str]:
    """The promoter, ready to begin; it reaches the remote as a host would be reached, by an address."""
    given = [f"file://{yard.product.path}", str(yard.settings("victim").folder), str(yard.folder / "plan.json")]
    process = subprocess.Popen(
        [sys.executable, str(PROMOTER), *given, json.dumps(order_json(order))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[4])},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.fixture
def quiet(tmp_path: Path, stabilized_template: Path) -> Quiet:
    folder = tmp_path / "quiet"
    shutil.copytree(stabilized_template, folder)
    yard = yard_of(folder)
    order, old = yard.promotion(yard.rc2), yard.product.refs()
    process = start(yard, order)
    began = time.monotonic()
    go(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    took = time.monotonic() - began
    process.wait()
    return Quiet(stabilized_template, order, old, yard.product.refs(), took)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def offspring(pids: list[int]) -> list[int]:
    """The processes and all that they started."""
    return [*pids, *(offspring([child for pid in pids for child in children(pid)]) if pids else [])]


def threads_children(pid: int) -> list[int]:
    """What any thread of the process started."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def kill(process: subprocess.Popen[str], also_git: bool) -> None:
    """Kill the promoter, and at will the git that it runs; what the host runs for it is not ours. Wait for the rest."""
    gits = threads_children(process.pid)
    left = offspring(gits)
    process.send_signal(signal.SIGKILL)
    for pid in gits if also_git else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() and state(pid) != "Z" for pid in left))


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "something that the promoter started never ends"
        time.sleep(0.01)


async def killed_at_random(quiet: Quiet, folder: Path, dice: Random) -> str:
    """One promotion, killed once, then done again; answers where the kill found it."""
    shutil.copytree(quiet.template, folder)
    yard = yard_of(folder)
    process = await asyncio.to_thread(start, yard, quiet.order)
    go(process)
    await asyncio.sleep(dice.uniform(0, quiet.seconds * 1.1))
    await asyncio.to_thread(kill, process, dice.random() < 0.5)

    refs = yard.product.refs()
    assert refs in (quiet.old, quiet.new), "some refs are before and some after"

    planned = (folder / "plan.json").exists()
    repository = GitRepository(yard.settings("victim"))
    outcome = await promote(repository, quiet.order, folder / "plan.json")
    assert outcome == ("done" if refs == quiet.old else "already")
    assert yard.product.refs() == quiet.new
    assert await promote(repository, quiet.order, folder / "plan.json") == "already"
    yard.product.git("fsck", "--strict")
    assert not list(yard.settings("victim").path.rglob("*.lock"))
    shutil.rmtree(folder)
    return "published" if refs == quiet.new else "planned" if planned else "nothing"


async def rounds(count: int, quiet: Quiet, folder: Path, seed: int, tells: Callable[..., None]) -> None:
    dice = Random(seed)
    met: list[str] = []
    try:
        for number in range(count):
            met.append(await killed_at_random(quiet, folder / str(number), dice))
    finally:
        found = {where: met.count(where) for where in ("nothing", "planned", "published")}
        tells(seed=seed, kills=len(met), of=count, quiet_seconds=round(quiet.seconds, 2), **found)


async def test_killed_at_a_few_random_points_a_promotion_is_whole(quiet, tmp_path, dice, tells):
    await rounds(4, quiet, tmp_path, dice, tells)


@pytest.mark.torture
async def test_killed_at_fifty_random_points_a_promotion_is_whole(quiet, tmp_path, dice, tells):
    await rounds(50, quiet, tmp_path, dice, tells)
