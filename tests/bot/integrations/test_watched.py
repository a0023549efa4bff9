"""No port is called while locks are held, and each call has a failpoint on both sides."""

from __future__ import annotations

import pytest

from bot.integrations.watched import CalledInsideUnit, watched
from core import failpoints
from core.store.unit_of_work import Store, Unit


class Port:
    def __init__(self) -> None:
        self.calls = 0

    async def send(self, text: str) -> str:
        self.calls += 1
        return text.upper()

    def seen(self) -> int:
        return self.calls


async def test_calls_pass_through() -> None:
    port = watched(Port(), "port")
    assert await port.send("a") == "A"
    assert port.seen() == 1


async def test_a_call_inside_a_unit_is_refused(store: Store) -> None:
    real = Port()
    port = watched(real, "port")

    async def work(unit: Unit) -> None:
        await port.send("a")

    with pytest.raises(CalledInsideUnit):
        await store.unit(work, verb="wrong")
    assert real.calls == 0


@pytest.mark.parametrize(("side", "calls"), [("before", 0), ("after", 1)])
async def test_failpoints_stand_on_both_sides(side: str, calls: int) -> None:
    real = Port()
    failpoints.configure({"RELEASE_BOT_FAIL": f"call.{side}:port.send=error"})
    try:
        with pytest.raises(failpoints.FailpointReached):
            await watched(real, "port").send("a")
    finally:
        failpoints.configure({})
    assert real.calls == calls
