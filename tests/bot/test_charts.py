"""Charts: drawn in another process, the same picture by the same bytes, and none when that takes too long."""

from __future__ import annotations

import struct
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import bot.app  # noqa: F401  (what `serve` imports)
from bot.charts.process import Charts, NotDrawn
from core.domain.metrics.rows import Rows
from core.domain.picture import BARS, LINE, Panel, Picture, Series
from core.store import measures
from core.store.unit_of_work import Unit
from tests.bot.conftest import Stage, Stages
from tests.handlers.measured import DAY, quarter

MONTHS = ("Jul", "Aug", "Sep")
LEAD = Series("median", (9.0, None, 6.5)), Series("p90", (None, None, 8.0))
SHIPPED = Series("worked", (1.0, None, 2.0)), Series("failed", (1.0, None, 0.0), bad=True)
PICTURE = Picture(
    "July to September 2026 · 2 releases, $1 of <them> rolled_back$",
    (
        Panel("Lead time", "days", LINE, MONTHS, LEAD, (9, 0, 5)),
        Panel("Deployments", "", BARS, MONTHS, SHIPPED),
        Panel("Time to resolve", "hours", LINE, MONTHS, (Series("median", (None, None, None)),), (0, 0, 0)),
    ),
)


async def test_a_picture_comes_from_another_process_and_is_the_same_each_time(tmp_path: Path) -> None:
    charts = Charts(tmp_path / "charts")
    try:
        first = await charts.png(PICTURE)
        idle, _ = charts._process, charts._leave()
        again = await charts.png(PICTURE)  # by another one, while the first one ends
        assert idle is not None and await idle.wait() == 0
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


async def test_the_chart_comes_by_message_and_the_numbers_at_once(stages: Stages) -> None:
    async with stages() as stage:
        app, priya = stage.app, stage.slack.person("priya")
        await measured(stage)
        await priya.types("/release metrics 2026")
        assert "1 release" in priya.private() and "The chart comes to you" in priya.private()
        await app.settle()
        (file,) = priya.dm()[-1].files
        assert file["alt_txt"].startswith("Line chart: 1 release in 2026, lead time 9 days.")
        await priya.clicks("Post it here")
        await app.settle()
        said, drawn = stage.slack.messages("releases")[-2:]
        assert "2026 so far: 1 release" in said.text and len(drawn.files) == 1
        # a workspace that takes no files has the text alone, and nobody is asked about it
        stage.slack.faults.add("files.getUploadURLExternal", "refuse", code="missing_scope")
        await priya.types("/release metrics 2026")
        await app.settle()
        assert len(priya.dm()) == 1 and await stage.stuck() == 0


async def measured(stage: Stage) -> None:
    """A deployment of yesterday, as rows of metrics of the release that is open."""
    release = (await stage.start_minor()).release
    rows, day = quarter(release), stage.clock.now() - DAY
    changes = tuple(c._replace(live_at=day) for c in rows.changes if c.release == release)
    old = Rows((replace(rows.deployments[0], finished_at=day),), changes)

    async def work(unit: Unit) -> None:
        await measures.put(unit, stage.app.ctx.product, release, Rows(), old)

    await stage.app.ctx.store.unit(work, verb="test.measures")
