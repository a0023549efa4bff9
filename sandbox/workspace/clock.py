"""The two clocks: transport time is real (signatures, three seconds), release time stands still until it is moved."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class TransportClock:
    """Real time, for what Slack's protocol measures; tests may push it ahead to outlive a trigger or an address."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead  # noqa: TID251 (this is the clock)

    def pass_by(self, seconds: float) -> None:
        """Let that many seconds go by at once."""
        self._ahead += seconds


def utc(moment: str | datetime) -> datetime:
    """An ISO text or a datetime as an aware moment in UTC; text without an offset is UTC."""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
