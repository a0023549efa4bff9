"""A shop's database, once for each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.databases.shops import Shop, run


@pytest.fixture
def shop(empty_url: str, tmp_path: Path) -> Shop:
    if empty_url.startswith("sqlite"):
        run(empty_url, [])
    return Shop(empty_url, tmp_path).begin()
