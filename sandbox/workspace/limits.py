"""Rate limits by method and by channel, as Slack's tiers have them; a scale makes the windows shorter for tests."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict, deque

WINDOW = 60.0
PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
POSTS_GAP = 1.0
POSTS_BURST = 4


class Limits:
    """Counts calls; `scale` 1 is Slack's own pace, 0.1 ten times faster, 0 none. `Retry-After` is told unscaled."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._next_post: dict[str, float] = {}

    def call(self, method: str, tier: int) -> int:
        """Count a call of a method; the answer is the seconds to wait, 0 when it may pass."""
        if self.scale <= 0:
            return 0
        now = self._now()
        calls = self._calls[method]
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        if len(calls) >= PER_MINUTE[tier]:
            return max(1, math.ceil(WINDOW - (now - calls[0])))
        calls.append(now)
        return 0

    def post(self, channel: str) -> int:
        """Count a message into a channel: one a second, with a short burst; the answer is the seconds to wait."""
        if self.scale <= 0:
            return 0
        now = self._now()
        due = max(self._next_post.get(channel, 0.0), now - POSTS_GAP * (POSTS_BURST - 1))
        if due > now:
            return max(1, math.ceil(due - now))
        self._next_post[channel] = due + POSTS_GAP
        return 0

    def _now(self) -> float:
        return asyncio.get_running_loop().time() / self.scale
