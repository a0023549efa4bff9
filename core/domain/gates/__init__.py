"""Every reason a step is blocked: one function a gate, each yielding all its blockers.

`blockers` asks a row's gates and names all of them; it never stops at the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core.domain.gates import content, hours, people, scope, shipping
from core.domain.gates.people import held_now
from core.domain.lifecycle import TABLE, Row
from core.domain.situation import Act, Situation
from core.errors import Blocker

Gate = Callable[[Situation, Act], Iterator[Blocker]]


def gate(name: str) -> Gate:
    """The function of a gate that the table names. Raises LookupError for a name without a function."""
    for module in (people, content, scope, hours, shipping):
        found = getattr(module, name, None)
        if callable(found):
            return found  # type: ignore[no-any-return]
    raise LookupError(f"the table names the gate {name!r}, but there is no such function")


def blockers(row: Row, s: Situation, act: Act) -> tuple[Blocker, ...]:
    """All reasons why this event may not happen now, in the order of the gates."""
    found: list[Blocker] = []
    if (early := off_phase(row, s)) is not None:
        return (early,)
    if s.release.hold and not row.held_ok:
        found += held_now(s)
    for name in row.gates:
        found += gate(name)(s, act)
    return tuple(found)


def off_phase(row: Row, s: Situation) -> Blocker | None:
    """The reason that this is no event of the phase; None when it is one."""
    if not row.sources or s.release.phase in row.sources:
        return None
    return Blocker("phase", {"phase": s.release.phase, "event": row.event, "in": [p.value for p in row.sources]})


def gates_of(rows: Iterable[Row] = TABLE) -> tuple[str, ...]:
    """The names of all gates that the table uses, once each."""
    return tuple(dict.fromkeys(name for row in rows for name in row.gates))
