"""The four families of things that can go wrong; the class docstring is the default message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why something may not happen now.

    `code` is stable ("approval.product_manager"); words for it live in `handlers/views`.
    `who` are person ids or role names (prefixed "role:") who can clear it; `since` is an
    ISO-8601 UTC instant or "" when unknown; `facts` are plain values the words need.
    `later` marks a condition that cannot be met yet because another one comes first.
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    who: tuple[str, ...] = ()
    since: str = ""
    later: bool = False


class ReleaseBotError(Exception):
    """Something went wrong."""

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.facts = facts


class Refused(ReleaseBotError):
    """A rule says no."""

    def __init__(self, blockers: Sequence[Blocker], *, asked: str = "", **facts: object) -> None:
        super().__init__("; ".join(b.code for b in blockers), **facts)
        self.blockers = tuple(blockers)
        self.asked = asked


class NotFound(ReleaseBotError):
    """There is no such thing."""


class Stale(ReleaseBotError):
    """This was about something that has moved on."""


class Busy(ReleaseBotError):
    """The store did not answer in time; nothing was recorded."""


class IntegrationError(ReleaseBotError):
    """Another system failed.

    `retryable` means the same call may work later; `doubt` means the call may have taken effect.
    """

    def __init__(
        self,
        vendor: str,
        message: str = "",
        *,
        retryable: bool,
        doubt: bool = False,
        retry_after: float = 0.0,
        **facts: object,
    ) -> None:
        super().__init__(message, **facts)
        self.vendor = vendor
        self.retryable = retryable
        self.doubt = doubt
        self.retry_after = retry_after
