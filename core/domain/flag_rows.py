"""The flags of a release as it remembers them: what it does to them, and what somebody has decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

What = Literal["added", "changed", "removed", "old"]


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag. `what` the release does to it; "old": it does nothing to a flag that is past its life, `why` as codes.

    `lived` and `allowed` count releases, `last` is the day on which an app asked for it last ("" never, "?" when no app
    reports), `places` are lines of the code as `path:line`, with `more` that are not named. `decided` is "keep", "on",
    "off" or "archived", by whom.
    """

    name: str
    kind: str
    what: What
    owner: str
    lived: int = 0
    allowed: int = 0
    why: tuple[str, ...] = ()
    last: str = "?"
    places: tuple[str, ...] = ()
    more: int = 0
    decided: str = ""
    by: str = ""

    @property
    def undecided(self) -> bool:
        """Whether the release does not close before somebody has said what becomes of it.

        That is asked of release flags that it brings or changes, and of each flag that is past its life; what it
        removes is decided, and ops flags are there for good.
        """
        asked = self.what == "old" or (self.kind == "release" and self.what in ("added", "changed"))
        return asked and self.kind != "ops" and not self.decided


def signed(rows: Iterable[FlagRow]) -> tuple[str, ...]:
    """What an approval is given for: each flag that the release touches, in words."""
    return tuple(sorted(f"{row.name}: {row.what}" for row in rows if row.what != "old"))
