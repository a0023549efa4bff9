"""Whether what was proven of a release before it left is still proven at the moment at which its run begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.domain.gates import overriding, people, proving, shipping
from core.domain.situation import Act, Situation
from core.errors import Blocker

# Those of go's gates that are about evidence. The others are about the hour, the remote and the lock, which the run
# itself has moved by now.
_PRODUCTION: tuple[tuple[str, Callable[[Situation, Act], Iterator[Blocker]]], ...] = (
    ("approvals", people.approvals),
    ("approvals in time", people.unexpired),
    ("evidence", people.signoffs),
    ("staging runs this candidate", shipping.on_staging),
    ("the build is staging's", proving.same_build),
    ("no concern is open", people.no_concern),
)
_ELSEWHERE: tuple[tuple[str, Callable[[Situation, Act], Iterator[Blocker]]], ...] = (
    ("approvals", people.approvals),
    ("the build is known", proving.build_known),
)
_EVIDENCE = ("evidence.", "checks.")  # of the checklist only what machines or results prove; the rest people sign


@dataclass(frozen=True, slots=True)
class Proofs:
    """`held` are the things that still hold, in words; `open` what does not any more."""

    held: tuple[str, ...]
    open: tuple[Blocker, ...]

    @property
    def count(self) -> int:
        """How many things were looked at."""
        return len(self.held) + len({code_of(b) for b in self.open})


def code_of(blocker: Blocker) -> str:
    return blocker.code


def proofs(s: Situation, environment: str) -> Proofs:
    """Look at all of them again. Of an integration, which needs no approvals, nothing is looked at."""
    if environment not in ("staging", "production"):
        return Proofs((), ())
    act = Act(s.release.lead, "go" if environment == "production" else "stage")
    held, found = [], []
    for name, gate in _PRODUCTION if environment == "production" else _ELSEWHERE:
        against = [b for b in gate(s, act) if not overriding.passes(s, b)]
        if name == "evidence":
            against = [b for b in against if b.code.startswith(_EVIDENCE)]
        if against:
            found += against
        else:
            held.append(name)
    return Proofs(tuple(held), tuple(found))
