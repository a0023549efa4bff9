"""What each event changes, one function per event, under the event's name."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.moves import calendar, deciding, noting, opening, recovering, scoping, shipping
from core.domain.moves.outcome import Outcome
from core.domain.situation import Act, Situation

Move = Callable[[Situation, Act], Outcome]


def move_of(event: str) -> Move:
    """The function of an event of the table. Raises LookupError when there is none."""
    for module in (opening, scoping, noting, deciding, shipping, recovering, calendar):
        found = getattr(module, event, None)
        if callable(found):
            return found  # type: ignore[no-any-return]
    raise LookupError(f"nothing says what {event!r} changes")
