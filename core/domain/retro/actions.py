"""Action items on their way: on whose checklist they stand, when they come back, what was decided about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.next_release import next_after
from core.domain.release import Phase, ProductRecord, Release
from core.domain.retrospective import ActionItem
from core.domain.situation import Situation

MOST_ENDED = 200  # done and dropped ones that the product remembers


def coming(s: Situation) -> tuple[ActionItem, ...]:
    """The open items that stand on no open release's checklist, or were kept there, and come to this one."""
    return tuple(a for a in s.product.actions if a.is_open and _is_free(a, s) and _next(a, s) == s.release.id)


def _is_free(a: ActionItem, s: Situation) -> bool:
    holds = {r.id for r in (s.release, *s.others) if r.is_open}
    return a.kept or a.on not in holds


def _next(a: ActionItem, s: Situation) -> int:
    return next_after(a.on_version or a.from_release, "", s)


def arrived(a: ActionItem, release: Release) -> ActionItem:
    """The item as it stands on the checklist of a release that it came to."""
    came = (*(v for v in a.came if v != release.version), release.version)
    return replace(a, on=release.id, on_version=release.version, came=came, kept=False, kept_by="")


def standing(product: ProductRecord, release: Release) -> tuple[ActionItem, ...]:
    """The items on a release's checklist, decided ones too, in the order of their dates."""
    return tuple(sorted((a for a in product.actions if a.on == release.id), key=lambda a: (a.due, a.id)))


def undecided(product: ProductRecord, release: Release) -> tuple[ActionItem, ...]:
    """Those of which nobody has said yet: done, kept or dropped."""
    return tuple(a for a in standing(product, release) if a.is_open and not a.kept)


def made_by(product: ProductRecord, release: Release) -> tuple[ActionItem, ...]:
    """What its own retrospective resolved."""
    return tuple(a for a in product.actions if a.from_release == release.version)


def open_of(product: ProductRecord, owner: str) -> tuple[ActionItem, ...]:
    """The open items of one person, the first due first."""
    return tuple(sorted((a for a in product.actions if a.is_open and a.owner == owner), key=lambda a: (a.due, a.id)))


def merged(known: Iterable[ActionItem], changed: Iterable[ActionItem]) -> tuple[ActionItem, ...]:
    """The product's items with those that changed or are new; of the ended ones the newest stay."""
    found = {a.id: a for a in known} | {a.id: a for a in changed}
    ended = sorted((a for a in found.values() if not a.is_open), key=lambda a: (a.ended_at is None, a.ended_at, a.id))
    for old in ended[: max(0, len(ended) - MOST_ENDED)]:
        del found[old.id]
    return tuple(found[number] for number in sorted(found))


def given_back(actions: tuple[ActionItem, ...], release: Release) -> tuple[ActionItem, ...]:
    """What stood on the checklist of a release that was cancelled never came to one."""
    if release.phase is not Phase.CANCELLED or not any(a.on == release.id for a in actions):
        return actions
    return tuple(_never_there(a, release) if a.on == release.id and a.is_open else a for a in actions)


def _never_there(a: ActionItem, release: Release) -> ActionItem:
    came = tuple(v for v in a.came if v != release.version)
    return replace(a, on=0, on_version=came[-1] if came else "", came=came, kept=False, kept_by="")


def next_number(product: ProductRecord) -> int:
    return max((a.id for a in product.actions), default=0) + 1


def late(a: ActionItem, now: datetime, zone: str) -> bool:
    """Whether its day is over in the product's zone."""
    return a.is_open and date.fromisoformat(a.due) < now.astimezone(ZoneInfo(zone)).date()


def told(a: ActionItem) -> dict[str, Any]:
    """The item as facts, messages and answers tell it."""
    return {
        "id": a.id, "text": a.text, "owner": a.owner, "due": a.due, "by": a.by, "from": a.from_release,
        "state": a.state, "on": a.on, "on_version": a.on_version, "times": len(a.came), "kept": a.kept,
        "ended_by": a.ended_by, "why": a.why,
    }  # fmt: skip


def tally(product: ProductRecord, release: Release) -> dict[str, Any]:
    """What became of the items on a release's checklist: how many there were, how many are done, which come back."""
    stood = standing(product, release)
    return {"of": len(stood), "done": sum(a.state == "done" for a in stood),
            "back": [told(a) for a in stood if a.is_open]}  # fmt: skip
