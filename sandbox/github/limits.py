"""The two limits of GitHub's API: so many calls an hour, and a second one that comes without warning."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.github.errors import GitHubError
from sandbox.workspace.clock import TransportClock

WINDOW = 3600.0


@dataclass
class Limits:
    """`remaining` may be set by a test; `secondary` refuses that many calls, with Retry-After when one is named."""

    clock: TransportClock
    limit: int = 5000
    remaining: int = 5000
    secondary: int = 0
    retry_after: int | None = None
    _reset: float = field(default=0.0)

    @property
    def reset(self) -> float:
        """When the hour is over; then the count begins anew."""
        if self.clock.now() >= self._reset:
            fresh = self._reset != 0.0
            self._reset = self.clock.now() + WINDOW
            self.remaining = self.limit if fresh else self.remaining
        return self._reset

    def take(self) -> None:
        """Count a call. Raises GitHubError when there is none left."""
        if self.secondary > 0:
            self.secondary -= 1
            words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            told = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
            raise GitHubError(403, words, headers=told)
        _ = self.reset
        if self.remaining <= 0:
            raise GitHubError(403, "API rate limit exceeded for user ID 1.")
        self.remaining -= 1

    def give_back(self) -> None:
        """An answer that had not changed costs nothing."""
        self.remaining += 1

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.limit - self.remaining),
            "x-ratelimit-reset": str(int(self.reset)),
            "x-ratelimit-resource": "core",
        }
