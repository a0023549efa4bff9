"""What a release's migrations mean to the database: the class of each, and whether the version before may run on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.domain.notes.model import Effect, Finding

# additive: more is there, or less is asked. expand-contract: what is there changes, so that it takes two releases to do
# without an interruption. destructive: data or names go. unknown: nobody can tell by reading the file.
SchemaClass = Literal["additive", "expand-contract", "destructive", "unknown"]
Verdict = Literal["yes", "no", "unknown"]
_CLASSES: tuple[tuple[SchemaClass, frozenset[Effect]], ...] = (
    ("destructive", frozenset({"takes"})),
    ("expand-contract", frozenset({"tightens", "renames", "data"})),
    ("unknown", frozenset({"unknown"})),
)
_BREAKS: dict[Effect, str] = {
    "takes": "the version before may still read what is gone",
    "renames": "the version before knows the old names only",
    "tightens": "what the version before writes may be refused",
}
_DOUBTS: dict[Effect, str] = {
    "data": "it changes data, and nobody can tell whether the version before understands it",
    "unknown": "nobody can tell from the file what it does",
}


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration of a release. `reversible`: a way down is written; None where nobody has looked."""

    path: str
    what: str
    kind: SchemaClass
    reversible: bool | None
    effects: tuple[Effect, ...] = ()

    def body(self) -> dict[str, Any]:
        return {"path": self.path, "what": self.what, "class": self.kind, "reversible": self.reversible}


@dataclass(frozen=True, slots=True)
class Back:
    """Whether the version before may run on the new schema; `reasons` are (path, why), for "yes" a single one."""

    verdict: Verdict
    reasons: tuple[tuple[str, str], ...]


def migrations_of(findings: Iterable[Finding]) -> tuple[Migration, ...]:
    """The migrations among what a difference shows, in its order."""
    return tuple(
        Migration(f.path, f.what, class_of(f), f.reversible, f.effects) for f in findings if f.kind == "migration"
    )


def class_of(finding: Finding) -> SchemaClass:
    """The gravest that it does. One that was read before effects were kept is destructive when it takes something."""
    if not finding.effects:
        return "destructive" if finding.removed else "additive" if finding.reversible is not None else "unknown"
    for kind, effects in _CLASSES:
        if effects & set(finding.effects):
            return kind
    return "additive"


def compatible_back(migrations: Iterable[Migration]) -> Back:
    """May the version before run on the schema that these migrations make? Every reason that speaks against it."""
    known = tuple(migrations)
    if not known:
        return Back("yes", (("", "this release has no migrations"),))
    against = _reasons(known, _BREAKS)
    doubts = _reasons(known, _DOUBTS)
    doubts += tuple((m.path, _DOUBTS["unknown"]) for m in known if m.kind == "unknown" and not m.effects)
    if against or any(m.kind == "destructive" for m in known):
        taken = tuple((m.path, _BREAKS["takes"]) for m in known if m.kind == "destructive" and not m.effects)
        return Back("no", against + taken)
    if doubts:
        return Back("unknown", doubts)
    return Back("yes", (("", "they only add to it"),))


def _reasons(known: Iterable[Migration], words: dict[Effect, str]) -> tuple[tuple[str, str], ...]:
    return tuple((m.path, why) for m in known for effect, why in words.items() if effect in m.effects)


def can_go_down(migrations: Iterable[Migration]) -> bool | None:
    """Whether each of them has a way down; None where nobody has looked at one."""
    told = [m.reversible for m in migrations]
    return False if False in told else None if None in told else True
