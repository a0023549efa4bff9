"""The outside world as the core sees it; implemented in `bot/integrations`, joined in `bot/app`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.domain.repository import Commit, GitOrder, GitPlan, PushResult, RemoteState


class Clock(Protocol):
    """Release time: aware UTC. Leases, pauses and signatures never use it."""

    def now(self) -> datetime: ...


class Repository(Protocol):
    """The product's git remote. Every method may take seconds and never runs inside a unit of work.

    Raises `IntegrationError("git", ..., retryable=...)` when the remote cannot be read, and `Refused` with every
    reason when a plan is impossible.
    """

    def seen(self) -> RemoteState | None:
        """The last state read, without waiting; None before the first read."""

    async def look(self, max_age: float = 60.0) -> RemoteState:
        """The remote's refs, read again when what we know is older than `max_age` seconds."""

    async def changes(self, base: str, head: str, limit: int = 2000) -> Sequence[Commit]:
        """Commits in `base..head` (SHAs), newest first, from the mirror."""

    async def contains(self, ancestor: str, descendant: str) -> bool:
        """Whether `ancestor` is reachable from `descendant`."""

    async def plan(self, order: GitOrder) -> GitPlan:
        """Make all objects in memory of the mirror; move nothing outside."""

    async def push(self, order: GitOrder, plan: GitPlan) -> PushResult:
        """Publish the plan in one atomic push, idempotently; look at the remote before and after."""
