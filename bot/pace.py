"""How fast Slack may be called: slots shared by all processes through the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.errors import IntegrationError
from core.store import pace as slots
from core.store.unit_of_work import Store

LONGEST_WAIT = 3.0  # nobody sleeps longer on a lease


@dataclass(frozen=True, slots=True)
class Rate:
    """One call each `gap` seconds, after quiet `burst` at once."""

    gap: float
    burst: int = 1


POST = Rate(1.1)
UPDATE = Rate(60 / 45, 5)  # tier 3 allows about 50 a minute in the whole workspace
HISTORY = Rate(1.3, 5)
GROUPS = Rate(3.1, 5)
PEOPLE = Rate(0.7, 20)  # tier 4 allows about 100 a minute
HOME = Rate(1.0, 10)


class NoSlot(Exception):
    """The next slot is too far away; come back in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no slot for {seconds:.1f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """`scale` makes tests fast: 0 takes no slots at all."""

    store: Store
    scale: float = 1.0

    async def slot(self, key: str, rate: Rate, most: float = LONGEST_WAIT) -> None:
        """Wait for a slot, at most three seconds. Raises NoSlot when it is further away; then none is taken."""
        if self.scale == 0:
            return
        wait = await slots.reserve(self.store, key, rate.gap * self.scale, rate.burst, most=most)
        if wait > most:
            raise NoSlot(wait)
        await asyncio.sleep(wait)

    async def limited(self, key: str, error: IntegrationError) -> None:
        """Slack said 429: all processes wait."""
        if error.retry_after:
            await slots.hold_off(self.store, key, error.retry_after)
