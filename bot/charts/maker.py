"""Makes the file of a chart for an outbox row; without one the text that stands beside it is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.charts.process import Charts, NotDrawn
from bot.drawing import NotWanted
from core.domain.picture import Picture
from core.store.records import decode
from core.usecases.context import Context


@dataclass(frozen=True, slots=True)
class ChartMaker:
    """`args` of a row are {picture}, as it was when somebody asked."""

    charts: Charts

    async def __call__(self, ctx: Context, args: Mapping[str, Any]) -> bytes:
        try:
            return await self.charts.png(decode(Picture, args["picture"]))
        except NotDrawn as error:
            raise NotWanted(str(error)) from error
