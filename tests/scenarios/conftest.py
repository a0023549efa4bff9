"""A team on its first morning for one test, and one that the quiet tests of a module share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.driver import Team, team


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Team]:
    """Nothing is in flight."""
    async with team(tmp_path, f"sqlite:///{tmp_path / 'bot.db'}") as playing:
        yield playing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    """One minor is in planning; for tests that leave it there. They are marked `asyncio(loop_scope="module")`."""
    place = tmp_path_factory.mktemp("shared")
    async with team(place, f"sqlite:///{place / 'bot.db'}") as playing:
        await playing.says("priya", "start minor")
        yield playing
