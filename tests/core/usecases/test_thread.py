"""A card's thread names its release."""

from __future__ import annotations

from core.store import living
from core.store.unit_of_work import Unit, release_chain
from core.usecases.thread import release_of
from tests.handlers.conftest import desk  # noqa: F401  (the fixture)
from tests.handlers.desk import Desk
from tests.handlers.play import started
from tests.handlers.story import DANA


async def test_the_thread_of_a_card_is_found_and_no_other(desk: Desk) -> None:  # noqa: F811
    await started(desk)

    async def work(unit: Unit) -> None:
        number = await living.begin(unit, 1, "card", channel="C1")
        await living.posted(unit, number, channel="C1", ts="12.34")

    await desk.ctx.store.unit(work, verb="card", chains=[release_chain(1)])
    assert await release_of(desk.ctx, "C1", "12.34") == 1
    assert await release_of(desk.ctx, "C2", "12.34") is None
    assert await release_of(desk.ctx, "C1", "") is None
    shown = await desk.ask(DANA, "mention", text="why", channel="C1", thread_ts="12.34")
    assert shown.in_thread and shown.in_thread.text.startswith("v1.3.0 ")
