"""The card of stored facts, drawn once for each text and each hour that changes it.

The key is the stored text itself, read from the store for each request, so nothing here can be older than the store:
other facts are another text. Between two of its moments a card does not depend on the time (a property test holds it).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from core.domain.freezes import FURTHEST, spans_of
from handlers.request import Message
from handlers.views.card import card
from handlers.views.writing import Facts, instant

BEFORE = datetime(1970, 1, 1, tzinfo=UTC)
JUST_AFTER = timedelta(microseconds=1)  # what is still good at its last instant


def stored_card(text: str, now: datetime) -> Message:
    """The card of facts as they are stored. The message is shared: nobody may change its blocks."""
    moments = _moments(text)
    passed = bisect_right(moments, now)
    last = moments[passed - 1] if passed else BEFORE
    for freeze in spans_of(_rules(text), now - FURTHEST, now):
        last = max(last, *(edge for edge in (freeze.begins, freeze.ends) if edge <= now))
    return _drawn(text, last)


@lru_cache(maxsize=256)
def _drawn(text: str, at: datetime) -> Message:
    return card(json.loads(text), at)


@lru_cache(maxsize=256)
def _rules(text: str) -> tuple[Facts, ...]:
    """The freezes that come again, whose instants have no end."""
    if "FREQ=" not in text:
        return ()
    return tuple(f for f in json.loads(text).get("freezes") or () if "rule" in f)


@lru_cache(maxsize=256)
def _moments(text: str) -> tuple[datetime, ...]:
    """The instants at which the hour alone changes the card: departure, window, freezes, signatures that run out."""
    facts = json.loads(text)
    found = [instant(facts.get("departs_at")), instant(facts.get("freeze_at"))]
    closes = instant(facts.get("window_ends_at"))
    found.append(closes + JUST_AFTER if closes else None)
    for freeze in facts.get("freezes") or ():
        found += [instant(freeze.get("from")), instant(freeze.get("to"))]
    days = timedelta(days=facts.get("expire_days") or 0)
    for seat in facts.get("approvals") or ():
        given = [instant(one["at"]) for one in seat["given"]]
        found += [at + days + JUST_AFTER for at in given if at]
    return tuple(sorted(at for at in found if at is not None))
