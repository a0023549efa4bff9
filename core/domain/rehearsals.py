"""A rehearsal is a release of a shadow of the product: its own chain, versions and environments, in one channel.

The desk `shop~C1` remembers which rehearsal a channel has, and `shop~C1~2` is the shadow that its second one ships.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

MARK = "~"
REHEARSALS = "rehearsals"  # the folder of their folders
LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The newest rehearsal of a channel. Its hour is `ahead` seconds after the real one."""

    number: int
    by: str
    at: datetime
    ahead: float = 0.0
    ended: datetime | None = None

    def over(self, now: datetime) -> bool:
        """Whether it has lasted so long that it ends by itself; `now` is the real hour."""
        return self.ended is None and now - self.at >= LASTS


def desk_key(product: str, channel: str) -> str:
    """Of the record that remembers a channel's rehearsal."""
    return f"{product}{MARK}{channel}"


def shadow_key(desk: str, number: int) -> str:
    """Of the product that is released in a rehearsal."""
    return f"{desk}{MARK}{number}"


def desk_of(shadow: str) -> tuple[str, int]:
    """The desk and the number of a shadow."""
    desk, _, number = shadow.rpartition(MARK)
    return desk, int(number)


def folder_of(shadow: str) -> str:
    """The name of the folder that holds what a rehearsal made on the disk."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", shadow)


def channel_of(product: str) -> str:
    """The channel of a rehearsal; "" for the real product and for a desk."""
    parts = product.rsplit(MARK, 2)
    return parts[1] if len(parts) == 3 and parts[2].isdigit() else ""
