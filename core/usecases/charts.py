"""Bring a chart to somebody: rows of the outbox, so that it is drawn beside the answer, once, and later if need be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.domain.effects import CLICK, File
from core.domain.picture import Picture
from core.store.products import product_chain
from core.store.records import encode
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context

MAKER = "chart"  # what draws it, see `bot/charts`
FRESH = timedelta(hours=1)  # after which nobody waits for it any more


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its words: `alt` says what it shows, `title` is the file's, `text` (markup) stands above it."""

    picture: Picture
    title: str
    alt: str
    text: str = ""


async def bring(ctx: Context, ask: Ask, place: str, chart: Chart, said: Mapping[str, Any] | None = None) -> None:
    """Send the chart to a `place` (dm:<person> or channel:<id>), behind the message `said` (text and blocks).

    A lane of its own: a workspace that takes no files keeps no other message waiting.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        args = {"picture": encode(chart.picture)}
        file = File(MAKER, "metrics.png", chart.title, chart.text, chart.alt, args, optional=True)
        rows: list[tuple[str, dict[str, Any]]] = [("slack.file", {"release": 0, **file.body(place)})]
        if said is not None:
            told = {"release": 0, "place": place, "moment": "drawn", "data": dict(said), "optional": True}
            rows.insert(0, ("slack.post", told))
        for kind, body in rows:
            end = ctx.clock.now() + FRESH
            await unit.outbox(f"chart:{place}", kind, body, cause=chain, rank=CLICK, expires_at=end)
        return {"event": ask.event}

    chain = product_chain(ctx.product)
    await ctx.store.unit(work, verb="chart", key=ask.key, chains=(chain,))
