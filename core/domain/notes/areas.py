"""Which named areas of the product a range touches, by the patterns of the policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase

from core.domain.notes.model import Area, Item

MOST_PATHS = 5  # that are named of one area


def areas(
    patterns: Mapping[str, Collection[str]],
    paths: Iterable[str],
    items: Iterable[Item] = (),
    touched: Mapping[str, Collection[str]] | None = None,
) -> tuple[Area, ...]:
    """The areas with a changed path in them, in the order of the policy; `touched` says which paths a commit changed.

    A pattern is that of file names: `*` stands for any letters, slashes too.
    """
    changed, of = sorted(set(paths)), touched or {}
    found = []
    for name, wanted in patterns.items():
        inside = {path for path in changed if lies_in(path, wanted)}
        if inside:
            mine = tuple(i.id for i in items if any(lies_in(p, wanted) for sha in i.commits for p in of.get(sha, ())))
            found.append(Area(name, len(inside), tuple(sorted(inside)[:MOST_PATHS]), mine))
    return tuple(found)


def lies_in(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
