"""Charts: drawn in another process, the same picture by the same bytes, and none when that takes too long."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

import bot.app  # noqa: F401  (what `serve` imports)
from bot.charts.process import Charts, NotDrawn
from core.domain.picture import BARS, LINE, Panel, Picture, Series

LEAD = Series("median", (9.0, None, 6.5)), Series("p90", (None, None, 8.0))
SHIPPED = Series("worked", (1.0, None, 2.0)), Series("failed", (1.0, None, 0.0), bad=True)
PICTURE = Picture(
    "July to September 2026 · 2 releases, $1 of <them> rolled_back$",
    ("Jul", "Aug", "Sep"),
    (
        Panel("Lead time", "days", LINE, LEAD, (9, 0, 5)),
        Panel("Deployments", "", BARS, SHIPPED),
        Panel("Time to resolve", "hours", LINE, (Series("median", (None, None, None)),), (0, 0, 0)),
    ),
)


async def test_a_picture_comes_from_another_process_and_is_the_same_each_time(tmp_path: Path) -> None:
    charts = Charts(tmp_path / "charts")
    try:
        first, again = await charts.png(PICTURE), await charts.png(PICTURE)
    finally:
        await charts.close()
    assert first == again and first[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", first[16:24]) == (1000, 880)
    assert "matplotlib" not in sys.modules


async def test_a_process_that_takes_too_long_is_killed_and_the_next_picture_has_a_new_one(tmp_path: Path) -> None:
    charts = Charts(tmp_path / "charts", patience=0.01)
    with pytest.raises(NotDrawn):
        await charts.png(PICTURE)
    assert charts._process is None
    await charts.close()
