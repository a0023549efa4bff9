"""A team on its first morning for one test, and one that the quiet tests of a module share."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.driver import FIX, HOTFIX, Frozen, Team, freeze, team

Begin = Callable[[Team], Awaitable[object]]
Freezes = Callable[..., Frozen]


@pytest.fixture(scope="session")
def freezes(tmp_path_factory: pytest.TempPathFactory) -> Freezes:
    """Plays a beginning once for all tests, in whatever worker, that go on from there."""
    own = tmp_path_factory.getbasetemp()
    ours = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def frozen(name: str, begin: Begin | None = None, after: Frozen | None = None) -> Frozen:
        kept = ours / f"{name}.frozen"
        with (ours / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(asyncio.run(freeze(tmp_path_factory.mktemp(name), begin, after))))
        found: Frozen = pickle.loads(kept.read_bytes())
        return found

    return frozen


@pytest.fixture(scope="session")
def morning(freezes: Freezes) -> Frozen:
    """v1.2.2 is adopted, nothing is in flight."""
    return freezes("morning")


@pytest.fixture(scope="session")
def minor_frozen(freezes: Freezes, morning: Frozen) -> Frozen:
    """v1.3.0 is in stabilization."""

    async def begin(play: Team) -> None:
        await play.says("priya", "start minor")
        await play.to_stabilization()

    return freezes("minor", begin, morning)


@pytest.fixture(scope="session")
def minor_asked(freezes: Freezes, minor_frozen: Frozen) -> Frozen:
    """v1.3.0 has its candidate, and Mira is asked to approve."""
    return freezes("asked", Team.to_preparation, minor_frozen)


@pytest.fixture(scope="session")
def minor_due(freezes: Freezes, minor_asked: Frozen) -> Frozen:
    """v1.3.0 is approved and announced, all is signed, and it is the hour at which it leaves."""

    async def begin(play: Team) -> None:
        await play.mira.clicks("Approve (last signature)", within="dm")
        await play.settles()
        await play.to_the_hour("1.3.0")

    return freezes("due", begin, minor_asked)


@pytest.fixture(scope="session")
def minor_live(freezes: Freezes, minor_due: Frozen) -> Frozen:
    """v1.3.0 is in production and verified."""
    return freezes("live", lambda play: play.ships("1.3.0"), minor_due)


@pytest.fixture(scope="session")
def hotfix_asked(freezes: Freezes, morning: Frozen) -> Frozen:
    """A hotfix of Ines, led by Priya, waits for tech lead and DevOps."""

    async def begin(play: Team) -> None:
        await play.says("priya", "start hotfix card payments time out")
        play.product.commit(f"hotfix/{HOTFIX}", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
        await play.settles()
        await play.says("theo", f"candidate {HOTFIX}")
        await play.to_preparation(HOTFIX)

    return freezes("hotfix", begin, morning)


@pytest.fixture
async def play(morning: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """Nothing is in flight."""
    async with team(tmp_path, morning) as playing:
        yield playing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(morning: Frozen, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    """One minor is in planning; for tests that leave it there. They are marked `asyncio(loop_scope="module")`."""
    async with team(tmp_path_factory.mktemp("shared"), morning) as playing:
        await playing.says("priya", "start minor")
        yield playing


@pytest.fixture
async def stabilizing(minor_frozen: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """v1.3.0 is in stabilization."""
    async with team(tmp_path, minor_frozen) as playing:
        yield playing


@pytest.fixture
async def minor(minor_asked: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """v1.3.0 waits for the product manager."""
    async with team(tmp_path, minor_asked) as playing:
        yield playing


@pytest.fixture
async def due(minor_due: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """v1.3.0 may leave now."""
    async with team(tmp_path, minor_due) as playing:
        yield playing


@pytest.fixture
async def live(minor_live: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """v1.3.0 is in production and verified."""
    async with team(tmp_path, minor_live) as playing:
        yield playing


@pytest.fixture
async def hotfix(hotfix_asked: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """A hotfix of Ines, led by Priya, waits for tech lead and DevOps."""
    async with team(tmp_path, hotfix_asked) as playing:
        yield playing
