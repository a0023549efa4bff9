"""What a host says of one deployment of one service, in words that all hosts share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

HostState = Literal["queued", "building", "ready", "live", "failed", "cancelled", "replaced", "unknown"]


@dataclass(frozen=True, slots=True)
class Deployed:
    """`ready`: built and well, and not all of the traffic is its own yet; `share` percent are.

    `replaced`: it was live and another one is now. `detail` is the host's own word, `address` a page for people.
    `key` is ours where the host keeps it for us.
    """

    id: str
    state: HostState
    commit: str = ""
    detail: str = ""
    address: str = ""
    created_at: datetime | None = None
    live_at: datetime | None = None
    share: int = 0
    key: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ("live", "failed", "cancelled", "replaced")
