"""App Home was opened: it is drawn afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.request import Answer, Request

if TYPE_CHECKING:
    from core.usecases.context import Context


async def opened(request: Request, ctx: Context) -> Answer:
    """The edge publishes the view of `handlers/views/home.py`."""
    return Answer(home=True)
