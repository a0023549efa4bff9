"""A team on its first morning for one test, and one that the quiet tests of a module share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.driver import FIX, HOTFIX, Frozen, Team, freeze, team


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Team]:
    """Nothing is in flight."""
    async with team(tmp_path) as playing:
        yield playing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    """One minor is in planning; for tests that leave it there. They are marked `asyncio(loop_scope="module")`."""
    async with team(tmp_path_factory.mktemp("shared")) as playing:
        await playing.says("priya", "start minor")
        yield playing


async def _minor(play: Team) -> None:
    await play.says("priya", "start minor")
    await play.to_stabilization()
    await play.to_preparation()


async def _hotfix(play: Team) -> None:
    await play.says("priya", "start hotfix card payments time out")
    play.product.commit(f"hotfix/{HOTFIX}", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    await play.says("theo", f"candidate {HOTFIX}")
    await play.to_preparation(HOTFIX)


@pytest.fixture(scope="session")
def minor_asked(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    """Played once: v1.3.0 has its candidate, and Mira is asked to approve."""
    return asyncio.run(freeze(tmp_path_factory.mktemp("minor"), _minor))


@pytest.fixture(scope="session")
def hotfix_asked(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    """Played once: a hotfix of Ines, led by Priya, waits for tech lead and DevOps."""
    return asyncio.run(freeze(tmp_path_factory.mktemp("hotfix"), _hotfix))


@pytest.fixture
async def minor(minor_asked: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """v1.3.0 waits for the product manager."""
    async with team(tmp_path, minor_asked) as playing:
        yield playing


@pytest.fixture
async def hotfix(hotfix_asked: Frozen, tmp_path: Path) -> AsyncIterator[Team]:
    """A hotfix of Ines, led by Priya, waits for tech lead and DevOps."""
    async with team(tmp_path, hotfix_asked) as playing:
        yield playing
