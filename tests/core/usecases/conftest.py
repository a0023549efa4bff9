"""A whole team for the use cases that need a real remote and a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.driver import Team, team


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Team]:
    async with team(tmp_path) as playing:
        yield playing
