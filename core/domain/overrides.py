"""Break-glass: two people pass one named gate, as frozen data and the rules about which gate may be passed at all.

What ships is always what was approved, built and tested on staging; who may sign is always somebody else. Those
gates are not in `PASSABLE`, and no policy can put them there. A policy can only take gates away (`[override] never`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

# By the code before the dot. What people or machines did not say in time can be passed; what is wrong cannot.
PASSABLE = frozenset(
    {"evidence", "item", "signoff", "checks", "approval", "expired", "told", "window", "freeze"}
)
# ... but for what says which content this is, and what takes a roll-back's word back.
NEVER_RULES = frozenset({"branch_created", "version_written"})
NEVER_ITEMS = ("repaired",)
DAILY = timedelta(hours=24)
Void = Literal["", "candidate", "content", "policy", "back", "hold", "moved", "ended", "shipped", "failed", "taken"]


@dataclass(frozen=True, slots=True)
class Override:
    """One gate that two people pass for exactly one content. `code` is the blocker's, `digest` what it is bound to.

    `results` are the failed results that stood behind the gate when it was asked for; any other failure makes it void.
    `void` says why it no longer holds; `used_at` when the release went to production with it. The review is due at
    `review_by`, asked for last at `asked_at`, and done when `reviewed_at` is set.
    """

    id: int
    code: str
    title: str
    reason: str
    first: str
    at: datetime
    digest: str
    candidate: str
    second: str = ""
    second_at: datetime | None = None
    void: Void = ""
    void_at: datetime | None = None
    used_at: datetime | None = None
    review_by: datetime | None = None
    asked_at: datetime | None = None
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    right: bool | None = None
    follows: str = ""
    results: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a second person can still confirm it."""
        return not self.second and not self.void

    @property
    def stands(self) -> bool:
        """Whether its gate is passed now."""
        return bool(self.second) and not self.void

    @property
    def unreviewed(self) -> bool:
        """Whether somebody still has to say what is thought of it: also of one that was void before it was used."""
        return bool(self.second) and self.reviewed_at is None

    @property
    def next_ask(self) -> datetime | None:
        """When the reviewers are asked again: when it is due, then every day."""
        if not self.unreviewed or self.review_by is None:
            return None
        if self.asked_at is None or self.asked_at < self.review_by:
            return self.review_by
        return self.asked_at + DAILY


def matches(code: str, names: Iterable[str]) -> bool:
    """Whether a code is one of the names, or of a family that is named: `approval` is every `approval.<role>`."""
    return any(code == name or code.startswith(f"{name}.") for name in names)


def passable(code: str, never: Iterable[str], rule: str = "") -> bool:
    """Whether two people may pass this gate; `rule` is the automatic rule behind an `item.<name>`."""
    family, _, tail = code.partition(".")
    if family not in PASSABLE or rule in NEVER_RULES or tail.partition(".")[0] in NEVER_ITEMS:
        return False
    return not matches(code, never)


def standing(overrides: Iterable[Override], digest: str) -> Iterator[Override]:
    """Those that hold for this content."""
    return (o for o in overrides if o.stands and o.digest == digest and digest)


def of_asker(overrides: Iterable[Override], person: str, named: str = "") -> Override | None:
    """What the person asked for and nobody has confirmed: the one that is named by number or code, else the last."""
    mine = [o for o in overrides if o.waits and o.first == person and named in ("", o.code, str(o.id))]
    return mine[-1] if mine else None


def voided(
    overrides: tuple[Override, ...], why: Void, at: datetime, ids: Collection[int] | None = None
) -> tuple[Override, ...]:
    """The same with everything void that stood or waited for a second person, or only those of `ids`."""
    gone = (o.id for o in overrides if (o.stands or o.waits) and (ids is None or o.id in ids))
    there = set(gone)
    return tuple(replace(o, void=why, void_at=at) if o.id in there else o for o in overrides)


def shipped(overrides: tuple[Override, ...], at: datetime) -> tuple[Override, ...]:
    """The same when the release goes to production: what stood was used, what waited is too late."""
    used = tuple(replace(o, used_at=at) if o.stands else o for o in overrides)
    return tuple(replace(o, void="shipped", void_at=at) if o.waits else o for o in used)
