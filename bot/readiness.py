"""Whether requests should be sent here, and what a person should look at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.integrations.slack import Slack
from core.errors import Busy
from core.store.clashes import DATABASE_FAULTS, words_of
from core.store.engines import Database
from core.store.pulse import beat
from core.store.reads import Reads

SKEW_WARNS = 60.0  # seconds; at 300 every signature fails
OLD = 120.0
WRITTEN = 5.0  # seconds for which a write that was taken counts, however often somebody asks


@dataclass(slots=True)
class Readiness:
    """For `/readyz`."""

    database: Database
    reads: Reads
    slack: Slack
    draining: bool = False
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _written_until: float = 0.0  # loop time

    async def report(self) -> tuple[bool, dict[str, Any]]:
        """Ready unless the process stops, or its store gives no answer or takes no write; the rest are warnings."""
        facts: dict[str, Any] = {"draining": self.draining, "clock_skew_seconds": round(self.slack.skew, 1)}
        try:
            standing = await self.reads.standing()
            await self._write()
        except Busy as error:
            return False, facts | {"ready": False, "store": str(error)}
        except DATABASE_FAULTS as error:
            return False, facts | {"ready": False, "store": words_of(error)}
        warnings = []
        if abs(self.slack.skew) > SKEW_WARNS:
            warnings.append("this machine's clock differs from Slack's: at 300 seconds every request is refused")
        if standing.oldest > OLD:
            warnings.append("an effect has waited for a long time: is Slack or the remote reachable?")
        if standing.stuck:
            warnings.append("effects wait for a person: `release-bot outbox list`")
        ready = not self.draining
        return ready, facts | {
            "ready": ready,
            "oldest_effect_seconds": round(standing.oldest, 1),
            "stuck_effects": standing.stuck,
            "warnings": warnings,
        }

    async def _write(self) -> None:
        """Everybody may ask, so a write that was taken counts for a while."""
        async with self._one_at_a_time:
            now = asyncio.get_running_loop().time()
            if now >= self._written_until:
                await beat(self.database)
                self._written_until = now + WRITTEN
