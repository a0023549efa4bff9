"""From commits to changes: the unit is the pull request, and a merge commit is no change of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.release import Change

_MERGED = re.compile(r"^Merge pull request #(\d+)\b")
_WITH = re.compile(r"^co-authored-by:[^<\n]*<([^<>\s]+)>\s*$", re.IGNORECASE | re.MULTILINE)
Row = Mapping[str, Any]


def fold(commits: Sequence[Row]) -> tuple[Change, ...]:
    """The changes of a range, newest first as given.

    `commits` are JSON of `core.domain.repository.Commit`. A merged pull request stands for the commits of its
    branch; of several commits with one number the newest stands for all; other merges are left out.
    """
    inside = {c["sha"]: c for c in commits}
    covered: set[str] = set()
    for commit in commits:
        if _MERGED.match(str(commit["subject"])) and len(commit.get("parents", ())) > 1:
            covered |= _branch_of(commit, inside)
    seen: set[int] = set()
    found: list[Change] = []
    for commit in commits:
        change = None if commit["sha"] in covered else _change(commit)
        if change is None or change.pull in seen:
            continue
        if change.pull is not None:
            seen.add(change.pull)
        found.append(change)
    return tuple(found)


def writers(commits: Sequence[Row]) -> dict[str, str]:
    """Who wrote in a range: each mail, small letters, with the newest of its commits.

    Every commit counts here, also those that a change stands for and merges, which may hold words of their own:
    who wrote one may not be hidden behind a colleague's merge. A squashed one names the others of its branch.
    """
    found: dict[str, str] = {}
    for commit in commits:
        for mail in (str(commit["email"]), *_WITH.findall(str(commit.get("body", "")))):
            found.setdefault(mail.casefold(), commit["sha"])
    return found


def _change(commit: Row) -> Change | None:
    pull, subject = commit.get("pull"), str(commit["subject"])
    if len(commit.get("parents", ())) > 1:
        merged = _MERGED.match(subject)
        title = str(commit.get("body", "")).strip().splitlines()[:1]
        if not merged:
            return None
        pull, subject = int(merged[1]), title[0] if title else subject
    return Change(
        commit["sha"], subject[:300], commit["author"], commit["email"], pull, str(commit.get("body", ""))[:2000]
    )


def _branch_of(merge: Row, inside: Mapping[str, Row]) -> set[str]:
    """The commits of the range that came in with this merge: reachable from its other parents, not from its first."""
    first, *others = merge["parents"]
    return _reach(others, inside) - _reach([first], inside)


def _reach(heads: Sequence[str], inside: Mapping[str, Row]) -> set[str]:
    found: set[str] = set()
    todo = [h for h in heads if h in inside]
    while todo:
        sha = todo.pop()
        if sha not in found:
            found.add(sha)
            todo += [p for p in inside[sha].get("parents", ()) if p in inside]
    return found
