"""Whether requests should be sent here, and what a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.integrations.slack import Slack
from core.errors import Busy
from core.store.reads import Reads

SKEW_WARNS = 60.0  # seconds; at 300 every signature fails
OLD = 120.0


@dataclass(slots=True)
class Readiness:
    """For `/readyz`."""

    reads: Reads
    slack: Slack
    draining: bool = False

    async def report(self) -> tuple[bool, dict[str, Any]]:
        """Ready unless the process is stopping or its store does not answer; the rest are warnings."""
        facts: dict[str, Any] = {"draining": self.draining, "clock_skew_seconds": round(self.slack.skew, 1)}
        try:
            standing = await self.reads.standing()
        except Busy as error:
            return False, facts | {"ready": False, "store": str(error) or "no answer"}
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
